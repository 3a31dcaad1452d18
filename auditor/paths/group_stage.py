"""Security groups as stages of a path, outbound at the source and inbound at the destination."""

from __future__ import annotations

from auditor.filters.parts import Flow, Part
from auditor.filters.security_group import SecurityGroupFilter
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Stage
from auditor.paths.network import Network
from auditor.paths.ways import gap_option


class GroupStage:
    """Applies the security groups that one source meets."""

    def __init__(self, network: Network, own: frozenset[ResourceId]) -> None:
        self._network = network
        self._own = own

    def parts(
        self, flow: Flow, group: ResourceId, subnet: Subnet, stage: Stage, *, direction: str = "outbound"
    ) -> list[Part]:
        """The partition by a group's rules; one that was not read leaves everything open."""
        own = self._own if direction == "outbound" else frozenset()
        found = self._network.security_group(group, subnet, stage, own=own, direction=direction)
        if isinstance(found, SecurityGroupFilter):
            return found.parts(flow)
        return [Part(flow.traffic, (gap_option(stage, found),))]
