"""The shell of the CI kit, run as its platforms run it, with the real command and a bundled estate."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.ci.kit import ACTION, GITLAB, ROOT, azure_step, load, step

AUDIT = step("Audit")
END = step("End as the audit did")


class Done(NamedTuple):
    """What a step left."""

    code: int
    text: str
    outputs: dict[str, str]
    summary: str
    folder: Path


@pytest.fixture
def tool(tmp_path: Path) -> Path:
    """The command, where the platforms would have installed it."""
    path = tmp_path / "tool" / "bin" / "egress-audit"
    path.parent.mkdir(parents=True)
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m auditor "$@"\n', "utf-8")
    path.chmod(0o755)
    return path


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    return kept | {"PYTHONPATH": str(ROOT)} | more


def github(tool: Path, **inputs: str) -> Done:
    """The action's audit, with its own defaults for what is not given."""
    home = tool.parents[2]
    defaults = {name: entry["default"] for name, entry in load(ACTION)["inputs"].items()}
    values = {
        name: (defaults | {key.replace("_", "-"): text for key, text in inputs.items()})[
            text.removeprefix("${{ inputs.").removesuffix(" }}")
        ]
        for name, text in AUDIT["env"].items()
        if text.startswith("${{ inputs.")
    }
    files = {name: str(home / name.lower()) for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
    for file in files.values():
        Path(file).write_text("", "utf-8")
    done = bash(
        AUDIT["run"], home, environment(**values, **files, TOOL=str(tool), FOLDER=str(home / "reports"))
    )
    lines = Path(files["GITHUB_OUTPUT"]).read_text("utf-8").splitlines()
    outputs = dict(line.split("=", 1) for line in lines)
    summary = Path(files["GITHUB_STEP_SUMMARY"]).read_text("utf-8")
    return Done(done.returncode, done.stdout + done.stderr, outputs, summary, home / "reports")


def bash(script: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script]
    return subprocess.run(
        words, cwd=folder, env=env, capture_output=True, text=True, timeout=120, check=False
    )


def test_action_of_a_complete_audit(tool: Path) -> None:
    """Findings: the step itself goes on, so that alerts are uploaded; the last step ends as the audit did."""
    done = github(tool, example="open\n\n", cluster="aks-web", history="sqlite:///runs.db")
    assert done.code == 0, done.text
    assert done.outputs == {
        "exit-code": "1",
        "folder": str(done.folder),
        "sarif": str(done.folder / "egress-audit.sarif"),
    }
    sarif = json.loads((done.folder / "egress-audit.sarif").read_text("utf-8"))
    assert sarif["runs"][0]["automationDetails"]["id"].endswith("/")
    assert done.summary == (done.folder / "summary.md").read_text("utf-8")
    assert done.summary.startswith("## Egress audit")
    assert json.loads((done.folder / "egress-audit.json").read_text("utf-8"))["version"] == 1
    assert (done.folder / "egress-audit.html").read_text("utf-8").startswith("<!DOCTYPE html>")
    assert "aks-web" in done.text
    stopped, *_, resumed = [line for line in done.text.splitlines() if line.startswith("::")]
    assert resumed == f"::{stopped.removeprefix('::stop-commands::')}::"
    again = github(tool, example="open", history="sqlite:///runs.db", store="false", new_only="true")
    assert again.outputs["exit-code"] == "0"
    assert "compared; since run 1" in again.text


def test_action_of_an_incomplete_audit(tool: Path) -> None:
    """Nothing is uploaded for code scanning, unless that is accepted; the summary is there all the same."""
    done = github(tool, example="broken")
    assert done.code == 0, done.text
    assert done.outputs == {"exit-code": "3", "folder": str(done.folder)}
    assert "incomplete" in done.summary
    accepted = github(
        tool, example="broken", allow_incomplete="true", fail_on="never", options="--limit\r\n0\n"
    )
    assert accepted.outputs["exit-code"] == "0"
    assert "sarif" in accepted.outputs


@pytest.mark.parametrize(
    "text", ["$(touch pwned)", '"; touch pwned; "', "`touch pwned`", "'\ntouch pwned", "-h; touch pwned"]
)
def test_action_runs_nothing_that_a_user_writes(tool: Path, text: str) -> None:
    """Shell in an input is a name that does not exist; the audit ends with 2 and nothing else happens."""
    done = github(tool, snapshot=text, policy=text, options="--threads\n1\n", fail_on="error")
    assert done.outputs["exit-code"] == "2"
    assert not list(tool.parents[2].rglob("pwned"))


@pytest.mark.parametrize(
    ("code", "word"), [(0, ""), (1, "found problems"), (2, "could not"), (3, "incomplete"), (4, "could not")]
)
def test_action_ends_as_the_audit_did(tmp_path: Path, code: int, word: str) -> None:
    """The last step fails with the code of the audit and says in a word what it means."""
    done = bash(END["run"], tmp_path, environment(CODE=str(code)))
    assert done.returncode == code
    assert word in done.stdout
    assert done.stdout.startswith("::error::") == (code != 0)


def test_azure_pipelines(tool: Path) -> None:
    """The step audits, shows its summary, and prints no text that the agent would take for a command."""
    home = tool.parents[2]
    values: dict[str, Any] = dict.fromkeys(azure_step()["env"], "")
    values |= {
        "TOOL": str(tool.parents[1]),
        "FOLDER": str(home / "reports"),
        "FAIL_ON": "error",
        "NEW_ONLY": "False",
        "STORE": "True",
        "OPTIONS": "--example\nopen\n--cluster\naks-web",
        "EGRESS_AUDIT_HISTORY": "$(EGRESS_AUDIT_HISTORY)",
    }
    done = bash(azure_step()["inputs"]["inlineScript"], home, environment(**values))
    assert done.returncode == 1, done.stderr
    assert "egress-unrestricted" in done.stdout
    assert [line for line in done.stdout.splitlines() if "##" in line] == [
        f"##vso[task.uploadsummary]{home}/reports/summary.md"
    ]
    assert {path.suffix for path in (home / "reports").iterdir()} == {
        ".sarif",
        ".md",
        ".html",
        ".xml",
        ".txt",
    }
    refused = bash(
        azure_step()["inputs"]["inlineScript"],
        home,
        environment(**values | {"SUBSCRIPTIONS": "", "SNAPSHOTS": "##vso[task.complete]", "OPTIONS": ""}),
    )
    assert refused.returncode == 2
    assert "##vso" not in refused.stdout + refused.stderr


def test_gitlab(tool: Path) -> None:
    """The job audits and leaves what its artifacts name; names with blanks and patterns stay whole."""
    home = tool.parents[2]
    (home / ".egress-audit-tool").symlink_to(tool.parents[1])
    job = load(GITLAB)["egress-audit"]
    estate = home / "my * estate"
    estate.symlink_to(ROOT / "examples" / "open")
    values = job["variables"] | {"EGRESS_SNAPSHOTS": str(estate), "EGRESS_FAIL_ON": "never"}
    done = subprocess.run(
        ["/bin/sh", "-c", "\n".join(job["script"])],
        cwd=home,
        env=environment(**values, CI_PIPELINE_SOURCE="push"),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "egress-unrestricted" in done.stdout
    reports = home / "egress-audit-reports"
    assert (home / job["artifacts"]["reports"]["junit"]).is_file()
    assert {path.name for path in reports.iterdir()} == {
        "index.html",
        "summary.md",
        "junit.xml",
        "egress-audit.sarif",
    }
