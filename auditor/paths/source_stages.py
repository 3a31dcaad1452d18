"""The filters at the source of a path: admin rules, the NIC's group, the subnet's group (V-3, NSG-2, NSG-30)."""

from __future__ import annotations

from auditor.filters.parts import Flow, Option, Part
from auditor.filters.vnet_tag import Memberships
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Stage
from auditor.paths.group_stage import GroupStage, refined
from auditor.paths.judge import PathPart, Way
from auditor.paths.network import Network
from auditor.paths.ways import gap_option, hop_at


class SourceStages:
    """The stages that traffic passes before a route is chosen."""

    def __init__(self, network: Network, groups: GroupStage, own: Memberships) -> None:
        self._network = network
        self._groups = groups
        self._own = own

    def pass_through(
        self, flow: Flow, security_group: ResourceId | Gap | str | None, subnet: Subnet
    ) -> list[PathPart]:
        """Every part of the flow's traffic with what each stage may do; a stage runs behind a drop, too."""
        parts = [PathPart(flow.traffic, (Way(),))]
        parts = refined(parts, self._network.admin_rules(subnet, self._own).parts(flow))
        parts = refined(parts, self._nic_stage(flow, security_group, subnet))
        return refined(parts, self._subnet_stage(flow, subnet))

    def _nic_stage(
        self, flow: Flow, group: ResourceId | Gap | str | None, subnet: Subnet
    ) -> list[Part] | None:
        if group is None:
            return None
        if isinstance(group, Gap):
            return [Part(flow.traffic, (gap_option(Stage.NIC_NSG, group),))]
        if isinstance(group, str):
            codes = frozenset({"nic-nsg-unread"})
            passes = Option(
                hop=hop_at(
                    Stage.NIC_NSG,
                    None,
                    Effect.ALLOW,
                    "AKS-9",
                    "AKS's own NIC-level group is taken to be open",
                )
            )
            denies = Option(
                hop=hop_at(Stage.NIC_NSG, None, Effect.DENY, "AKS-9", "AKS's NIC-level group was not read"),
                unless=frozenset({codes}),
                codes=codes,
            )
            return [Part(flow.traffic, (passes, denies))]
        return self._groups.parts(flow, group, subnet, Stage.NIC_NSG)

    def _subnet_stage(self, flow: Flow, subnet: Subnet) -> list[Part] | None:
        if subnet.security_group is None:
            return None
        return self._groups.parts(flow, subnet.security_group, subnet, Stage.SUBNET_NSG)
