"""The senders of a subnet in classes, each with what it may send."""

from __future__ import annotations

import pytest

from auditor.model.gap import Flaw, Gap
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.source_classes import ANYONE, SourceClass, alternatives, source_classes
from tests.unit.rules.world import subnet

FOUR = AddressSet.of("10.0.0.0/24")
SIX = AddressSet.of("fd00::/64")
BOTH = Traffic.box(AddressSet.of("1.1.1.1", "2606::1"), ServiceSet.tcp(443))

HERE = ResourceId("/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n")


def sent(one: SourceClass) -> list[str]:
    """To where a class sends the traffic that has both families."""
    return [str(text) for text in one.sends(BOTH).addresses.ranges()]


def test_each_family_sends_its_own() -> None:
    """A packet has one family: with prefixes of both, each class sends to its own."""
    halves = [AddressSet.of("10.0.0.0/25"), AddressSet.of("fd00::/65"), AddressSet.of("10.0.0.0/8")]
    found = source_classes(FOUR | SIX, halves)
    assert [str(one.addresses) for one in found] == [
        "10.0.0.0/25",
        "10.0.0.128/25",
        "fd00::/65",
        "fd00::8000:0:0:0/65",
    ]
    assert [sent(one) for one in found] == [["1.1.1.1"]] * 2 + [["2606::1"]] * 2


def test_one_family_stands_for_both() -> None:
    """A subnet of one family answers every question: nothing else says who would send."""
    for space in (FOUR, SIX):
        (only,) = source_classes(space, [FOUR, SIX])
        assert only.addresses == space
        assert sent(only) == ["1.1.1.1", "2606::1"]


def test_nobody_was_read() -> None:
    """No prefix makes no class; who stands for an unread subnet sends everything."""
    assert source_classes(AddressSet.of(), [FOUR]) == ()
    assert sent(ANYONE) == ["1.1.1.1", "2606::1"]


@pytest.mark.parametrize(
    ("here", "name", "taken"),
    [
        (subnet(HERE, "10.0.0.0/24"), ("1.1.1.1", "2606::1"), ("1.1.1.1",)),
        (subnet(HERE, "10.0.0.0/24"), ("2606::1",), ("2606::1",)),
        (subnet(HERE, "10.0.0.0/24", prefixes=("10.0.0.0/24", "fd00::/64")), ("1.1.1.1", "2606::1"), None),
        (subnet(HERE, "fd00::/64"), ("1.1.1.1", "2606::1"), None),
        (subnet(HERE, "10.0.0.0/24", prefixes=()), ("1.1.1.1", "2606::1"), None),
        (
            subnet(HERE, "10.0.0.0/24", flaws=(Flaw("enum-unknown", "a prefix"),)),
            ("1.1.1.1", "2606::1"),
            None,
        ),
        (Gap(HERE, "not in the snapshot"), ("1.1.1.1", "2606::1"), None),
    ],
)
def test_names_are_called_by_the_family_of_the_sender(
    here: Subnet | Gap, name: tuple[str, ...], taken: tuple[str, ...] | None
) -> None:
    """Who surely has IPv4 addresses only takes those of a name, if it has some; None: all of them."""
    assert alternatives(AddressSet.of(*name), here) == AddressSet.of(*(name if taken is None else taken))
