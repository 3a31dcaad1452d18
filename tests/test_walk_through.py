"""The walk-through of the design (section 4): for each kind of estate the verdicts on nine names and the exit code."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.cli.exit_codes import Tolerance, exit_code
from auditor.model.finding import Report
from tests.cases_support.case_file import CASES, case_id, case_paths, read_case
from tests.cases_support.estate import EstateDocuments, load_estate
from tests.cases_support.run import prepare

NAMES = (
    "aks-1a2b3c.hcp.westeurope.azmk8s.io",
    "mcr.microsoft.com",
    "*.data.mcr.microsoft.com",
    "mcr-0001.mcr-msedge.net",
    "management.azure.com",
    "login.microsoftonline.com",
    "packages.microsoft.com",
    "acs-mirror.azureedge.net",
    "packages.aks.azure.com",
)
LETTERS = {"allowed": "A", "blocked": "B", "unknown": "U", "mixed": "M"}

TABLE = [
    ("rules-for-all-nine", "AAAAAAAAA", 0),
    ("route-for-the-own-public-ip", "AAAAAAAAA", 0),
    ("blocklisted-address", "AAAAAAAAA", 0),
    # Every name leaves by itself, so opening a whole region beside them is excess.
    ("region-by-network-rule", "AAAAAAAAA", 1),
    ("storage-service-endpoint", "BBBBBBBBB", 1),
    # By the estate's tags: the registry and Resource Manager have some addresses inside the region, Entra ID has
    # none; mcr-0001 has only a description, which never blocks, and the packages have no tag at all.
    ("region-instead-of-names", "AUUUUBUUU", 1),
    ("deny-internet-before-the-firewall", "BBBBBBBBB", 1),
    ("allow-virtual-network-only", "UUUUUUUUU", 3),
    ("service-tags", "AAAAAAUUU", 3),
    ("service-tags-and-pins", "AAAAAAAAA", 0),
    ("nat-gateway", "AAAAAAAAA", 1),
    ("load-balancer", "AAAAAAAAA", 1),
    ("virtual-wan", "AAAAAAAAA", 0),
    ("fqdn-tag", "AAAAAAAAA", 0),
    ("network-isolated", "---------", 0),
    ("http-proxy", "BAAAAAAAA", 1),
    ("hub-not-read", "UUUUUUUUU", 3),
    ("hub-described", "AAAAAAAAA", 0),
]


def letters(report: Report) -> str:
    """One letter for each of the nine names; `-` where the row does not apply."""
    (cluster,) = report.clusters
    found: dict[str, set[str]] = {name: set() for name in NAMES}
    for row in cluster.endpoints:
        name = row.to.rpartition(":")[0]
        # the row over raw TCP to the API server is no name's row: it asks for pods that call the address (AKS-21)
        if name in found and row.to.endswith("/https") and row.applies is True and row.verdict is not None:
            found[name].add(LETTERS[row.verdict.outcome.value])
    assert all(len(answers) <= 1 for answers in found.values())
    return "".join("".join(answers) or "-" for answers in found.values())


@pytest.mark.parametrize(("name", "verdicts", "code"), TABLE, ids=[row[0] for row in TABLE])
def test_walk_through(name: str, verdicts: str, code: int, tmp_path: Path) -> None:
    """Each estate of the walk-through gets its verdicts and its exit code, all essential reads complete."""
    case = read_case(CASES / "walk-through" / name / "case.yaml")
    report = prepare(case, "default", tmp_path).report()
    assert letters(report) == verdicts
    assert exit_code(report, Tolerance()).value == code
    assert (
        all(row.status == "complete" for row in report.coverage.reads if row.essential)
        or name == "hub-not-read"
    )


def test_the_table_is_complete() -> None:
    """No walk-through case stands beside the table."""
    assert sorted(f"walk-through/{row[0]}" for row in TABLE) == sorted(
        case_id(path) for path in case_paths() if case_id(path).startswith("walk-through/")
    )


def test_a_second_source_clears_the_unread_hub(tmp_path: Path) -> None:
    """A team that cannot read the hub adds the hub team's snapshot, and the unknowns are gone (design 3)."""
    estate = load_estate("hub-spoke")
    for name in ("app", "hub"):
        part_of(estate, name).write(tmp_path / name)
    policy = load_policy()
    alone = check(load_snapshot(tmp_path / "app"), policy)
    assert (letters(alone), exit_code(alone, Tolerance()).value) == ("UUUUUUUUU", 3)
    united = check(load_snapshot(tmp_path / "app", tmp_path / "hub"), policy)
    assert (letters(united), exit_code(united, Tolerance()).value) == ("AAAAAAAAA", 0)


def part_of(estate: EstateDocuments, subscription: str) -> EstateDocuments:
    """What a team that reads one subscription has."""
    below = f"/subscriptions/{subscription}/"
    return EstateDocuments(
        manifest={
            **estate.manifest,
            "reads": [row for row in estate.manifest["reads"] if (row["scope"] + "/").startswith(below)],
        },
        documents=[document for document in estate.documents if document["id"].startswith(below)],
    )
