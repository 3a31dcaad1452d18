"""Whether a firewall's own subnet lets it work at all: without a management interface it needs the Internet (FW-45)."""

from __future__ import annotations

from auditor.filters.known_addresses import EVERYWHERE, PUBLIC
from auditor.filters.next_hop import HopKind
from auditor.filters.parts import Flow
from auditor.model.firewall import Firewall
from auditor.model.network import Subnet
from auditor.netset import Traffic
from auditor.netset.service import ANY
from auditor.paths.network import Network

_ANYTHING = Flow(source=EVERYWHERE, traffic=Traffic.box(PUBLIC, ANY), coarse=True)
_DIRECT = frozenset({HopKind.INTERNET, HopKind.UNKNOWN})
"""Next hops that are the Internet, or may be: of routes that were not read nothing is known."""


def unsupported(firewall: Firewall, subnet: Subnet, network: Network) -> str | None:
    """What the firewall's state breaks, if it does: what such a firewall does with traffic nobody says."""
    if firewall.management:
        return None
    if firewall.tier == "basic":
        return "a Basic firewall always has a management interface, and this one shows none"
    if any(one.hop != "internet" for one in network.routes(subnet).user_defaults):
        return "the firewall's own subnet has a 0/0 route and no management interface"
    parts = network.route_filter(subnet).parts(_ANYTHING)
    if not any(option.target.kind in _DIRECT for part in parts for option in part.options):
        return "the firewall's own subnet sends nothing to the Internet, and it has no management interface"
    return None
