"""Who stands at the private addresses of a subnet, and which groups filter what comes to them (NSG-9, AKS-10, V-6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from auditor.filters.terms import addresses_of
from auditor.model.estate import Estate
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.model.outbound import Nic, ScaleSet
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet

NICS: Final = "microsoft.network/networkinterfaces"
_FIREWALLS: Final = "microsoft.network/azurefirewalls"
SCALE_SETS: Final = "microsoft.compute/virtualmachinescalesets"
_INSTANCES: Final = f"{SCALE_SETS}/networkinterfaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receivers:
    """What is known of the interfaces in one subnet."""

    standing: tuple[tuple[AddressSet, ResourceId | Gap], ...]
    """Where interfaces with a group stand, or such of which it is not known whether they have one."""
    plain: AddressSet
    """Where interfaces without a group stand: nothing but the subnet filters there (NSG-3)."""
    perhaps: tuple[ResourceId, ...]
    """Groups of interfaces that may stand at any other address of the subnet, or at none."""
    unread: Gap | None
    """What may stand at any other address with filters of its own, and was not read (V-6)."""


def receivers_in(subnet: Subnet, estate: Estate) -> Receivers:
    """The interfaces of a subnet; those that a scale set's model predicts stand at addresses that nobody tells."""
    space = addresses_of(subnet.prefixes)
    standing: list[tuple[AddressSet, ResourceId | Gap]] = []
    plain: list[AddressSet] = []
    perhaps: dict[ResourceId, None] = {}
    gaps: list[Gap] = []
    for nic in _nics_in(subnet, estate):
        addresses = addresses_of(nic.addresses) & space
        found: ResourceId | Gap | None = nic.security_group
        if nic.flaws:
            found = Gap(nic.id, nic.flaws[0].detail, nic.flaws[0].code)
        if found is None:
            plain.append(addresses)
        elif addresses:
            standing.append((addresses, found))
        elif isinstance(found, Gap):
            gaps.append(found)
        else:
            perhaps[found] = None
    for held in predicted_in(subnet, estate):
        unread_ones = instances_unread(held, estate)
        gaps += [unread_ones] if unread_ones is not None else []
        perhaps.update(
            (model.security_group, None)
            for model in held.models
            if model.security_group is not None and subnet.id in model.subnets
        )
    unread = _unread(subnet, estate) or next(iter(gaps), None)
    return Receivers(
        standing=tuple(standing), plain=AddressSet.union_all(plain), perhaps=tuple(perhaps), unread=unread
    )


def all_read(kind: str, scope: ResourceId, estate: Estate) -> Gap | None:
    """None where a list that holds everything at `scope` was read, else why that is not so (V-6)."""
    if estate.was_read(kind, scope):
        return None
    row = estate.read_of(kind, scope)
    return Gap(scope, f"{kind} was not read" if row is None else f"{kind} under {row.scope}: {row.status}")


def sets_unread(network: ResourceId, estate: Estate) -> Gap | None:
    """Why scale sets with instances in a network may be missing; nobody need have looked for any."""
    row = estate.failed_read(SCALE_SETS, network)
    return None if row is None else Gap(network, f"{row.kind} under {row.scope}: {row.status}")


def instances_unread(held: ScaleSet, estate: Estate) -> Gap | None:
    """Why interfaces of a scale set's instances may be missing; where nobody looked, the model predicts (AKS-10)."""
    row = estate.failed_read(_INSTANCES, held.id)
    if row is None:
        return None
    return Gap(held.id, f"who stands there was not read: interfaces of {held.id.name}: {row.status}")


def _nics_in(subnet: Subnet, estate: Estate) -> Iterator[Nic]:
    for nic in estate.nics.values():
        # Where an interface stands whose subnet was not understood, only its address may tell.
        if not nic.model and (subnet.id in nic.subnets or (nic.flaws and nic.addresses and not nic.subnets)):
            yield nic


def predicted_in(subnet: Subnet, estate: Estate) -> Iterator[ScaleSet]:
    """Scale sets whose instances should stand here and are in no list of all interfaces that was read (ARM-12)."""
    sets = [
        held
        for held in estate.scale_sets.values()
        if held.uniform and any(subnet.id in model.subnets for model in held.models)
    ]
    known = {nic.scale_set for nic in estate.nics.values() if not nic.model} if sets else set()
    for held in sets:
        row = estate.read_of(_INSTANCES, held.id)
        if row is None and held.id in known:
            continue
        if row is None or not row.complete:
            yield held


def _unread(subnet: Subnet, estate: Estate) -> Gap | None:
    """A list that was not read and may hold who stands at an address here."""
    kinds = (NICS, _FIREWALLS) if subnet.for_firewall else (NICS,)
    gaps = [gap for kind in kinds if (gap := all_read(kind, subnet.network, estate)) is not None]
    sets = sets_unread(subnet.network, estate)
    gaps += [sets] if sets is not None else []
    return Gap(subnet.id, f"who stands there was not read: {gaps[0].detail}") if gaps else None
