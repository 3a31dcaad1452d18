"""Whole screens of `trace`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.verdict import Outcome
from auditor.reporters.interface import Options
from auditor.reporters.terminal_text import columns_of
from auditor.reporters.trace_table import TraceTable
from tests.unit.reporters import records

BLOCKED = records.verdict(Outcome.BLOCKED, records.NSG_HOP, records.ROUTE_HOP, records.DENY_HOP)
ASIDE = replace(
    records.verdict(Outcome.ALLOWED, records.ROUTE_HOP, records.ALLOW_HOP).pieces[0],
    aside=True,
    destinations=("1.2.3.4",),
    addresses=1,
)
PARTS = replace(
    BLOCKED,
    pieces=(*BLOCKED.pieces, ASIDE),
    assumptions=("nic-nsg-unread", "address-unlisted"),
    notes=("one part is set aside",),
)


def test_screen() -> None:
    """Each answer has its path; an answer in parts has a path for each of them."""
    traces = (
        records.trace("mcr.microsoft.com:443/https", BLOCKED),
        records.trace("packages.microsoft.com:443/https", PARTS, records.APPS),
    )
    screen = TraceTable().render(traces, Options(verbose=True))
    assert (
        screen
        == """\
blocked  mcr.microsoft.com:443/https   from pool sys of aks-payments, subnet spoke/snet-sys
         1. subnet NSG nsg-apps, rule AllowAll (priority 100): allow (NSG-4)
         2. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
         3. firewall fw-hub: deny; no rule of policy fp-child or its parent fp-base matches; denied
            by default (FW-6)

blocked  packages.microsoft.com:443/https   from pool apps of aks-payments, subnet spoke/snet-apps
         assumes  nic-nsg-unread, address-unlisted
         one part is set aside
         blocked: 20.0.0.0/8 (16777216 addresses) from 10.1.0.0/24
           1. subnet NSG nsg-apps, rule AllowAll (priority 100): allow (NSG-4)
           2. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
           3. firewall fw-hub: deny; no rule of policy fp-child or its parent fp-base matches;
              denied by default (FW-6)
         allowed: 1.2.3.4 (1 address) from 10.1.0.0/24; set aside
           1. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
           2. firewall fw-hub, rule aks/mcr (priority 200): allow (FW-5)

2 answers: 2 blocked.

Assumed:
  nic-nsg-unread: AKS's own NIC-level network security group does not restrict egress
  address-unlisted: the name's addresses are not among the few addresses that are treated
    differently
"""
    )


def test_pools_of_one_subnet_are_told_once() -> None:
    """Neighbours with the same question, subnet and answer are one."""
    other = replace(records.SYS, pool="gpu")
    traces = (records.trace("a.b:443/https", BLOCKED), records.trace("a.b:443/https", BLOCKED, other))
    first = TraceTable().render(traces, Options()).splitlines()[0]
    assert first == "blocked  a.b:443/https   from pools sys, gpu of aks-payments, subnet spoke/snet-sys"


@pytest.mark.parametrize("width", [40, 63, 100])
def test_hostile_names_fit_and_are_harmless(width: int) -> None:
    """Names neither widen the screen nor act on it."""
    evil = "n\x1b[2J\u202e" + "x" * 300
    hop = replace(
        records.DENY_HOP, resource=f"/a/b/{evil}", rule=evil, detail=evil, clause=evil, codes=(evil,)
    )
    piece = replace(BLOCKED.pieces[0], sources=(evil,), destinations=(evil,) * 9, hops=(hop,))
    answer = replace(BLOCKED, pieces=(piece, piece), reasons=(evil,), assumptions=(evil,), notes=(evil,))
    trace = replace(records.trace(evil, answer), cluster=records.cluster(evil))
    text = TraceTable().render((trace,), Options(width=width))
    assert all(char == "\n" or char.isprintable() for char in text)
    assert max(map(columns_of, text.splitlines())) <= width
