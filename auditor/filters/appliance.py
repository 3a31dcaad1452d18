"""A third-party appliance as the user describes it: an ordered rule list, first match decides."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from auditor.filters.application_rules import pattern_of
from auditor.filters.known_addresses import EVERYWHERE
from auditor.filters.parts import Flow, Match, Option, Part, SourceCut
from auditor.filters.rule_list import RuleList, effects_of
from auditor.filters.services import ports_of, with_ports
from auditor.filters.terms import literal
from auditor.model.reading import Appliance, ApplianceRule
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from auditor.netset.service import ANY

_BY_NAME = frozenset({"http", "https", "mssql"})


class ApplianceFilter:
    """The described rules of one next-hop address."""

    def __init__(self, appliance: Appliance) -> None:
        self._appliance = appliance
        self._lists: dict[tuple[AddressSet, NameSet | None, str | None], RuleList] = {}

    def source_cuts(self) -> Iterator[SourceCut]:
        """Literal source sets that tell source addresses apart."""
        for rule in self._appliance.rules:
            for text in rule.sources:
                found = literal(text)
                if found:
                    yield found, ANY

    def name_cuts(self) -> Iterator[NamePattern]:
        """Patterns that tell names apart."""
        for rule in self._appliance.rules:
            for text in rule.destinations:
                pattern = pattern_of(text) if literal(text) is None else None
                if pattern is not None:
                    yield pattern

    def applications(self) -> frozenset[str]:
        """The application protocols that some rule names."""
        return _BY_NAME.intersection(
            protocol for rule in self._appliance.rules for protocol in rule.protocols
        )

    def network_names(self) -> frozenset[str]:
        """No rule of an appliance matches a name by its resolved addresses."""
        return frozenset()

    def parts(self, flow: Flow) -> list[Part]:
        """Partition of the flow's traffic by the described rule that matches first."""
        key = (flow.source, flow.name, flow.application)
        if key not in self._lists:
            matches = (match for rule in self._appliance.rules for match in self._entries(rule, flow))
            self._lists[key] = RuleList(matches, self._default())
        return self._lists[key].parts(flow.traffic, coarse=flow.coarse and not flow.devices)

    def name_effects(self, flow: Flow) -> tuple[Hashable, Hashable]:
        """What the flow's names are to this appliance: what rules do with them, and which rules those are."""
        matches = [match for rule in self._appliance.rules for match in self._entries(rule, flow)]
        return effects_of(matches), tuple(match.hop for match in matches)

    def _entries(self, rule: ApplianceRule, flow: Flow) -> Iterator[Match]:
        if rule.sources and not any(
            text == "*" or flow.source <= (literal(text) or _NOTHING) for text in rule.sources
        ):
            return
        services = _services(rule, flow.application)
        if not services:
            return
        hop = self._hop(rule.name, Effect.ALLOW if rule.allow else Effect.DENY)
        known = AddressSet.union_all(
            found
            for found in (literal(text) for text in rule.destinations if text != "*")
            if found is not None
        )
        if known:
            yield Match(hop=hop, sure=Traffic.box(known, services), literal=True)
        if "*" in rule.destinations or self._names_match(rule, flow):
            yield Match(hop=hop, sure=Traffic.box(EVERYWHERE, services), literal=False)

    @staticmethod
    def _names_match(rule: ApplianceRule, flow: Flow) -> bool:
        if flow.name is None:
            return False
        patterns = [pattern_of(text) for text in rule.destinations if text != "*" and literal(text) is None]
        return any(pattern is not None and flow.name <= NameSet.of(pattern) for pattern in patterns)

    def _hop(self, rule: str | None, effect: Effect) -> Hop:
        shown = self._appliance.name
        verb = "allows" if effect is Effect.ALLOW else "denies"
        detail = (
            f"rule {rule} of appliance {shown} {verb} it"
            if rule
            else f"appliance {shown} {verb} it by default"
        )
        return Hop(
            stage=Stage.APPLIANCE,
            resource=self._appliance.address,
            rule=rule,
            priority=None,
            outcome=effect,
            clause="UDR-16",
            detail=f"{detail}, as described in {self._appliance.place}",
        )

    def _default(self) -> Option:
        return Option(
            hop=self._hop(None, Effect.ALLOW if self._appliance.default_allow else Effect.DENY), literal=False
        )


def _services(rule: ApplianceRule, application: str | None) -> ServiceSet:
    ports = ports_of(rule.ports or ("*",))
    found = ServiceSet.protocols()
    for protocol in rule.protocols:
        if protocol == "any":
            found |= ANY if not rule.ports or rule.ports == ("*",) else with_ports(("tcp", "udp"), ports)
        elif protocol in _BY_NAME:
            if protocol == application:
                found |= with_ports(("tcp",), ports)
        else:
            found |= with_ports((protocol,), ports)
    return found


_NOTHING = AddressSet.of()
