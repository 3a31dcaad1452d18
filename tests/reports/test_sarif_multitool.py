"""Microsoft's validator, which knows what GitHub takes, has no error about our SARIF."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from auditor.model.finding import Report
from auditor.reporters.interface import Options
from auditor.reporters.register import report_reporter
from auditor.reporters.sarif_results import RESULT_LIMIT
from tests.reports.estates import hostile_report, report_of

ROOT = Path(__file__).resolve().parents[2]
MODULES = Path(os.environ.get("EGRESS_AUDIT_NODE_MODULES") or ROOT / "out" / "node_modules")
PROGRAM = MODULES / "@microsoft" / "sarif-multitool-linux" / "Sarif.Multitool"

pytestmark = pytest.mark.skipif(not PROGRAM.is_file(), reason=f"{PROGRAM} is missing (make node-tools)")


REPORTS: dict[str, tuple[Callable[[], Report], Options]] = {
    "broken": (partial(report_of, "broken"), Options(scope="broken")),
    "hostile": (hostile_report, Options(suppressions=True, anchor="infra/main.tf")),
}


def test_no_error(tmp_path: Path) -> None:
    """Rule kinds `Sarif` and `Gh` find no error, but one in a log from which a location was taken.

    The program ends with 0 whatever it finds, so what it says is read.
    """
    for name, (make, options) in REPORTS.items():
        write(tmp_path / f"{name}.sarif", make(), options)
    faulty = json.loads((tmp_path / "broken.sarif").read_text("utf-8"))
    del faulty["runs"][0]["results"][0]["locations"]
    (tmp_path / "faulty.sarif").write_text(json.dumps(faulty), encoding="utf-8")
    found = errors(tmp_path)
    assert {file for file, _ in found} == {"faulty.sarif"}
    assert any(rule.startswith("GH") for _, rule in found)


@pytest.mark.deep
def test_no_error_in_a_log_that_is_full(tmp_path: Path) -> None:
    """As many results as code scanning shows are as good as few; the program needs half a minute for them."""
    report = report_of("broken")
    one = report.findings[0]
    many = tuple(replace(one, fingerprint=f"{number:064x}") for number in range(RESULT_LIMIT + 1))
    write(tmp_path / "many.sarif", replace(report, findings=many), Options())
    assert errors(tmp_path) == set()


def write(log: Path, report: Report, options: Options) -> None:
    log.write_text(report_reporter("sarif").render(report, options), encoding="utf-8")


def errors(folder: Path) -> set[tuple[str, str]]:
    """File and rule of everything that the validator calls an error in the logs of a folder."""
    said = folder / "said.json"
    options = ["--rule-kind", "Sarif;Gh", "--max-file-size-in-kb", "100000", "--level", "Error"]
    nowhere = {
        f"{scheme}_proxy": "http://127.0.0.1:9" for scheme in ("http", "https")
    }  # it looks up each URI
    done = subprocess.run(
        [PROGRAM, "validate", *map(str, folder.glob("*.sarif")), *options, "--output", str(said)],
        env=os.environ | nowhere | {"DOTNET_SYSTEM_GLOBALIZATION_INVARIANT": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    (run,) = json.loads(said.read_text("utf-8-sig"))["runs"]
    assert run["invocations"][0]["executionSuccessful"]
    return {(_file(item), item["ruleId"]) for item in run.get("results", [])}


def _file(result: dict[str, Any]) -> str:
    location = result["locations"][0]["physicalLocation"]["artifactLocation"]
    return str(location["uri"]).rpartition("/")[2]
