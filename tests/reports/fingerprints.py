"""The fingerprints of the bundled estates, as a file: `python -m tests.reports.fingerprints` writes it anew.

A fingerprint that changes makes waivers, dashboards and stored runs lose the finding. Write the file anew for new
rules and new estates; a line that changes for any other reason is a fault.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from auditor.model.finding import Finding, Report
from auditor.reporters.hop_text import resource_name
from tests.reports.estates import EXAMPLES, report_of

GOLDEN = Path(__file__).parent / "golden" / "fingerprints.json"


def recorded() -> dict[str, dict[str, str]]:
    """The file's content: for each estate, each fingerprint with what it stands for."""
    found: dict[str, dict[str, str]] = json.loads(GOLDEN.read_text("utf-8"))
    return found


def fingerprints(report: Report) -> dict[str, str]:
    """Each fingerprint with what it stands for, in words, by which the lines are sorted."""
    found = {finding.fingerprint: _subject(finding) for finding in report.findings}
    return dict(sorted(found.items(), key=lambda item: (item[1], item[0])))


def _subject(finding: Finding) -> str:
    subnets = ", ".join(resource_name(subnet.text) for subnet in finding.subnets)
    resource = resource_name(finding.resource.text) if finding.resource is not None else ""
    words = (finding.rule, finding.cluster_name, subnets, resource, finding.endpoint)
    return " | ".join(word for word in words if word)


def main() -> int:
    """Write the file."""
    made = {name: fingerprints(report_of(name)) for name in EXAMPLES}
    GOLDEN.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
