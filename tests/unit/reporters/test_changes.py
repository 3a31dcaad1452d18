"""What became of stored runs, in each format."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor import resources
from auditor.model.history import PastFinding
from auditor.model.periodic import Compliance, Periodic, RunCounts, StoredRun, StoredWaiver
from auditor.reporters.interface import Options
from auditor.reporters.register import PERIODIC_REPORTERS, periodic_reporter

HOSTILE = "<script>alert(1)</script>|`**[x](javascript:1)\x1b[31m\u202e=cmd()\x00\ud800 @all " + "é" * 10_000


def run(number: int, **changes: Any) -> StoredRun:
    base = StoredRun(
        id=str(number),
        time=f"2026-06-{number:02}T08:00:00Z",
        version="0.1.0",
        edition="aks-2026-06-18",
        policy_file=None,
        sources=("estate/",),
        collected=None,
        complete=True,
        clusters=1,
    )
    return replace(base, **changes)


def past(name: str, **changes: Any) -> PastFinding:
    base = PastFinding(
        fingerprint=name.encode().hex().ljust(64, "0"),
        rule="required-endpoint-blocked",
        severity="error",
        status="fail",
        cluster=f"/subscriptions/s/resourceGroups/g/providers/Microsoft.ContainerService/managedClusters/{name}",
        cluster_name=name,
        endpoint="mcr.microsoft.com:443/https",
        resource=None,
        message="firewall fw-hub: denied by default (FW-6)",
        first_seen="2026-06-01T08:00:00Z",
        last_seen="2026-06-09T08:00:00Z",
    )
    return replace(base, **changes)


def counts(number: int, allowed: int, blocked: int = 0, **changes: Any) -> RunCounts:
    base = RunCounts(
        run=str(number),
        time=f"2026-06-{number:02}T08:00:00Z",
        complete=True,
        allowed=allowed,
        blocked=blocked,
        mixed=0,
        unknown=0,
    )
    return replace(base, **changes)


WAIVER = StoredWaiver(
    rule="excess-egress",
    scope=("cluster=aks-*",),
    reason="moved in July",
    owner="team-net",
    expires="2026-06-20",
    days_left=11,
    uses=1,
    policy_file="egress-policy.yaml",
)
SUBJECT = Periodic(
    version="0.1.0",
    place="runs.db",
    since="2026-06-02",
    base=run(1),
    last=run(9, complete=False),
    runs=8,
    new=(past("aks-a"), past("aks-b", status="unknown", endpoint=None, resource="/a/b/c")),
    persisting=(past("aks-c", status="waived"),),
    mended=(past("aks-d", severity="warning"),),
    not_comparable=(past("aks-e", cluster=None, cluster_name=None),),
    compliance=(
        Compliance(cluster="/c", name="aks-a", runs=(counts(1, 9, 1), counts(9, 10))),
        Compliance(cluster="/d", name="aks-b", runs=(counts(9, 0, complete=False, unknown=10),)),
    ),
    expiring=(WAIVER, replace(WAIVER, days_left=-1, expires="2026-06-08", scope=(), uses=0)),
    notes=("3 more came and went in between",),
)
SPOILT = replace(
    SUBJECT,
    place=HOSTILE,
    new=(past("a", message=HOSTILE, cluster_name=HOSTILE, endpoint=HOSTILE, rule=HOSTILE),),
    compliance=(Compliance(cluster=HOSTILE, name=HOSTILE, runs=(counts(1, 1),)),),
    expiring=(replace(WAIVER, reason=HOSTILE, owner=HOSTILE, scope=(HOSTILE,), rule=HOSTILE),),
    notes=(HOSTILE,),
)
EVERY = [reporter.name for reporter in PERIODIC_REPORTERS]


def text(name: str, subject: Periodic = SUBJECT, **options: Any) -> str:
    return periodic_reporter(name).render(subject, Options(**options))


def test_the_table() -> None:
    """The whole text, as a reader sees it; what persists is only counted."""
    assert (
        text("table")
        == """\
runs.db: run 9 of 2026-06-09T08:00:00Z (aks-2026-06-18, incomplete), 8 runs later, beside run 1 of
2026-06-01T08:00:00Z (aks-2026-06-18)

