"""The members of application security groups: those that were read, and where others may stand (NSG-16)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from auditor.filters.known_addresses import RESERVED
from auditor.filters.terms import addresses_of
from auditor.model.estate import Estate
from auditor.model.network import VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet
from auditor.paths.receivers import NICS, all_read, instances_unread, sets_unread

_PRIVATE: Final = AddressSet.of(*RESERVED)


class GroupMembers:
    """Members by application security group, for one estate."""

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self._hidden: dict[ResourceId, AddressSet] = {}

    @cached_property
    def known(self) -> Mapping[ResourceId, AddressSet]:
        """The private addresses of the members that were read; a record with something wrong in it names none (V-6)."""
        found: dict[ResourceId, list[AddressSet]] = {}
        for nic in self._estate.nics.values():
            for group in () if nic.flaws else nic.application_groups:
                found.setdefault(group, []).append(addresses_of(nic.addresses))
        return {group: AddressSet.union_all(members) for group, members in found.items()}

    def hidden(self, group: ResourceId) -> AddressSet:
        """Where members may stand that were not read.

        All members lie in one virtual network, so known ones say where the others are; without any it may be every
        network whose interfaces were not read, one that was not read itself included.
        """
        if group not in self._hidden:
            self._hidden[group] = self._where(group)
        return self._hidden[group]

    def _where(self, group: ResourceId) -> AddressSet:
        homes = self._homes.get(group, set())
        if homes:
            unread = [home for home in homes if home not in self._listed]
            found = [self._estate.network(home) for home in unread]
            if not all(isinstance(network, VirtualNetwork) for network in found):
                return _PRIVATE | _space(found)
            return _space(found)
        hidden = _space(net for net in self._estate.networks.values() if net.id not in self._listed)
        return hidden if all_read(NICS, group, self._estate) is None else hidden | _PRIVATE

    @cached_property
    def _homes(self) -> Mapping[ResourceId, set[ResourceId]]:
        """The networks in which members stand that were read or that a model predicts."""
        found: dict[ResourceId, set[ResourceId]] = {}
        for nic in self._every_interface:
            for group in nic.application_groups:
                found.setdefault(group, set()).update(_networks(nic))
        return found

    @cached_property
    def _listed(self) -> frozenset[ResourceId]:
        """The networks of which every interface that could be a member was read, instances included."""
        estate = self._estate
        read = {nic.scale_set for nic in estate.nics.values() if nic.scale_set is not None and not nic.model}
        hidden = {
            network
            for held in estate.scale_sets.values()
            for model in held.models
            if (model.application_groups and held.id not in read) or instances_unread(held, estate)
            for network in _networks(model)
        }
        hidden |= {network for nic in estate.nics.values() if nic.flaws for network in _networks(nic)}
        return frozenset(
            network.id
            for network in estate.networks.values()
            if network.id not in hidden
            and all_read(NICS, network.id, estate) is None
            and sets_unread(network.id, estate) is None
        )

    @property
    def _every_interface(self) -> Iterable[Nic]:
        yield from self._estate.nics.values()
        for held in self._estate.scale_sets.values():
            yield from held.models


def _networks(nic: Nic) -> set[ResourceId]:
    return {subnet.parent for subnet in nic.subnets if subnet.parent is not None}


def _space(networks: Iterable[object]) -> AddressSet:
    return AddressSet.union_all(
        addresses_of(network.prefixes) for network in networks if isinstance(network, VirtualNetwork)
    )
