"""What security rules do not reach: services of the platform itself, and perhaps the rest of its addresses (NSG-21)."""

from __future__ import annotations

from auditor.filters.known_addresses import HOST, METADATA, PLATFORM
from auditor.filters.parts import Doubt, Match
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import ServiceSet, Traffic
from auditor.netset.service import ANY

DNS_SERVICES = ServiceSet.tcp(53) | ServiceSet.udp(53)
PLATFORM_TAGS = {
    "azureplatformdns": Traffic.box(HOST, DNS_SERVICES),
    "azureplatformimds": Traffic.box(METADATA, ServiceSet.tcp(80)),
    "azureplatformlkm": Traffic.EMPTY,
}
"""What each tag holds for certain."""
PLATFORM_ADDRESSES = {"azureplatformdns": HOST, "azureplatformimds": METADATA}

EXCEPTED = Traffic.union_all(
    (
        *PLATFORM_TAGS.values(),
        # DHCP, and the wire server with the health of the machine
        Traffic.box(HOST, ServiceSet.udp(67) | ServiceSet.tcp(80, 32526)),
    )
)
"""Outside security rules, but for rules that name a tag of these services."""
UNSAID = Traffic.box(PLATFORM, ANY) - EXCEPTED
"""Other services at these addresses: no source says whether rules reach them."""


def reached(traffic: Traffic) -> Traffic:
    """What a rule that names no tag of the platform may reach."""
    return traffic - EXCEPTED


def excepted(stage: Stage) -> Match:
    """The platform's services, which pass behind all custom rules."""
    detail = "platform addresses are outside security rules that do not name their tag"
    return Match(hop=_hop(stage, detail), sure=EXCEPTED, literal=False)


def perhaps_excepted(stage: Stage) -> Match:
    """The rest, which may pass before any rule: what rules allow is allowed, what they deny is open."""
    detail = "no document says whether security rules reach it"
    doubt = Doubt(UNSAID, frozenset({"uncertain:NSG-21"}), None)
    return Match(hop=_hop(stage, detail), sure=Traffic.EMPTY, doubts=(doubt,), literal=False)


def _hop(stage: Stage, detail: str) -> Hop:
    return Hop(
        stage=stage,
        resource=None,
        rule=None,
        priority=None,
        outcome=Effect.ALLOW,
        clause="NSG-21",
        detail=detail,
    )