2 new   stand now and did not then
  error    aks-a: required-endpoint-blocked mcr.microsoft.com:443/https
           firewall fw-hub: denied by default (FW-6)
           seen 2026-06-01 to 2026-06-09
  unknown  aks-b: required-endpoint-blocked c
           firewall fw-hub: denied by default (FW-6)
           seen 2026-06-01 to 2026-06-09

1 not comparable   stood then; not read, or not asked for, since
  error    required-endpoint-blocked mcr.microsoft.com:443/https
           firewall fw-hub: denied by default (FW-6)
           seen 2026-06-01 to 2026-06-09

1 mended   stood then and were judged gone
  warning  aks-d: required-endpoint-blocked mcr.microsoft.com:443/https
           firewall fw-hub: denied by default (FW-6)
           seen 2026-06-01 to 2026-06-09

1 persisting   stood then and stand now

2 clusters
  aks-a   10 of 10 required endpoints get out; on 2026-06-01: 9 of 10
  aks-b   0 of 10 (unknown: 10) (not all was read) required endpoints get out

2 waivers about to end
  ends 2026-06-20, in 11 days: excess-egress for cluster=aks-*, owner team-net, waived 1 finding:
    moved in July
  ended 2026-06-08: excess-egress, owner team-net, waived 0 findings: moved in July

note: 3 more came and went in between
"""
    )
    assert "waived   aks-c" in text("table", verbose=True)


@pytest.mark.parametrize("name", EVERY)
def test_every_format_tells_everything_of_weight(name: str) -> None:
    """New, mended and not comparable findings, clusters, waivers and notes are in every format."""
    shown = text(name)
    for word in ("aks-a", "aks-b", "aks-d", "FW-6", "team-net", "2026-06-20", "3 more came and went"):
        assert word in shown, word
    assert text(name) == shown


def test_json_keeps_its_schema() -> None:
    """Every kind of report is valid, and a property that the schema does not name is refused."""
    schema = json.loads((resources.reports() / "schemas" / "report-v1.schema.json").read_text("utf-8"))
    check = Draft202012Validator(schema)
    for subject in (SUBJECT, SPOILT, replace(SUBJECT, base=None, since=None, runs=1, new=(), compliance=())):
        check.validate(json.loads(text("json", subject)))
    for place in ("last", "waivers", "new", "clusters"):
        document = json.loads(text("json"))
        (document[place] if place == "last" else document[place][0])["more"] = 1
        assert not check.is_valid(document), place


@pytest.mark.parametrize("name", EVERY)
def test_no_name_does_harm(name: str) -> None:
    """No terminal escape, direction mark, NUL or lone surrogate comes through, and no markup is one."""
    shown = text(name, SPOILT)
    assert not re.search("[\x00\x1b\u202e\ud800]", shown)
    if name == "html":
        assert "<script>alert" not in shown
        assert shown.count("<script") == 1
    if name == "markdown":
        for line in shown.splitlines():
            outside = re.sub(r"(`+)(?:(?!\1).)*?\1", "", line)
            assert not re.search(r"<|\]\(|@all", outside), outside[:200]


def test_markdown_says_what_it_left_out() -> None:
    """Cut to a comment's size, with the number of clusters, waivers and findings that found no room."""
    many = replace(
        SUBJECT,
        new=tuple(past(f"aks-{number}") for number in range(500)),
        compliance=tuple(replace(SUBJECT.compliance[0], name=f"aks-{number}") for number in range(500)),
        expiring=(WAIVER,) * 500,
    )
    shown = text("markdown", many, characters=20_000)
    assert len(shown.encode()) <= 20_000
    told = re.search(r"Left out .*: (\d+) clusters, (\d+) waivers, (\d+) findings\.", shown)
    assert told is not None
    assert int(told[1]) == 500 - shown.count("| `10 of 10")
    assert int(told[2]) == 500 - shown.count("- `ends ")
    assert int(told[3]) == 502 - shown.count("  - seen ")


def test_a_cluster_that_was_not_read_leaves_a_gap() -> None:
    """In the page's chart a run that could not read all of a cluster is no point of its line."""
    assert "aks-b: not judged" in text("html")
    assert "10 of 10 (100 %) on 2026-06-09" in text("html")
