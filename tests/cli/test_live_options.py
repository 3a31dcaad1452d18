"""Options about a live Azure, as far as they work without one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.cli.az_profile import default_subscription
from auditor.cli.live_options import _THREADS, AUTH
from auditor.cli.sources import forms

Run = Callable[..., subprocess.CompletedProcess[str]]
MINE = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def az(tmp_path: Path) -> Callable[[bytes], str]:
    """Writes a profile as the Azure CLI does, and gives its folder."""

    def write(data: bytes) -> str:
        folder = tmp_path / "azure"
        folder.mkdir(exist_ok=True)
        (folder / "azureProfile.json").write_bytes(data)
        return str(folder)

    return write


def profile(name: str = "payments-prod") -> bytes:
    rows = [
        {"id": "99999999-2222-4333-8444-555555555555", "name": "hub", "isDefault": False},
        {"id": MINE, "name": name, "isDefault": True},
    ]
    return b"\xef\xbb\xbf" + json.dumps({"installationId": "x", "subscriptions": rows}).encode()


def test_forms_name_the_subscription_that_az_uses(run: Run, az: Callable[[bytes], str]) -> None:
    """Without a source nothing is taken for granted, but what az uses by default is named, ready to paste."""
    done = run("scan", AZURE_CONFIG_DIR=az(profile()))
    assert (done.returncode, done.stdout) == (2, "")
    assert f'az uses "payments-prod", {MINE}' in done.stderr
    assert f"egress-audit scan --subscription {MINE}" in done.stderr


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe{",
        b"[]",
        b"{",
        b'{"subscriptions": 5}',
        b'{"subscriptions": [5, {"id": 1}]}',
        b"[" * 9999,
    ],
)
def test_a_broken_profile_is_no_error(
    az: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch, data: bytes
) -> None:
    """A profile that cannot be read names nothing, and the forms are printed all the same."""
    monkeypatch.setenv("AZURE_CONFIG_DIR", az(data))
    assert default_subscription() is None
    assert "--subscription ID|NAME" in forms("scan")
    assert "az uses" not in forms("scan")


def test_no_profile_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Who never used the Azure CLI has no profile, and perhaps no home."""
    monkeypatch.setenv("AZURE_CONFIG_DIR", str(tmp_path / "nowhere"))
    assert default_subscription() is None
    monkeypatch.delenv("AZURE_CONFIG_DIR")
    monkeypatch.setenv("HOME", str(tmp_path / "nobody"))
    assert default_subscription() is None


def test_hostile_names_in_the_profile(run: Run, az: Callable[[bytes], str]) -> None:
    """A name that came from Azure cannot act on the terminal."""
    done = run("scan", AZURE_CONFIG_DIR=az(profile("x\x1b[2J\u202e\ny")))
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr
    assert "x\\u001b[2J\\u202e\\u000ay" in done.stderr


def test_completion(run: Run, az: Callable[[bytes], str]) -> None:
    """Subscriptions complete by name and by id, clouds and logins by their words."""
    folder = az(profile())

    def complete(words: str) -> list[str]:
        asked = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        done = run(_EGRESS_AUDIT_COMPLETE="bash_complete", AZURE_CONFIG_DIR=folder, **asked)
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert complete("egress-audit scan --subscription pay") == ["payments-prod"]
    assert complete("egress-audit collect --subscription 1111") == [MINE]
    assert complete("egress-audit doctor --cloud us") == ["usgov"]
    assert complete("egress-audit trace --auth dev") == ["device-code"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["collect"], "--output-dir"),
        (["collect", "--output-dir", "new"], "name a subscription with --subscription"),
        (["collect", "--output-dir", "full", "--subscription", "x"], "not empty"),
        (["scan", "--save-snapshot", "full", "--subscription", "x"], "not empty"),
        (["scan", "--save-snapshot", "file", "--subscription", "x"], "is a file"),
        (["scan", "--subscription", "x", "--cloud", "moon"], "public"),
        (["scan", "--subscription", "x", "--cloud", "file"], "file:1:1"),
        (["doctor", "--all-subscriptions", "--subscription", "x"], "contradicts"),
        (["scan", "--subscription", "x", "--example", "nowhere"], "nowhere"),
    ],
)
def test_refused_before_any_login(run: Run, tmp_path: Path, words: list[str], said: str) -> None:
    """What cannot work is said at once, in one line, before anything is asked of Azure."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("egress-audit: ")
    assert done.stderr.count("\n") == 1
    assert said in done.stderr


def test_without_the_sdk() -> None:
    """An install that lacks the Azure SDK says so, and how to mend it."""
    code = (
        "import sys\nsys.modules['azure'] = None\nfrom auditor.cli import main\n"
        "main(['scan', '--subscription', 'x'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("egress-audit: reading a live Azure needs the Azure SDK")
    assert "pip install" in done.stderr


def test_options_say_what_the_collector_does() -> None:
    """The choices and the default of the help page, which imports no SDK, are those of the collector."""
    from auditor.collectors.azure.login import WAYS
    from auditor.collectors.azure.pace import Pace

    assert AUTH == WAYS
    assert Pace().threads == _THREADS
