"""Documents exactly as Azure returned them are audited to the end, where they lie beside the checkout."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import auditor
from auditor.cli.exit_codes import ExitCode

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"
FOLDERS = sorted(path.name for path in REAL.iterdir() if path.is_dir()) if REAL.is_dir() else ["absent"]

pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="real documents beside the checkout are needed")


@pytest.mark.parametrize("edition", ["aks-2026-06-18", "aks-2019-05-14"])
@pytest.mark.parametrize("name", FOLDERS)
def test_every_row_of_every_cluster_is_answered(name: str, edition: str) -> None:
    """Each cluster gets a verdict for each row that may apply, and an unknown one says why."""
    snapshot = auditor.load_snapshot(REAL / name)
    assert snapshot.documents
    report = auditor.check(snapshot, auditor.load_policy(edition))
    assert len(report.clusters) == name.startswith("aks-")
    for cluster in report.clusters:
        assert cluster.endpoints
        assert any(endpoint.applies for endpoint in cluster.endpoints)
        for endpoint in cluster.endpoints:
            assert (endpoint.verdict is None) == (endpoint.applies is False)
            if endpoint.verdict is not None and endpoint.verdict.outcome is auditor.Outcome.UNKNOWN:
                assert endpoint.verdict.reasons
    assert auditor.render(report, "table", verbose=True)
    assert len(json.loads(auditor.render(report, "json"))["clusters"]) == len(report.clusters)


@pytest.mark.parametrize("extra", [[], ["--strict"]], ids=["default", "strict"])
def test_all_of_them_as_one_estate(extra: list[str], tmp_path: Path) -> None:
    """The command audits all folders and the published service tags together, without a traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "scan", "--snapshot", str(REAL), "--format", "json", *extra],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert done.returncode in {ExitCode.CLEAN, ExitCode.FINDINGS, ExitCode.INCOMPLETE}
    clusters = json.loads(done.stdout)["clusters"]
    assert len(clusters) == len({one["id"] for one in clusters}) > 0
