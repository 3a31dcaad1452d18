"""Network rules that take traffic away from the application rules of the same firewall (FW-13, FW-32)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import RuleTerms, source_codes
from auditor.filters.parts import Codes, Flow, Option, Options
from auditor.model.finding import From, Problem
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Outcome, Stage
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.cells import resolvers
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.hint_sets import public_addresses
from auditor.paths.judge import PathPart, judge
from auditor.paths.sources import Source
from auditor.paths.unasked_denies import RuleOrder, left_over, rule_order, unasked
from auditor.paths.walk import Walker

KIND = "network-rule-bypasses-application-rules"
WIDE = 1 << 16
"""A network rule that admits more public addresses than this does not stand for one service that has no name."""
_OWN_NAME = "fqdn-rule-address"
_CONDITIONS = frozenset({"FW-18", "FW-19"})
_QUIC = frozenset({80, 443})


@dataclass(slots=True)
class _Admitted:
    """What one network rule admits from one class of sources at ports that application rules name."""

    hop: Hop
    sure: list[Traffic] = field(default_factory=list)
    open: list[Traffic] = field(default_factory=list)
    codes: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Controlled:
    """The application rules of a firewall that apply to one class of sources."""

    ports: frozenset[int]
    quic: frozenset[int]
    """Ports of http and https, where a browser may try UDP first (FW-32)."""
    denies: tuple[tuple[str, int], ...]
    """(collection/rule, port) of rules that deny."""

    @property
    def services(self) -> ServiceSet:
        """What a network rule can take away from them."""
        tcp = ServiceSet.tcp(*self.ports) if self.ports else ServiceSet.protocols()
        return tcp | ServiceSet.udp(*self.quic) if self.quic else tcp


class BypassingRules:
    """Wide network rules at ports that application rules of the same firewall mean to control.

    Only traffic counts that is not dropped elsewhere on its way. A name in a network rule stands for the few
    addresses that the firewall resolved, so it never makes a rule wide.
    """

    def __init__(self, paths: ClusterPaths, assumed: frozenset[str]) -> None:
        self._paths = paths
        self._assumed = assumed
        self._public = public_addresses(paths.network.estate)
        self._known: dict[ResourceId, _Device | None] = {}

    def problems(self, source: Source, asked: From) -> Iterator[Problem]:
        """One for each class of the source's addresses and network rule."""
        network = self._paths.network
        devices = self._devices(source)
        if not devices:
            return
        for interfaces in source.interfaces:
            walker = Walker(network, source, interfaces, self._paths.members)
            for senders in network.source_classes(source, self._paths.members):
                for device, order in devices:
                    controlled = device.controlled(senders.addresses)
                    traffic = senders.sends(Traffic.box(self._public, controlled.services))
                    if not controlled.ports or not traffic:
                        continue
                    flow = Flow(
                        source=senders.addresses,
                        traffic=traffic,
                        resolver=resolvers(source, interfaces, network),
                    )
                    parts = walker.walk(flow)
                    for admitted in _admitted(parts, device, self._assumed):
                        asking = _Asking(
                            controlled=controlled, parts=parts, order=order, assumed=self._assumed
                        )
                        yield from _problems(admitted, asking, asked)

    def _devices(self, source: Source) -> list[tuple[_Device, RuleOrder]]:
        """The firewalls on the way that have both kinds of rules, each read once, and the order of their rules."""
        met = self._paths.network.reachable_filters(source, self._paths.members)
        firewalls = [one for one in met if isinstance(one, FirewallFilter)]
        found: list[tuple[_Device, RuleOrder]] = []
        for filter_ in firewalls:
            firewall = filter_.resolved.firewall.id
            if firewall not in self._known:
                self._known[firewall] = _device(filter_)
            device = self._known[firewall]
            if device is not None:
                found.append((device, rule_order(filter_, firewalls)))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Device:
    """A firewall with its application rules, in processing order."""

    owners: frozenset[str]
    """What holds its rules, as hops name it."""
    terms: RuleTerms
    rules: tuple[tuple[str, Effect, ApplicationRule], ...]
    """(collection/rule, effect, rule)."""

    def controlled(self, source: AddressSet) -> _Controlled:
        """What its application rules mean to control for one class of sources."""
        ports: set[int] = set()
        quic: set[int] = set()
        denies: list[tuple[str, int]] = []
        for name, effect, rule in self.rules:
            if self.terms.skip(rule.source_groups) or source_codes(self.terms.sources(rule), source) is None:
                continue
            for protocol, port in rule.protocols:
                ports.add(port)
                if protocol in {"http", "https"} and port in _QUIC:
                    quic.add(port)
                if effect is Effect.DENY:
                    denies.append((name, port))
        return _Controlled(ports=frozenset(ports), quic=frozenset(quic), denies=tuple(denies))


def _device(device: FirewallFilter) -> _Device | None:
    """None where no network rule may be wide, or no application rule is there to be passed by."""
    collections = device.resolved.collections
    rules = tuple(
        (f"{place.collection.name}/{rule.name}", place.effect, rule)
        for place in collections
        for rule in place.collection.rules
        if isinstance(rule, ApplicationRule)
    )
    if not rules or not any(_may_be_wide(rule) for rule in _network_rules(device)):
        return None
    return _Device(
        owners=frozenset(place.owner.key for place in collections),
        terms=device.terms,
        rules=rules,
    )


