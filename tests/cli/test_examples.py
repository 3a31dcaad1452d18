"""The bundled examples, from the command to the exit code."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from auditor import resources

Run = Callable[..., subprocess.CompletedProcess[str]]


def schema(name: str) -> Draft202012Validator:
    text = (resources.reports() / "schemas" / f"{name}.schema.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


@pytest.mark.parametrize(
    ("example", "code"), [("locked-down", 0), ("virtual-wan", 0), ("broken", 1), ("open", 1)]
)
def test_scan(run: Run, example: str, code: int) -> None:
    """Each example ends with its code; table and JSON come from one run, and the JSON keeps its schema."""
    done = run("scan", "--example", example, "--report", "json=report.json", "--width", "100")
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    wide = [
        line for line in done.stdout.splitlines() if len(line) > 100 and not line.lstrip().startswith("az ")
    ]
    assert wide == []


def test_scan_json(run: Run, tmp_path: Path) -> None:
    """The JSON is valid, the same each time, and the same on stdout and in a file."""
    first = run("scan", "--example", "broken", "--format", "json")
    second = run("scan", "--example", "broken", "--format", "json", "--output", "out.json")
    assert (second.returncode, second.stdout) == (1, "")
    text = (tmp_path / "out.json").read_text("utf-8")
    assert text == first.stdout
    schema("scan-v1").validate(json.loads(text))
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_fail_on_never_still_tells_what_is_incomplete(run: Run) -> None:
    """`--fail-on never` removes exit code 1 only."""
    assert run("scan", "--example", "broken", "--fail-on", "never", "--allow-incomplete").returncode == 0
    assert run("scan", "--example", "locked-down", "--fail-on", "never").returncode == 0


def test_no_cluster(run: Run, tmp_path: Path) -> None:
    """A snapshot without a cluster is an incomplete audit unless that is accepted."""
    network = {
        "id": "/subscriptions/a/resourceGroups/b/providers/Microsoft.Network/virtualNetworks/c",
        "type": "Microsoft.Network/virtualNetworks",
        "properties": {},
    }
    (tmp_path / "net.json").write_text(json.dumps(network), encoding="utf-8")
    done = run("scan", "--snapshot", "net.json")
    assert done.returncode == 3
    assert "No AKS cluster found" in done.stdout
    assert "--allow-empty" in done.stderr
    assert run("scan", "--snapshot", "net.json", "--allow-empty").returncode == 0


def test_trace(run: Run) -> None:
    """Questions from options and a file are answered in the order asked."""
    words = ("trace", "--example", "broken", "--pool", "sys", "--to", "mcr.microsoft.com:443/https")
    done = run(*words, "--to-file", "-", "--format", "json", stdin="management.azure.com:443/https # ARM\n")
    document = json.loads(done.stdout)
    schema("trace-v1").validate(document)
    answers = [(item["to"], item["pool"], item["verdict"]) for item in document["traces"]]
    assert answers == [
        ("mcr.microsoft.com:443/https", "sys", "allowed"),
        ("management.azure.com:443/https", "sys", "blocked"),
    ]
    assert done.returncode == 0
    table = run(*words)
    assert table.returncode == 0
    assert table.stdout.startswith("allowed  mcr.microsoft.com:443/https")


def test_verbose_adds_path_and_assumptions(run: Run) -> None:
    """`-v` shows the path hop by hop and what is assumed."""
    plain, verbose = (run("scan", "--example", "broken", *more).stdout for more in ((), ("-v",)))
    assert "path     1. " not in plain
    assert "path     1. " in verbose
    assert "Assumed:" in verbose


def test_color(run: Run) -> None:
    """No colour without a terminal; `always` colours all the same."""
    assert "\x1b" not in run("scan", "--example", "open").stdout
    assert "\x1b[1;31merror" in run("scan", "--example", "open", "--color", "always").stdout


def test_columns(run: Run) -> None:
    """A width in the environment is honoured, down to forty columns."""
    done = run("scan", "--example", "open", COLUMNS="40")
    assert max(len(line) for line in done.stdout.splitlines() if not line.lstrip().startswith("az ")) <= 40


def test_quiet(run: Run) -> None:
    """Nothing is said on stderr where nobody wants to hear it."""
    assert run("scan", "--example", "locked-down", "--quiet").stderr == ""


def test_a_reader_that_goes_away(piped: Callable[[str], str]) -> None:
    """`| head` gets no complaint from us."""
    text = piped("baseline show aks-2026-06-18 2>err | head -n 1; cat err")
    assert text.startswith("aks-2026-06-18: ")
    assert text.count("\n") == 1


def test_trace_of_a_list(run: Run, tmp_path: Path) -> None:
    """A file may hold what people paste: comments, blank lines, repeats, Windows line ends; nobody's bar on a pipe."""
    lines = ("# wanted", "", "8.8.8.8:22/tcp  # ssh", "*.blob.core.windows.net:443/https", "8.8.8.8:22/tcp")
    (tmp_path / "list.txt").write_bytes("\r\n".join(lines).encode())
    words = ("trace", "--example", "locked-down", "--pool", "sys", "--to-file", "list.txt")
    done = run(*words, "--format", "json")
    traces = json.loads(done.stdout)["traces"]
    assert [item["to"] for item in traces] == [
        "8.8.8.8:22/tcp",
        "*.blob.core.windows.net:443/https",
        "8.8.8.8:22/tcp",
    ]
    assert traces[0] == traces[2]
    assert (done.returncode, done.stderr) == (3, "")
    assert run(*words).stdout.count("8.8.8.8:22/tcp   from pool") == 2


def test_trace_explains(run: Run) -> None:
    """The JSON tells all that stops an answer, what an unknown lacks, and how to confirm either."""
    words = ("trace", "--example", "broken", "--pool", "sys", "--format", "json")
    done = run(*words, "--to", "8.8.8.8/icmp", "--to", "*.blob.core.windows.net:443/https")
    document = json.loads(done.stdout)
    schema("trace-v1").validate(document)
    blocked, unknown = document["traces"]
    (piece,) = blocked["pieces"]
    stages = [(hop["stage"], hop["outcome"], hop["sufficient"]) for hop in piece["blockers"]]
    assert stages == [("firewall", "deny", True), ("exit", "drop", True)]
    assert (piece["witness"], blocked["supply"], blocked["confirm"][0]) == (
        "8.8.8.8/icmp",
        [],
        "ping -c 3 -W 5 8.8.8.8",
    )
    (missing,) = unknown["supply"]
    assert missing.startswith("fqdn-address-unknown: ")
    assert "--addresses FILE" in missing


def test_private_destinations_count_when_asked(run: Run) -> None:
    """`--private` adds what leaves to other networks, without the cluster's own nodes and without bypasses."""
    done = run("scan", "--example", "locked-down", "--private", "--format", "json", "--fail-on", "never")
    findings = json.loads(done.stdout)["findings"]
    failed = [item for item in findings if item["status"] == "fail"]
    assert not [item for item in failed if item["rule"] == "firewall-bypassed"]
    excess = [item for item in failed if item["rule"] == "excess-egress"]
    assert any("AllowHubOutBound" in item["message"] for item in excess)
    (cluster,) = json.loads(done.stdout)["clusters"]
    assert all("10.20.0.0/22" not in item["destination"] for item in cluster["excess"])
