"""Whole screens of the table, as a reader sees them."""

# ruff: noqa: E501 - a command line is never wrapped, and the screens hold some

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from auditor.model.finding import Coverage, Detail, Severity, Status
from auditor.reporters.interface import Options
from auditor.reporters.table import Table
from auditor.reporters.terminal_text import columns_of
from tests.unit.reporters import records


def screen(**changes: Any) -> str:
    options = Options(
        **{name: changes.pop(name) for name in ("width", "color", "verbose") if name in changes}
    )
    return Table().render(records.report(**changes), options)


def test_screen() -> None:
    """Worst first; findings with the same deciding hops are told once; what passed is only counted."""
    assert (
        screen()
        == """\
aks-payments   westeurope   userDefinedRouting   2 subnets     1 blocked, 1 unknown, 1 other finding

  error    *.data.mcr.microsoft.com:443/https   from pools sys, apps
           firewall fw-hub: no rule of policy fp-child or its parent fp-base matches; denied by
           default (FW-6)
           breaks   image layers from Microsoft Container Registry cannot be pulled: nodes do not
                    start
           mend     add *.data.mcr.microsoft.com, Https:443, to rule "mcr" of collection
                    aks-required (fp-child)
                    az network firewall policy rule-collection-group collection rule update --policy-name fp-child --resource-group rg-hub --rule-collection-group-name rcg-aks --collection-name aks-required --name mcr

  unknown  packages.microsoft.com:443/https   from pool gpu
           next hop 10.9.0.4 of route "default" (rt-gpu) is no device in this snapshot (nva-opaque)
           supply   --appliance FILE describing 10.9.0.4, or the subscription that holds it
           assumes  admin-rules-not-read

  warning  outbound-type-mismatch   aks-payments   from pool sys
           outboundType is userDefinedRouting, but traffic leaves by a NAT gateway

3 endpoints needed (aks-2026-06-18): 1 allowed, 1 blocked, 1 unknown; 1 row does not apply. 2
assumptions (-v lists them). All 2 essential reads complete. 1 supplementary read did not complete
(-v lists it).
"""
    )


def test_narrow_screen() -> None:
    """Forty columns are enough; only command lines stay whole."""
    assert (
        screen(width=40)
        == """\
aks-payments   westeurope
  userDefinedRouting   2 subnets
  1 blocked, 1 unknown, 1 other finding

  error    *.data.mcr.microsoft.com:443/
    https
    from pools sys, apps
    firewall fw-hub: no rule of policy
    fp-child or its parent fp-base
    matches; denied by default (FW-6)
    breaks   image layers from Microsoft
             Container Registry cannot
             be pulled: nodes do not
             start
    mend     add
             *.data.mcr.microsoft.com,
             Https:443, to rule "mcr" of
             collection aks-required
             (fp-child)
             az network firewall policy rule-collection-group collection rule update --policy-name fp-child --resource-group rg-hub --rule-collection-group-name rcg-aks --collection-name aks-required --name mcr

  unknown  packages.microsoft.com:443/
    https
    from pool gpu
    next hop 10.9.0.4 of route "default"
    (rt-gpu) is no device in this
    snapshot (nva-opaque)
    supply   --appliance FILE describing
             10.9.0.4, or the
             subscription that holds it
    assumes  admin-rules-not-read

  warning  outbound-type-mismatch
    aks-payments
    from pool sys
    outboundType is userDefinedRouting,
    but traffic leaves by a NAT gateway

3 endpoints needed (aks-2026-06-18): 1
allowed, 1 blocked, 1 unknown; 1 row
does not apply. 2 assumptions (-v lists
them). All 2 essential reads complete. 1
supplementary read did not complete (-v
lists it).
"""
    )


