"""The live commands, as users run them, against the server: real login, real TLS, real SDK."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.arm.access import READER, Access
from tests.arm.faults import waits
from tests.arm.fixtures import estate_of
from tests.arm.server import ArmServer

HUB = "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
SPOKE = "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"
WRONG = "planted-wrong-secret"
ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


def words(arm: ArmServer, *arguments: str | Path) -> list[str]:
    """The command line of a live command."""
    login = ["--auth", "environment", "--cloud", str(arm.cloud_file)]
    return [sys.executable, "-m", "auditor", *map(str, arguments), *login]


@pytest.fixture
def run(arm: ArmServer, tmp_path: Path) -> Run:
    """Runs a live command against the server in an empty folder."""

    def call(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words(arm, *arguments),
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return call


class AllBut(Access):
    """Lets the login read everything but one type."""

    def __init__(self, kind: str) -> None:
        super().__init__({"": READER})
        self._denied = f"{kind}/read"

    def may(self, action: str, scope: str) -> bool:
        """See Access."""
        return action.lower() != self._denied and super().may(action, scope)


def told(report: str, *parts: str) -> Any:
    """Those parts of a JSON report that say what was found."""
    value = json.loads(report)
    return [value[part] for part in parts or ("clusters", "findings")]


def test_scan_equals_the_example(arm: ArmServer, run: Run, tmp_path: Path) -> None:
    """A live scan finds what a scan of the same documents finds; what it keeps gives the same again."""
    from auditor.audit import check, load_policy, load_snapshot, render
    from auditor.resources import examples

    arm.estate = estate_of("locked-down")
    done = run("scan", "--subscription", SPOKE, "--save-snapshot", "kept", "--format", "json")
    assert done.returncode == 0
    report = json.loads(done.stdout)
    assert report["snapshot"]["sources"] == [f"subscription {SPOKE}"]
    assert "reads complete" in done.stderr
    for source in (examples() / "locked-down", tmp_path / "kept"):
        again = render(check(load_snapshot(source), load_policy()), "json")
        assert told(again) == told(done.stdout)


def test_a_denied_essential_read_never_passes(arm: ArmServer, run: Run, tmp_path: Path) -> None:
    """What may not be read is named, and neither command ends with 0; the snapshot is written all the same."""
    arm.estate = estate_of("locked-down")
    arm.manager.access = AllBut("microsoft.network/routetables")
    done = run("collect", "--subscription", SPOKE, "--output-dir", "kept")
    assert done.returncode == 3
    assert "essential Microsoft.Network/routeTables: " in done.stdout
    assert "denied" in done.stdout
    assert (tmp_path / "kept" / "resources.jsonl").is_file()
    done = run("scan", "--subscription", SPOKE, "--fail-on", "never")
    assert done.returncode == 3
    assert "something essential was not read" in done.stderr


def test_another_teams_snapshot_makes_it_good(arm: ArmServer, run: Run) -> None:
    """Who may not read the hub unites a snapshot of the hub with the live spoke."""
    arm.estate = estate_of("locked-down")
    assert run("collect", "--subscription", HUB, "--output-dir", "hub", "--quiet").returncode == 0
    arm.manager.access = Access({f"/subscriptions/{SPOKE}": READER})
    assert run("scan", "--subscription", SPOKE, "--quiet").returncode == 3
    done = run("scan", "--subscription", SPOKE, "--snapshot", "hub", "--format", "json", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["snapshot"]["sources"] == [f"subscription {SPOKE}", "hub"]


def test_of_two_subscriptions_one_is_not_seen(arm: ArmServer, run: Run) -> None:
    """One that the login has no role on leaves the other to be answered, and the audit incomplete (ARM-21, ARM-24)."""
    arm.estate = estate_of("virtual-wan")
    hub, spoke = ("8ae5d170-42b9-4f63-8d0c-1b97f3c6e842", "d0936b4e-af15-47c8-9e72-6c5b18d3f097")
    arm.estate.put({"id": f"/subscriptions/{SPOKE}", "subscriptionId": SPOKE, "displayName": "Other"})
    arm.manager.access = Access({f"/subscriptions/{key}": READER for key in (hub, spoke)})
    whole = run("scan", "--subscription", hub, "--subscription", spoke, "--format", "json", "--quiet")
    assert whole.returncode == 0
    names = [word for key in (hub, SPOKE, spoke) for word in ("--subscription", key)]
    done = run("scan", *names, "--format", "json")
    assert done.returncode == 3
    assert "something essential was not read" in done.stderr
    assert told(done.stdout, "clusters") == told(whole.stdout, "clusters")
    reads = json.loads(done.stdout)["coverage"]["reads"]
    denied = {read["scope"] for read in reads if read["kind"].endswith("/managedClusters") and read["error"]}
    assert denied == {f"/subscriptions/{SPOKE}"}
    assert run("doctor", *names[2:]).returncode == 3
    done = run("scan", "--subscription", SPOKE)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"sees no subscription '{SPOKE}'" in done.stderr


def test_interrupted_and_resumed(arm: ArmServer, run: Run, tmp_path: Path) -> None:
    """Ctrl-C ends with 130 at once, whatever is under way; the snapshot says what it lacks, --resume reads the rest."""
    collect = ("collect", "--subscription", SPOKE, "--output-dir", "kept")
    slow = arm.faults.add(waits(120.0), where="routetables")
    process = subprocess.Popen(
        words(arm, *collect, "--verbose"),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    lines = [next(process.stderr)]
    while "lists: 1" not in lines[-1]:  # nearly all lists are there, one does not come
        lines.append(next(process.stderr))
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)  # half of what the one list takes
    assert process.returncode == 130
    assert "--resume goes on" in errors
    assert "Traceback" not in errors
    assert "failed" in output
    slow.times = 0
    assert run(*collect).returncode == 2
    before = sum(arm.calls.values())
    done = run(*collect, "--resume")
    assert done.returncode == 0
    assert 0 < sum(arm.calls.values()) - before < 40
    assert "0 failed" not in done.stdout


def test_trace(run: Run) -> None:
    """Single questions are answered live, too; progress is lines where no terminal is and they are asked for."""
    done = run("trace", "--subscription", "Example 2", "--to", "8.8.8.8:53/udp", "--pool", "sys", "--verbose")
    assert done.returncode == 0
    assert "8.8.8.8:53/udp" in done.stdout
    assert "egress-audit: lists: 0 of " in done.stderr


def test_errors_name_the_next_step(arm: ArmServer, run: Run) -> None:
    """No login, an unknown subscription, a name that two have: one line each, which says what to do."""
    done = run("scan", "--subscription", SPOKE, AZURE_CLIENT_SECRET=WRONG)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "AZURE_CLIENT_SECRET" in done.stderr
    assert WRONG not in done.stderr
    done = run("collect", "--subscription", "nowhere", "--output-dir", "new")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "'nowhere'" in done.stderr
    assert "Example 1" in done.stderr
    done = run("scan", "--subscription", SPOKE, "--cluster", "elsewhere", "--quiet")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"no cluster is called 'elsewhere' in subscription {SPOKE}" in done.stderr
    for key in (HUB, SPOKE):
        arm.estate.put({"id": f"/subscriptions/{key}", "subscriptionId": key, "displayName": "same"})
    done = run("scan", "--subscription", "Same")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert HUB in done.stderr
    assert SPOKE in done.stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (
            ("collect", "--output-dir", "kept", "--cluster", "nope"),
            "--cluster: no cluster is called 'nope' in subscription",
        ),
        (
            ("scan", "--allow-empty", "--resource-group", "nope"),
            "--resource-group: no AKS cluster is in resource group 'nope' of subscription",
        ),
        (
            ("trace", "--to", "8.8.8.8:53/udp", "--resource-group", "rg-hub", "--cluster", "aks-payments"),
            "--cluster: no cluster is called 'aks-payments' in resource group 'rg-hub' of subscription",
        ),
    ],
)
def test_a_misspelt_name_is_no_empty_estate(run: Run, command: tuple[str, ...], said: str) -> None:
    """Where everything was read and no cluster is what was named, the name is wrong: one line says which."""
    done = run(*command, "--subscription", SPOKE)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_bars_on_a_terminal(arm: ArmServer, tmp_path: Path) -> None:
    """On a terminal each phase has a bar, which is gone at the end; results are untouched by it."""
    ours, theirs = pty.openpty()
    with os.fdopen(ours, "rb", buffering=0) as screen:
        process = subprocess.Popen(
            words(arm, "collect", "--subscription", SPOKE, "--output-dir", "kept"),
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm"},
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = screen.read(4096)
            except OSError:  # the other end is closed
                break
            if not part:
                break
            shown += part
        assert process.stdout is not None
        output = process.stdout.read()
        process.stdout.close()
        assert process.wait(timeout=60) == 0
    assert b"lists" in shown
    assert b"references" in shown
    assert b"reads complete" in output
    assert b"\x1b" not in output
