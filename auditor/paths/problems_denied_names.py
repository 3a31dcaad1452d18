"""Names that an application rule denies and a network rule of the same firewall lets through first (FW-13)."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.filters.application_rules import pattern_of
from auditor.filters.firewall import FirewallFilter
from auditor.filters.services import ports_of
from auditor.model.finding import From, Problem
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.question import question
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Outcome
from auditor.netset import NamePattern
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.sources import Source


def undone_denies(paths: ClusterPaths, source: Source, asked: From) -> Iterator[Problem]:
    """A network rule names what an application rule denies: the path of that name says which of them decides."""
    for device in paths.network.reachable_filters(source, paths.members):
        if not isinstance(device, FirewallFilter):
            continue
        denied = list(_denied(device))
        for rule, name in _named(device) if denied else ():
            for denying, pattern, protocol, port in denied:
                if name <= pattern and port in ports_of(rule.ports or ("*",)):
                    yield from _undone(paths, source, asked, (str(name), protocol, port), denying)


def _denied(device: FirewallFilter) -> Iterator[tuple[str, NamePattern, str, int]]:
    """(collection/rule, pattern, protocol, port) of application rules that deny by name."""
    for place in device.resolved.collections:
        for rule in place.collection.rules:
            if isinstance(rule, ApplicationRule) and place.effect is Effect.DENY:
                for pattern in filter(None, map(pattern_of, rule.fqdns)):
                    for protocol, port in rule.protocols:
                        yield f"{place.collection.name}/{rule.name}", pattern, protocol, port


def _named(device: FirewallFilter) -> Iterator[tuple[NetworkRule, NamePattern]]:
    """Each name of the network rules that allow TCP by name."""
    for place in device.resolved.collections:
        for rule in place.collection.rules:
            if (
                isinstance(rule, NetworkRule)
                and place.effect is Effect.ALLOW
                and {"tcp", "any"} & {*rule.protocols}
            ):
                for name in filter(None, map(pattern_of, rule.fqdns)):
                    yield rule, name


def _undone(
    paths: ClusterPaths, source: Source, asked: From, to: tuple[str, str, int], denying: str
) -> Iterator[Problem]:
    name, protocol, port = to
    verdict = paths.ask(question(name, protocol, ((port, port),)), source)
    for piece in verdict.pieces:
        if piece.aside or piece.verdict is Outcome.BLOCKED:
            continue
        hop = next((hop for hop in piece.hops if _lets_through(hop)), None)
        if hop is None or hop.rule is None or hop.resource is None:
            continue
        certain = hop.outcome is Effect.ALLOW
        text = f"network rule {hop.rule} admits {name}, which application rule {denying} denies and never sees (FW-13)"
        yield Problem(
            kind="network-rule-bypasses-application-rules",
            resource=ResourceId(hop.resource),
            subject=hop.rule,
            message=text if certain else f"whether {text} is not known",
            asked_from=(asked,),
            evidence=(hop,),
            reasons=() if certain else piece.reasons,
            lacking=(str(port),),
        )


def _lets_through(hop: Hop) -> bool:
    """A network rule that lets the traffic through, or may."""
    return hop.clause == "FW-7" and hop.outcome in {Effect.ALLOW, Effect.UNKNOWN}