def test_verbose_screen() -> None:
    """`-v` adds the path of each finding, and what stands behind the counts."""
    assert (
        screen(verbose=True)
        == """\
aks-payments   westeurope   userDefinedRouting   2 subnets     1 blocked, 1 unknown, 1 other finding

  error    *.data.mcr.microsoft.com:443/https   from pools sys, apps
           firewall fw-hub: no rule of policy fp-child or its parent fp-base matches; denied by
           default (FW-6)
           breaks   image layers from Microsoft Container Registry cannot be pulled: nodes do not
                    start
           mend     add *.data.mcr.microsoft.com, Https:443, to rule "mcr" of collection
                    aks-required (fp-child)
                    az network firewall policy rule-collection-group collection rule update --policy-name fp-child --resource-group rg-hub --rule-collection-group-name rcg-aks --collection-name aks-required --name mcr
           path     1. subnet NSG nsg-apps, rule AllowAll (priority 100): allow (NSG-4)
                    2. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
                    3. firewall fw-hub: deny; no rule of policy fp-child or its parent fp-base
                       matches; denied by default (FW-6)
           rule     required-endpoint-blocked
           id       f1apps
           id       f1sys

  unknown  packages.microsoft.com:443/https   from pool gpu
           next hop 10.9.0.4 of route "default" (rt-gpu) is no device in this snapshot (nva-opaque)
           supply   --appliance FILE describing 10.9.0.4, or the subscription that holds it
           assumes  admin-rules-not-read
           path     1. subnet NSG nsg-apps, rule AllowAll (priority 100): allow (NSG-4)
           rule     endpoint-undetermined
           id       f2

  warning  outbound-type-mismatch   aks-payments   from pool sys
           outboundType is userDefinedRouting, but traffic leaves by a NAT gateway
           rule     outbound-type-mismatch
           id       f3

3 endpoints needed (aks-2026-06-18): 1 allowed, 1 blocked, 1 unknown; 1 row does not apply. 2
assumptions. All 2 essential reads complete. 1 supplementary read did not complete.

Assumed:
  admin-rules-not-read: no Virtual Network Manager admin rule changes the answer
  nic-nsg-unread: AKS's own NIC-level network security group does not restrict egress

Not read:
  Microsoft.Network/dns under
    /subscriptions/00000000-0000-0000-0000-00000000000a/resourceGroups/rg-shop: denied,
    supplementary
"""
    )


def test_several_clusters() -> None:
    """Several clusters are compared in a table; one without problems of its own still has a line."""
    assert (
        screen(
            findings=(records.OUTBOUND,),
            clusters=(
                records.audited(),
                records.audited(records.cluster("aks-zeta", outbound_type="loadBalancer")),
            ),
        )
        == """\
aks-payments   westeurope   userDefinedRouting   2 subnets     1 blocked, 1 unknown, 1 other finding

  warning  outbound-type-mismatch   aks-payments   from pool sys
           outboundType is userDefinedRouting, but traffic leaves by a NAT gateway

aks-zeta   westeurope   loadBalancer   2 subnets                                1 blocked, 1 unknown

cluster       region      outbound type         needed    allowed    blocked    unknown    findings
------------  ----------  ------------------  --------  ---------  ---------  ---------  ----------
aks-payments  westeurope  userDefinedRouting         3          1          1          1           1
aks-zeta      westeurope  loadBalancer               3          1          1          1           0

6 endpoints needed (aks-2026-06-18): 2 allowed, 2 blocked, 2 unknown; 2 rows do not apply. 2
assumptions (-v lists them). All 2 essential reads complete. 1 supplementary read did not complete
(-v lists it).
"""
    )


def test_no_cluster() -> None:
    """Nothing audited is said so, not passed over."""
    assert (
        screen(clusters=(), findings=())
        == """\
No AKS cluster found: nothing was audited. All 2 essential reads complete. 1 supplementary read did
not complete (-v lists it).
"""
    )


def test_all_is_well() -> None:
    """A cluster without findings has one line, and the summary counts."""
    allowed = tuple(item for item in records.audited().endpoints if item.to == "mcr.microsoft.com:443/https")
    assert (
        screen(findings=(), clusters=(records.audited(endpoints=allowed),))
        == """\
aks-payments   westeurope   userDefinedRouting   2 subnets                             all 1 allowed

1 endpoint needed (aks-2026-06-18): 1 allowed; 0 rows do not apply. 1 assumption (-v lists it). All
2 essential reads complete. 1 supplementary read did not complete (-v lists it).
"""
    )


def test_incomplete() -> None:
    """What was not read stands in the summary, and waived findings are counted."""
    coverage = Coverage(
        complete=False,
        reads=(records.read("virtualNetworks"), records.read("azureFirewalls", "denied", error="403")),
        skipped=("notes.json: no ARM resource",),
    )
    text = screen(coverage=coverage, findings=(records.finding(status=Status.WAIVED),))
    assert (
        text.partition("\n\n")[2]
        == """\
3 endpoints needed (aks-2026-06-18): 1 allowed, 1 blocked, 1 unknown; 1 row does not apply. 1
finding waived. 2 assumptions (-v lists them). 1 of 2 essential reads did not complete. The audit is
incomplete. 1 input skipped (-v lists it).
"""
    )


def test_a_name_that_two_clusters_bear() -> None:
    """Clusters with equal names are told apart by their resource group."""
    other = replace(
        records.cluster(), id=type(records.cluster().id)(records.cluster().id.text.replace("shop", "b"))
    )
    titles = screen(clusters=(records.audited(), records.audited(other))).splitlines()
    assert any(line.startswith("aks-payments (rg-shop)") for line in titles)
    assert any(line.startswith("aks-payments (rg-b)") for line in titles)


def test_a_finding_about_no_cluster() -> None:
    """What belongs to no audited cluster stands under the snapshot, last."""
    alone = records.finding(cluster=None, pools=(), subnets=(), endpoint=None, rule="collection-incomplete")
    lines = screen(findings=(alone,)).splitlines()
    assert lines[2].startswith("snapshot ")
    assert lines[4] == "  error    collection-incomplete   fw-hub"


