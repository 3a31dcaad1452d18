"""Rules that let traffic out to what anybody can rent a place in (NSG-27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.filters.firewall import FirewallFilter
from auditor.filters.parts import Flow
from auditor.model.finding import From, Problem
from auditor.model.network import Subnet
from auditor.model.question import question
from auditor.model.shared_destinations import SharedDestinations
from auditor.model.verdict import Effect, Hop, Outcome
from auditor.netset import NameSet, ServiceSet, Traffic
from auditor.paths.cells import CellMaker, resolvers
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.hint_sets import public_addresses
from auditor.paths.judge import Judgement, PathPart, judge
from auditor.paths.shared_rules import SharedRule, SharedRules
from auditor.paths.sources import Source
from auditor.paths.walk import Walker

_KINDS = {"security": "security rule", "network": "network rule", "application": "application rule"}


@dataclass(slots=True)
class _Out:
    """What leaves by one rule, surely and perhaps."""

    hop: Hop
    sure: list[Traffic] = field(default_factory=list)
    open: list[Traffic] = field(default_factory=list)
    reasons: set[str] = field(default_factory=set)

    def add(self, part: PathPart, answer: Judgement, hop: Hop) -> None:
        """Count one part that leaves, or may."""
        if answer.outcome is Outcome.ALLOWED and hop.outcome is Effect.ALLOW:
            self.sure.append(part.traffic)
            self.hop = hop
        elif hop.outcome in {Effect.ALLOW, Effect.UNKNOWN}:
            self.open.append(part.traffic)
            self.reasons |= answer.reasons


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prone:
    """A destination of a rule to which traffic leaves by that rule, or may."""

    rule: SharedRule
    hop: Hop
    reasons: tuple[str, ...] = ()


class ExfiltrationProne:
    """Allow rules by which most of what they name so widely gets out; one problem for each rule.

    A rule that others narrow is none: beside a firewall, a security group may admit a whole cloud and nothing
    leaves that the firewall does not let out. What the cluster's own needs name is left out.
    """

    def __init__(
        self,
        paths: ClusterPaths,
        assumed: frozenset[str],
        shared: SharedDestinations,
        documented: Mapping[str, ServiceSet],
    ) -> None:
        self._paths = paths
        self._assumed = assumed
        self._rules = SharedRules(paths.network, shared, documented)

    def problems(self, source: Source, asked: From) -> Iterator[Problem]:
        """One for each rule on the way of a source."""
        if not isinstance(source.subnet, Subnet):
            return
        devices = self._paths.network.reachable_filters(source, self._paths.members)
        firewalls = [item for item in devices if isinstance(item, FirewallFilter)]
        listed = list(self._rules.of(source, source.subnet, firewalls))
        by_address = [rule for rule in listed if rule.names is None]
        by_name = [rule for rule in listed if rule.names is not None]
        found: dict[tuple[str, str], list[_Prone]] = {}
        for one in (
            *(_out_by_address(self._paths, source, self._assumed, by_address) if by_address else ()),
            *(_out_by_name(self._paths, source, self._assumed, by_name) if by_name else ()),
        ):
            found.setdefault(one.rule.key, []).append(one)
        for prone in found.values():
            yield _problem([one for one in prone if not one.reasons] or prone, asked)


# -- by address --------------------------------------------------------------------------------------------


def _out_by_address(
    paths: ClusterPaths, source: Source, assumed: frozenset[str], rules: Sequence[SharedRule]
) -> Iterator[_Prone]:
    """One walk of everything that the rules name, and what leaves of it by each of them."""
    public = public_addresses(paths.network.estate)
    traffic = Traffic.union_all(
        Traffic.box(public if rule.addresses is None else rule.addresses & public, rule.services)
        for rule in rules
    )
    out: dict[tuple[str, str], _Out] = {}
    wanted = {rule.key for rule in rules}
    for interfaces in source.interfaces:
        walker = Walker(paths.network, source, interfaces, paths.members)
        for senders in paths.network.source_classes(source, paths.members):
            sent = senders.sends(traffic)
            resolver = resolvers(source, interfaces, paths.network)
            flow = Flow(source=senders.addresses, traffic=sent, resolver=resolver)
            for part in walker.walk(flow) if sent else ():
                _count(part, assumed, wanted, out)
    for rule in rules:
        item = out.get(rule.key)
        if item is None:
            continue
        if rule.addresses is None:
            if Traffic.union_all(item.open) & Traffic.box(public, rule.services):
                yield _Prone(rule=rule, hop=item.hop, reasons=tuple(sorted(item.reasons)))
            continue
        named = Traffic.box(rule.addresses & public, rule.services)
        yield from _most(rule, item, named, named.addresses.size)


def _count(
    part: PathPart,
    assumed: frozenset[str],
    wanted: set[tuple[str, str]],
    out: dict[tuple[str, str], _Out],
) -> None:
    answer = judge(part.ways, assumed)
    if answer.outcome is Outcome.BLOCKED:
        return
    for hop in answer.hops:
        key = ((hop.resource or "").rstrip("/").lower(), hop.rule or "")
        if key in wanted:
            out.setdefault(key, _Out(hop=hop)).add(part, answer, hop)


def _most(rule: SharedRule, item: _Out, named: Traffic, total: int) -> Iterator[_Prone]:
    """Whether at least half of the addresses are reached by the rule, surely or perhaps."""
    sure = Traffic.union_all(item.sure) & named
    if sure and 2 * sure.addresses.size >= total:
        yield _Prone(rule=rule, hop=item.hop)
        return
    may = sure | (Traffic.union_all(item.open) & named)
    if may and 2 * may.addresses.size >= total:
        yield _Prone(rule=rule, hop=item.hop, reasons=tuple(sorted(item.reasons)) or ("uncertain:NSG-27",))


# -- by name -----------------------------------------------------------------------------------------------


def _out_by_name(
    paths: ClusterPaths, source: Source, assumed: frozenset[str], rules: Sequence[SharedRule]
) -> Iterator[_Prone]:
    """The path of each pattern: rules before may take all names of strangers out of it."""
    public = public_addresses(paths.network.estate)
    maker = CellMaker(paths.network, source, paths.members)
    for rule in rules:
        out: dict[tuple[str, str], _Out] = {}
        for protocol, port in rule.protocols:
            asking = question(str(rule.pattern), protocol, ((port, port),))
            for cell in maker.cells(asking, public, pattern=rule.pattern, application=protocol):
                if _strangers(cell.name, rule):
                    for part in cell.parts:
                        _count(part, assumed, {rule.key}, out)
        for item in out.values():
            yield from _most(rule, item, Traffic.box(public, rule.services), public.size)


def _strangers(name: NameSet | None, rule: SharedRule) -> bool:
    """Whether a class of names holds any that a stranger may register: one with a wildcard, not single names."""
    if name is None or rule.names is None:
        return False
    return any(pattern.wildcard and included for pattern, included in (name & rule.names.names).patterns())


# -- words -------------------------------------------------------------------------------------------------


def _problem(prone: Sequence[_Prone], asked: From) -> Problem:
    first = prone[0]
    listed = [f"{one.rule.text} ({one.rule.holds})" for one in prone[:3]]
    if len(prone) > 3:
        listed.append(f"{len(prone) - 3} more such destinations")
    text = f"{_KINDS[first.rule.kind]} {first.rule.rule} lets traffic out to {', '.join(listed)}"
    certain = not first.reasons
    return Problem(
        kind="exfiltration-prone-rule",
        resource=first.rule.resource,
        subject=first.rule.rule,
        message=f"{text} (NSG-27)" if certain else f"whether {text} is not known (NSG-27)",
        asked_from=(asked,),
        evidence=(first.hop,),
        reasons=tuple(sorted({code for one in prone for code in one.reasons})),
        lacking=tuple(one.rule.text for one in prone),
    )
