"""The kinds of interfaces of a source: facts where they were read, and whose they are where they differ (AKS-10)."""

from __future__ import annotations

from typing import Any

from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet
from auditor.paths.interfaces import Interfaces, interfaces_of
from tests.unit.interfaces import interface
from tests.unit.paths.test_egress_addresses import pool
from tests.unit.rules.world import SYS, cluster, estate

SET = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/v")
GROUP = ResourceId(
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/applicationSecurityGroups/a"
)


def nic(address: str, **changes: Any) -> Nic:
    identity = f"{SET.text}/virtualMachines/{address}/networkInterfaces/n"
    return interface(identity, **{"scale_set": SET, "subnets": (SYS,), "addresses": (address,)} | changes)


def kinds(*nics: Nic) -> tuple[Interfaces, ...]:
    return interfaces_of(cluster(), pool(None), nics, SYS, estate())


def test_interfaces_that_are_alike_are_one_kind() -> None:
    """Whose they are is of no matter then: other nodes of the pool will be like them."""
    (one,) = kinds(nic("10.0.0.4"), nic("10.0.0.5"))
    assert one.read
    assert not one.addresses


def test_interfaces_that_differ_are_told_apart_by_their_addresses() -> None:
    """Each kind is walked for itself, and reports name the nodes."""
    plain, marked = kinds(nic("10.0.0.4"), nic("10.0.0.5", application_groups=(GROUP,)), nic("10.0.0.6"))
    assert plain.addresses == AddressSet.of("10.0.0.4", "10.0.0.6")
    assert (marked.application_groups, marked.addresses) == (frozenset({GROUP}), AddressSet.of("10.0.0.5"))


def test_what_the_pool_says_holds_for_a_model_only() -> None:
    """AKS-10: an interface that was read has no public address because the pool would give it one."""
    (read,) = kinds(nic("10.0.0.4"))
    (model,) = kinds(nic("10.0.0.4", model=True))
    (none,) = kinds()
    assert (read.public_ip, model.public_ip, none.public_ip) == (False, True, True)


def test_addresses_that_nobody_read_are_one_kind() -> None:
    """Each node has one of its own, and all are open for the same reason."""
    place = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/publicIPAddresses"
    (one,) = kinds(
        nic("10.0.0.4", public_ip=True, public_address_ids=(ResourceId(f"{place}/a"),)),
        nic("10.0.0.5", public_ip=True, public_address_ids=(ResourceId(f"{place}/b"),)),
    )
    assert one.public_unsure is not None
    assert (one.public_unsure.code, one.public_unsure.unread) == (
        "unreadable-resource",
        ResourceId(f"{place}/a"),
    )