@pytest.mark.parametrize("width", [40, 41, 57, 59, 60, 72, 80, 100, 120])
@pytest.mark.parametrize("verbose", [False, True])
def test_every_line_fits(width: int, verbose: bool) -> None:
    """No line but a command is wider than the screen, with long and hostile names too."""
    long = records.finding(
        endpoint="x" * 200 + ".example.com:443/https",
        pools=tuple(f"pool{number}" for number in range(30)),
        message="y" * 300,
        evidence=(replace(records.DENY_HOP, resource=f"/x/{'z' * 90}"),),
    )
    named = records.audited(records.cluster("k" * 63))
    text = screen(
        findings=(long, records.finding(), records.UNKNOWN),
        clusters=(records.audited(), named),
        width=width,
        verbose=verbose,
    )
    wide = [line for line in text.splitlines() if columns_of(line) > width]
    assert [line.split(maxsplit=1)[0] for line in wide] == ["az"] * len(wide)


def test_hostile_names_are_harmless() -> None:
    """Escapes, bidi controls and line ends in any name are shown, never sent."""
    evil = "n\x1b[2J\u202e\nb"
    hop = replace(
        records.DENY_HOP, resource=f"/a/b/{evil}", rule=evil, detail=evil, clause=evil, codes=(evil,)
    )
    texts: dict[str, Any] = {
        "rule": evil,
        "endpoint": evil,
        "message": evil,
        "breaks": evil,
        "remediation": evil,
        "fingerprint": evil,
    }
    lists: dict[str, Any] = {
        "pools": (evil,),
        "commands": (evil,),
        "reasons": (evil,),
        "assumptions": (evil,),
    }
    found = records.finding(**texts, **lists, evidence=(hop,), path=(hop,))
    made = records.audited(records.cluster(evil, location=evil, outbound_type=evil), notes=(evil,))
    report = {"clusters": (made, made), "findings": (found,), "edition": evil, "notes": (evil,)}
    coverage = Coverage(
        complete=False, reads=(records.read(evil, evil, scope=evil, error=evil),), skipped=(evil,)
    )
    for verbose in (False, True):
        text = screen(**report, coverage=coverage, verbose=verbose)
        assert all(char == "\n" or char.isprintable() for char in text)
        assert "\\u001b[2J\\u202e\\u000ab" in text


@pytest.mark.parametrize(
    ("severity", "limit", "told"),
    [
        (Severity.ERROR, 1, ["exactly  tcp/1 to 1.0.0.0, 2.0.0.0, 3.0.0.0, 4.0.0.0 and 1 more", "and 2 more sets; {all}"]),
        (Severity.ERROR, 3, ["exactly  tcp/1 to 1.0.0.0, 2.0.0.0, 3.0.0.0, 4.0.0.0 and 1 more", "tcp/2 to 6.0.0.0", "tcp/3 to 7.0.0.0", "{all}"]),
        (Severity.ERROR, 0, ["exactly  tcp/1 to 1.0.0.0, 2.0.0.0, 3.0.0.0, 4.0.0.0, 5.0.0.0", "tcp/2 to 6.0.0.0", "tcp/3 to 7.0.0.0"]),
        (Severity.NOTE, 3, ["exactly  {all}"]),
        (Severity.NOTE, 0, ["exactly  tcp/1 to 1.0.0.0, 2.0.0.0, 3.0.0.0, 4.0.0.0, 5.0.0.0", "tcp/2 to 6.0.0.0", "tcp/3 to 7.0.0.0"]),
    ],
)  # fmt: skip
def test_a_shortened_list_says_how_much_it_hides(severity: Severity, limit: int, told: list[str]) -> None:
    """`--limit` sets and four members of each are shown, of a note none; what is left out is counted."""
    first = Detail(head="tcp/1 to", members=tuple(f"{number}.0.0.0" for number in range(1, 6)))
    others = (Detail(head="tcp/2 to", members=("6.0.0.0",)), Detail(head="tcp/3 to", members=("7.0.0.0",)))
    found = records.finding(severity=severity, details=(first, *others))
    text = Table().render(records.report(findings=(found,)), Options(limit=limit))
    lines = [line.strip() for line in text.splitlines()]
    shown = [line for line in lines if "tcp/" in line or "--limit" in line]
    assert shown == [line.format(all="--limit 0 shows all of it") for line in told]


def test_color_changes_no_column() -> None:
    """Colour adds escapes and nothing else."""
    import re

    colored = screen(color=True, verbose=True)
    assert "\x1b[1;31merror\x1b[0m" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == screen(verbose=True)


def test_same_text_each_time() -> None:
    """Equal reports give equal text."""
    assert screen() == screen()
