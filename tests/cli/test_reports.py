"""Reports from the command: several at once, whole or not at all, and SARIF of complete audits only."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor.cli.output import REPORT_FORMATS

Run = Callable[..., subprocess.CompletedProcess[str]]

EVERY = [word for style in REPORT_FORMATS for word in ("--report", f"{style}=out.{style}")]


def files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_every_format_at_once_and_the_same_each_time(run: Run, tmp_path: Path) -> None:
    """One run writes all formats; another, with other hash seeds, writes the same bytes."""
    words = ["scan", "--example", "broken", "--allow-incomplete", *EVERY]
    first = run(*words, PYTHONHASHSEED="1")
    written = files(tmp_path)
    assert (first.returncode, first.stderr) == (1, "")
    assert set(written) == {f"out.{style}" for style in REPORT_FORMATS}
    assert min(map(len, written.values())) > 1000
    assert run(*words, PYTHONHASHSEED="2").stdout == first.stdout
    assert files(tmp_path) == written


def test_stdout_has_what_a_file_has(run: Run, tmp_path: Path) -> None:
    """`--format` prints what `--report` writes, line ends apart, which the pipe here reads as text."""
    done = run("scan", "--example", "open", "--format", "csv", "--report", "csv=out")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.encode() == (tmp_path / "out").read_bytes().replace(b"\r\n", b"\n")


def test_sarif_of_an_incomplete_audit_is_refused(run: Run, tmp_path: Path) -> None:
    """No SARIF file is written or replaced, all else is, and the code is 3; `--allow-incomplete` writes it."""
    old = tmp_path / "old.sarif"
    old.write_text("old", encoding="utf-8")
    words = ["scan", "--example", "broken", "--report", "csv=out.csv", "--report", "sarif=old.sarif"]
    done = run(*words)
    assert done.returncode == 3
    assert done.stdout.startswith("aks-payments")
    refusal = [line for line in done.stderr.splitlines() if "old.sarif" in line]
    assert len(refusal) == 1
    assert "--allow-incomplete" in refusal[0]
    assert old.read_text("utf-8") == "old"
    assert set(files(tmp_path)) == {"old.sarif", "out.csv"}

    done = run("scan", "--example", "broken", "--format", "sarif", "--output", "new.sarif", "--quiet")
    assert (done.returncode, done.stdout, (tmp_path / "new.sarif").exists()) == (3, "", False)
    assert "new.sarif: not written" in done.stderr

    assert run(*words, "--allow-incomplete").returncode == 1
    (told,) = json.loads(old.read_text("utf-8"))["runs"]
    assert told["invocations"][0]["executionSuccessful"] is False


def test_sarif_options(run: Run) -> None:
    """The run speaks for what was asked for; results point at the anchor; a file elsewhere is no anchor."""
    anchor = ["--sarif-anchor", "infra/aks main.tf"]
    done = run("scan", "--example", "open", "--cluster", "aks-web", "--format", "sarif", *anchor)
    log = json.loads(done.stdout)["runs"][0]
    assert log["automationDetails"]["id"] == "egress-audit/open/aks-web/"
    uris = {
        result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in log["results"]
    }
    assert uris == {"infra/aks%20main.tf"}
    done = run("scan", "--example", "open", "--sarif-anchor", "../main.tf")
    assert (done.returncode, done.stdout) == (2, "")
    assert "below the working folder" in done.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full is missing")
def test_a_full_device_leaves_every_file_as_it_was(run: Run, tmp_path: Path) -> None:
    """When one report finds no room, none is replaced and nothing is left beside them."""
    (tmp_path / "out.csv").write_text("old", encoding="utf-8")
    done = run("scan", "--example", "open", "--report", "csv=out.csv", "--report", "junit=/dev/full")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "egress-audit: /dev/full: cannot be written: No space left on device\n"
    assert files(tmp_path) == {"out.csv": b"old"}


def test_a_full_folder_leaves_every_file_as_it_was(cramped: Run, tmp_path: Path) -> None:
    """The same where a small report has room and a large one is cut off in the middle."""
    (tmp_path / "a.md").write_text("old", encoding="utf-8")
    done = cramped("scan", "--example", "open", "--report", "markdown=a.md", "--report", "csv=b.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "egress-audit: b.csv: cannot be written: File too large\n"
    assert files(tmp_path) == {"a.md": b"old"}


def test_a_missing_folder(run: Run, tmp_path: Path) -> None:
    """It is refused before anything is audited, and no other report is written."""
    done = run("scan", "--example", "open", "--report", "csv=out.csv", "--report", "sarif=no/such/out.sarif")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no/such/out.sarif" in done.stderr
    assert files(tmp_path) == {}
