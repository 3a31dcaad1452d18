"""The addresses of one subnet in classes that rules tell apart, each with where its packets may go (NSG-11, AKS-18)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from auditor.filters.address_index import classes_of
from auditor.filters.known_addresses import ALL_IPV4, ALL_IPV6, EVERYWHERE
from auditor.filters.terms import NOWHERE, addresses_of
from auditor.model.gap import Gap
from auditor.model.network import Subnet
from auditor.netset import AddressSet, Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceClass:
    """Source addresses that are treated alike."""

    addresses: AddressSet
    reaches: AddressSet = EVERYWHERE
    """A packet has one family; where the subnet has addresses of one only, they stand for whatever is asked."""

    def sends(self, traffic: Traffic) -> Traffic:
        """The part of some traffic that these addresses may send."""
        return traffic if self.reaches == EVERYWHERE else traffic.restrict(self.reaches)


ANYONE = SourceClass(addresses=NOWHERE)
"""Stands for the senders of a subnet that was not read."""


def source_classes(space: AddressSet, cuts: Iterable[AddressSet]) -> tuple[SourceClass, ...]:
    """The classes of a subnet's addresses that some sets tell apart, IPv4 first."""
    return tuple(_classes(space, list(cuts)))


def alternatives(addresses: AddressSet, subnet: Subnet | Gap) -> AddressSet:
    """The addresses of a name that senders of a subnet choose from.

    Without an IPv6 prefix they have no IPv6 address, so they choose IPv4 ones if the name has some (AKS-18).
    """
    if isinstance(subnet, Gap) or subnet.flaws:
        return addresses
    space = addresses_of(subnet.prefixes)
    return (addresses.only_v4() or addresses) if space.v4 and not space.v6 else addresses


def _classes(space: AddressSet, cuts: list[AddressSet]) -> Iterator[SourceClass]:
    halves = ((space.only_v4(), ALL_IPV4), (space.only_v6(), ALL_IPV6))
    both = all(half for half, _ in halves)
    for half, family in halves:
        telling = [cut for cut in cuts if not (cut.isdisjoint(half) or half <= cut)]
        for addresses in classes_of(half, telling) if half else ():
            yield SourceClass(addresses=addresses, reaches=family if both else EVERYWHERE)
