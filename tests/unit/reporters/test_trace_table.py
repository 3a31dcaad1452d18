"""Whole screens of `trace`."""

from __future__ import annotations

from dataclasses import replace

import pytest

from auditor.model.verdict import Effect, Outcome, Stage, Verdict
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
         blocked: 20.0.0.0/8 (16,777,216 addresses)
           1. subnet NSG nsg-apps, rule AllowAll (priority 100): allow (NSG-4)
           2. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
           3. firewall fw-hub: deny; no rule of policy fp-child or its parent fp-base matches;
              denied by default (FW-6)
         allowed: 1.2.3.4 (1 address); set aside
           1. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
           2. firewall fw-hub, rule aks/mcr (priority 200): allow (FW-5)

2 answers: 2 blocked.

Assumed:
  nic-nsg-unread: AKS's own NIC-level network security group does not restrict egress
  address-unlisted: the name's addresses are not among the few addresses that are treated
    differently
"""
    )


def _body(answer: Verdict, *, verbose: bool = False, **changes: tuple[str, ...]) -> str:
    trace = replace(records.trace("a.b:443/https", answer), **changes)  # type: ignore[arg-type]
    # Wide enough that nothing wraps: what is told counts here.
    lines = TraceTable().render((trace,), Options(width=200, verbose=verbose)).splitlines()
    return "\n".join(line.removeprefix("         ") for line in lines[1 : lines.index("")])


def test_every_blocker_says_whether_it_suffices_alone() -> None:
    """Several blockers are listed with what mending one of them would leave."""
    nsg = replace(records.NSG_HOP, rule="DenyAll", outcome=Effect.DENY)
    piece = replace(BLOCKED.pieces[0], hops=(nsg, records.DENY_HOP), blockers=(nsg, records.DENY_HOP))
    answer = replace(BLOCKED, pieces=(replace(piece, sufficient=(nsg,)),))
    assert _body(answer).splitlines()[-2:] == [
        "stopped by  subnet NSG nsg-apps, rule DenyAll (priority 100): would suffice alone",
        "            firewall fw-hub: does not suffice alone",
    ]
    alone = replace(piece, blockers=(nsg,), sufficient=(nsg,))
    assert "stopped by" not in _body(replace(BLOCKED, pieces=(alone,)))


def test_what_is_missing_comes_with_the_commands_that_read_it() -> None:
    """An unknown says what it lacks in place of bare codes; its commands stand alone on a line each."""
    answer = replace(BLOCKED, outcome=Outcome.UNKNOWN, reasons=("nva-opaque",), pieces=())
    assert _body(answer) == "reasons  nva-opaque"
    told = _body(answer, supply=("nva-opaque: what it is",), supply_commands=("az x " + "y" * 200,))
    assert told == "missing  nva-opaque: what it is\n         az x " + "y" * 200


def test_the_first_probe_is_always_shown_and_the_rest_with_verbose() -> None:
    """One line says how to try it; `-v` shows what Azure can be asked as well."""
    answer = replace(BLOCKED, pieces=())
    commands = ("curl -v https://a.b:443/", "az network watcher")
    assert _body(answer, confirm=commands) == "confirm  curl -v https://a.b:443/"
    assert _body(answer, verbose=True, confirm=commands) == (
        "confirm  curl -v https://a.b:443/\n         az network watcher"
    )


def test_hops_that_all_parts_share_are_told_once() -> None:
    """A few parts show their paths, and what is common to them stands before them under its own number."""
    allowed = replace(
        BLOCKED.pieces[0],
        verdict=Outcome.ALLOWED,
        hops=(records.NSG_HOP, records.ROUTE_HOP, records.ALLOW_HOP),
        destinations=("1.2.3.4",),
        addresses=1,
        services=("tcp/22", "tcp/80-90"),
    )
    assert _body(replace(BLOCKED, outcome=Outcome.MIXED, pieces=(BLOCKED.pieces[0], allowed))) == (
        """\
every part:
  1. subnet NSG nsg-apps, rule AllowAll (priority 100): allow (NSG-4)
  2. route rt-spoke, route default: forward; 0.0.0.0/0 to 10.0.0.4 (UDR-1)
blocked: 20.0.0.0/8 (16,777,216 addresses)
  3. firewall fw-hub: deny; no rule of policy fp-child or its parent fp-base matches; denied by default (FW-6)
allowed: tcp/22, tcp/80-90 to 1.2.3.4 (1 address)
  3. firewall fw-hub, rule aks/mcr (priority 200): allow (FW-5)"""
    )


def test_many_parts_show_what_decides_each() -> None:
    """With more than a few parts the path gives way to the deciding rule, and `-v` brings it back."""
    first = replace(BLOCKED.pieces[0], blockers=(records.DENY_HOP,), sufficient=(records.DENY_HOP,))
    exit_hop = replace(records.NSG_HOP, stage=Stage.EXIT, resource="/x/lb", rule=None, priority=None)
    allowed = replace(first, verdict=Outcome.ALLOWED, hops=(records.ALLOW_HOP, exit_hop), blockers=())
    opaque = replace(records.ROUTE_HOP, outcome=Effect.UNKNOWN, codes=("bgp-routes-unknown",))
    unknown = replace(allowed, verdict=Outcome.UNKNOWN, hops=(records.NSG_HOP, opaque))
    other = replace(allowed, sources=("10.2.0.0/24",))
    answer = replace(BLOCKED, outcome=Outcome.MIXED, pieces=(first, allowed, unknown, other))
    assert _body(answer) == (
        """\
blocked: 20.0.0.0/8 (16,777,216 addresses) from 10.1.0.0/24
  stopped by  firewall fw-hub: deny; no rule of policy fp-child or its parent fp-base matches; denied by default (FW-6)
allowed: 20.0.0.0/8 (16,777,216 addresses) from 10.1.0.0/24
  passes  firewall fw-hub, rule aks/mcr (priority 200)
          exit lb: allow (NSG-4)
unknown: 20.0.0.0/8 (16,777,216 addresses) from 10.1.0.0/24
  open at  route rt-spoke, route default: unknown; 0.0.0.0/0 to 10.0.0.4 (UDR-1) [bgp-routes-unknown]
allowed: 20.0.0.0/8 (16,777,216 addresses) from 10.2.0.0/24
  passes  firewall fw-hub, rule aks/mcr (priority 200)
          exit lb: allow (NSG-4)
-v shows the path of each part"""
    )
    assert "  1. subnet NSG nsg-apps" in _body(answer, verbose=True)


def test_a_list_that_was_cut_does_not_count_what_it_lacks() -> None:
    """A piece carries at most 21 destinations, so the number of the rest is not known."""
    some = replace(BLOCKED.pieces[0], destinations=tuple(f"1.2.3.{n}" for n in range(20)))
    cut = replace(some, destinations=(*some.destinations, "1.2.3.20"))
    text = _body(replace(BLOCKED, pieces=(some, cut)))
    assert "1.2.3.3 and 16 more (" in text
    assert "1.2.3.3 and more (" in text


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