def _network_rules(device: FirewallFilter) -> Iterator[NetworkRule]:
    for place in device.resolved.collections:
        if place.effect is not Effect.DENY:
            yield from (rule for rule in place.collection.rules if isinstance(rule, NetworkRule))


def _may_be_wide(rule: NetworkRule) -> bool:
    """A cheap look at the texts: whether they might hold more addresses than a few."""
    total = 0
    for text in rule.destinations:
        head, slash, length = text.partition("/")
        if not slash and head[:1].isdigit() and "-" not in head:
            total += 1
        elif length.isdigit() and "." in head:
            total += 1 << max(0, 32 - int(length))
        else:
            return True
    return bool(rule.destination_groups) or total > WIDE


def _admitted(parts: Sequence[PathPart], device: _Device, assumed: frozenset[str]) -> list[_Admitted]:
    """What each network rule of the firewall admits, of all parts that are not surely dropped."""
    found: dict[tuple[str, str], _Admitted] = {}
    for part in parts:
        if judge(part.ways, assumed).outcome is Outcome.BLOCKED:
            continue
        alive = [way for way in part.ways if way.holds(assumed)] or list(part.ways)
        surely = [{_key(hop) for hop, codes in _rules(way.steps, assumed) if not codes} for way in alive]
        for way in alive:
            for hop, codes in _rules(way.steps, assumed):
                key = _key(hop)
                if key[0] not in device.owners:
                    continue
                item = found.setdefault(key, _Admitted(hop=hop))
                if all(key in sure for sure in surely):
                    item.sure.append(part.traffic)
                else:
                    item.open.append(part.traffic)
                    item.codes |= codes | way.codes
    return list(found.values())


def _key(hop: Hop) -> tuple[str, str]:
    return (hop.resource or "").lower(), hop.rule or ""


def _rules(steps: Sequence[Options], assumed: frozenset[str]) -> Iterator[tuple[Hop, Codes]]:
    """The network rules that may admit, at each firewall of a way, with what leaves that open."""
    for options in steps:
        alive = [option for option in options if option.holds(assumed | {_OWN_NAME}) and _matches(option)]
        admits = [option.kind == "network" and option.hop.outcome is Effect.ALLOW for option in alive]
        codes = frozenset().union(*(option.codes for option in alive))
        for option, admitting in zip(alive, admits, strict=True):
            if admitting and option.hop.rule is not None:
                # Where all that may match admit, the last of them, which is certain, takes what the others leave.
                yield option.hop, frozenset() if all(admits) and option is alive[-1] else codes


def _matches(option: Option) -> bool:
    """Threat intelligence and intrusion prevention come after the rules and change nothing about their order."""
    return not (option.hop.stage is Stage.FIREWALL and option.hop.clause in _CONDITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """What the rules of one firewall are asked about: one class of sources with all that it may send."""

    controlled: _Controlled
    parts: Sequence[PathPart]
    order: RuleOrder
    assumed: frozenset[str]

    def unreachable(self, key: tuple[str, str], sure: Traffic) -> tuple[str, ...]:
        """Application rules that deny and to which a network rule leaves nothing."""
        denies = self.controlled.denies
        if not denies or self.order.proxied:
            return ()
        return unasked(denies, sure, left_over(self.parts, self.order, key, self.assumed))


def _problems(admitted: _Admitted, asking: _Asking, asked: From) -> Iterator[Problem]:
    controlled = asking.controlled
    sure = Traffic.union_all(admitted.sure)
    may = sure | Traffic.union_all(admitted.open)
    wide = _wide(sure, controlled)
    reasons: tuple[str, ...] = ()
    if not wide:
        wide = _wide(may, controlled)
        reasons = tuple(sorted(admitted.codes)) or ("uncertain:FW-13",)
    if not wide:
        return
    hop = admitted.hop
    unreachable = () if reasons else asking.unreachable(_key(hop), sure)
    yield Problem(
        kind=KIND,
        resource=ResourceId(hop.resource or ""),
        subject=hop.rule or "",
        message=_message(hop.rule or "", wide, unreachable, certain=not reasons),
        asked_from=(asked,),
        evidence=(hop,),
        reasons=reasons,
        lacking=tuple(dict.fromkeys(str(port) for _, port, _ in wide)),
    )


def _wide(traffic: Traffic, controlled: _Controlled) -> list[tuple[str, int, int]]:
    """(transport, port, addresses) of each service at which the traffic goes to more addresses than a few."""
    found = []
    for transport, ports in (("TCP", controlled.ports), ("UDP", controlled.quic)):
        for port in sorted(ports):
            service = ServiceSet.tcp(port) if transport == "TCP" else ServiceSet.udp(port)
            size = traffic.addresses_of(service).size
            if size > WIDE:
                found.append((transport, port, size))
    return found


def _message(
    rule: str, wide: Sequence[tuple[str, int, int]], unreachable: Sequence[str], *, certain: bool
) -> str:
    services = ", ".join(f"{transport} {port}" for transport, port, _ in wide)
    size = max(size for _, _, size in wide)
    if not certain:
        return f"whether network rule {rule} takes {services} from the application rules is not known (FW-13)"
    text = f"network rule {rule} admits {services} to {size:,} public addresses before any application rule is asked "
    text += "(FW-13)"
    if any(transport == "UDP" for transport, _, _ in wide):
        text += "; UDP is QUIC there, which application rules never see (FW-32)"
    if unreachable:
        shown = ", ".join(unreachable[:3]) + (", ..." if len(unreachable) > 3 else "")
        text += f"; it makes what denies by name unreachable: {shown}"
    return text
