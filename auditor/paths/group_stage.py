"""Filters as stages of a path: security groups at both ends, and admin rules at the destination."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from auditor.filters.parts import Flow, Part
from auditor.filters.security_group import SecurityGroupFilter
from auditor.filters.vnet_tag import Memberships
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Stage
from auditor.netset.refinement import cut_along
from auditor.paths.judge import PathPart
from auditor.paths.network import Network
from auditor.paths.ways import always_allowed, gap_option, overridden

_WITHOUT_ADMIN_RULES: Final = frozenset(
    {
        "azurefirewallsubnet",
        "azurefirewallmanagementsubnet",
        "azurebastionsubnet",
        "gatewaysubnet",
        "routeserversubnet",
    }
)
"""Subnets, in lower case, of services to which admin rules do not apply (NSG-30)."""


class GroupStage:
    """Applies the security groups that one source meets, and the admin rules of the network that it gets to."""

    def __init__(self, network: Network, own: Memberships) -> None:
        self._network = network
        self._own = own

    def parts(
        self, flow: Flow, group: ResourceId, subnet: Subnet, stage: Stage, *, direction: str = "outbound"
    ) -> list[Part]:
        """The partition by a group's rules; one that was not read leaves everything open."""
        # Who is a member of a group stays one at the destination, unless a firewall put its own address instead.
        own = frozenset() if flow.translated else self._own
        found = self._network.security_group(group, subnet, stage, own=own, direction=direction)
        if isinstance(found, SecurityGroupFilter):
            return found.parts(flow)
        return [Part(flow.traffic, (gap_option(stage, found),))]

    def admitted(self, flow: Flow, subnet: Subnet) -> list[Part] | None:
        """The partition by the inbound admin rules of a subnet's network; None where none applies (NSG-30)."""
        if subnet.id.name.lower() in _WITHOUT_ADMIN_RULES:
            return None
        rules = self._network.admin_rules(subnet, frozenset(), direction="inbound")
        return rules.parts(flow) if rules.decides else None


def refined(parts: Sequence[PathPart], answers: Sequence[Part] | None) -> list[PathPart]:
    """Parts of a path behind one more filter, which an admin rule before it may override; None filters nothing."""
    if answers is None:
        return list(parts)
    traffic = ([part.traffic for part in parts], [answer.traffic for answer in answers])
    found: list[PathPart] = []
    for before, after, common in cut_along(*traffic):
        part = parts[before]
        options = overridden(answers[after].options, always_allowed(part))
        found.append(PathPart(common, tuple(way.then(options) for way in part.ways)))
    return found


def subnetless(network: VirtualNetwork) -> Subnet:
    """Stands for addresses of a network that no subnet has: they have no filters but the network's own."""
    return Subnet(
        id=ResourceId(f"{network.id.text}/subnets/none"),
        flaws=(),
        prefixes=(),
        security_group=None,
        route_table=None,
        nat_gateway=None,
        service_endpoints=(),
        default_outbound=None,
        delegations=(),
        private_endpoint_policies="",
        service_gateway=False,
    )
