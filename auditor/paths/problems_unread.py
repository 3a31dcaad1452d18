"""Rules that would find nothing where the rules of a device on the way were not read: that is no pass (V-6)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from auditor.filters.parts import Codes
from auditor.model.cluster import Cluster
from auditor.model.finding import From, Problem
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.problems_tunnel import tunnel_codes
from auditor.paths.sources import Source
from auditor.paths.unread_rules import Kind, UnreadRules, unread_rules

_PRONE = "exfiltration-prone-rule"
_BYPASS = "network-rule-bypasses-application-rules"
_TUNNEL = "tls-inspection-breaks-tunnel"
_BY_NAME = "fqdn-rule-without-dns-proxy"
_ASKED = {
    _PRONE: "a rule lets traffic out to what anybody can rent a place in",
    _BYPASS: "a network rule takes traffic that application rules mean to control",
    _TUNNEL: "a firewall inspects the TLS of the tunnel to the API server",
    _BY_NAME: "a network rule names what the nodes may resolve otherwise than the firewall",
    "unneeded-baseline-egress": "something of the baseline is open without need",
    "firewall-bypassed": "something leaves beside a firewall",
}
_LOOKED_AT = {
    _PRONE: frozenset(Kind),
    _BYPASS: frozenset({Kind.SUBNET, Kind.FIREWALL}),
    _TUNNEL: frozenset({Kind.SUBNET, Kind.FIREWALL, Kind.OTHER}),
    _BY_NAME: frozenset({Kind.SUBNET, Kind.FIREWALL}),
}
"""Where the rules stand that each of them looks at."""
Met = tuple[From, UnreadRules, Codes]
"""From where a list is met that was not read, and the codes of traffic that may leave by it."""


def unread_problems(
    paths: ClusterPaths, assumed: frozenset[str], found: Collection[str]
) -> Iterator[Problem]:
    """One for each rule that looks at a list which was not read, and of which no problem was `found`."""
    met: dict[str, list[Met]] = {}
    for source in paths.sources:
        lists = list(unread_rules(paths, source, assumed))
        for rule, kinds in _LOOKED_AT.items():
            looked_at = [one for one in lists if one.kind in kinds]
            if rule in found or not looked_at:
                continue
            codes = tunnel_codes(paths, source) if rule == _TUNNEL else None
            if codes is None:
                codes = open_codes(paths, source)
            asked = paths.asked_from(source)
            met.setdefault(rule, []).extend((asked, one, one.codes & codes) for one in looked_at)
    for rule, where in met.items():
        yield from unread_problem(rule, paths.cluster, where)


def open_codes(paths: ClusterPaths, source: Source) -> Codes:
    """What leaves open whether traffic leaves a source, by address or by name."""
    egress = paths.egress(source)
    return frozenset(
        code
        for leaving in (*egress.by_address, *egress.by_name)
        for _, codes in leaving.open
        for code in codes
    )


def unread_problem(
    rule: str, cluster: Cluster, where: Sequence[Met], *, rules: bool = True
) -> Iterator[Problem]:
    """The one problem of a rule that has lists to look at which were not read; none without codes.

    Without `rules` it looks at what leads there.
    """
    counted = [(asked, one, codes) for asked, one, codes in where if codes]
    if not counted:
        return
    names = tuple(dict.fromkeys(one.name for _, one, _ in counted))
    held = tuple(dict.fromkeys(one.holder for _, one, _ in counted)) if rules else names
    told = ", ".join(held[:3]) + (f" and {len(held) - 3} more" if len(held) > 3 else "")
    subject = f"the rules of {told} were" if rules else f"{told} {'was' if len(held) == 1 else 'were'}"
    yield Problem(
        kind=rule,
        resource=cluster.id,
        subject="",
        message=f"whether {_ASKED[rule]} is not known: {subject} not read or not understood (V-6)",
        asked_from=tuple(dict.fromkeys(asked for asked, _, _ in counted)),
        reasons=tuple(sorted(frozenset().union(*(codes for _, _, codes in counted)))),
        unread=names,
    )
