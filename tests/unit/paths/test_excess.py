"""What may leave beyond an allowance, from the records of several classes of sources."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from auditor.model.egress import Allowance
from auditor.model.finding_place import From
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.excess import ExcessOfSource
from auditor.paths.interfaces import Interfaces
from auditor.paths.leaving import Leaving, SourceEgress

PUBLISHED = Traffic.box(AddressSet.of("192.0.2.0/24"), ServiceSet.tcp(443))
OTHER = Traffic.box(AddressSet.of("198.51.100.0/24"), ServiceSet.tcp(443))


@dataclass(frozen=True)
class Egress:
    """What leaves one source, as records that were made before."""

    by_address: tuple[Leaving, ...]
    by_name: tuple[Leaving, ...] = ()
    ipv6: tuple[Leaving, ...] = ()

    def to_ipv6(self) -> tuple[Leaving, ...]:
        """What leaves to IPv6 addresses."""
        return self.ipv6


def leaving(source: str, *opened: Traffic, codes: tuple[str, ...] = ("nva-opaque",)) -> Leaving:
    """A class of sources from which nothing must leave and something may."""
    return Leaving(
        source=AddressSet.of(source),
        interfaces=Interfaces(),
        name=None,
        pattern=None,
        application=None,
        classes=(),
        must=Traffic.EMPTY,
        beside=Traffic.EMPTY,
        perhaps_beside=Traffic.EMPTY,
        may=Traffic.union_all(opened),
        open=tuple((one, frozenset(codes[number:])) for number, one in enumerate(opened)),
    )


def excess_of(egress: Egress, needed: Allowance, published: Allowance) -> ExcessOfSource:
    """What leaves beyond what a cluster needs and what is published, with nothing assumed."""
    return ExcessOfSource(
        cast("SourceEgress", egress), From(pool="one", subnet=None), needed, published, frozenset()
    )


def test_excess_of_a_later_class_is_undetermined_too() -> None:
    """A class of sources from which only what is published for AKS may leave hides no other class."""
    egress = Egress((leaving("10.0.0.4", PUBLISHED), leaving("10.0.0.5", OTHER)))
    beyond = excess_of(egress, Allowance(), Allowance(traffic=PUBLISHED))
    (found,) = beyond.undetermined()
    assert (found.cause, found.traffic, str(found.sources)) == ("nva-opaque", OTHER, "10.0.0.5")


def test_what_is_admitted_hides_nothing_that_is_open_after_it() -> None:
    """Of several parts that are open, each beyond the allowance is told, whatever stands before it."""
    egress = Egress((leaving("10.0.0.4", PUBLISHED, OTHER, codes=("nva-opaque", "ipv6")),))
    beyond = excess_of(egress, Allowance(traffic=PUBLISHED), Allowance())
    assert [(one.cause, one.traffic) for one in beyond.undetermined()] == [("ipv6", OTHER)]


def test_what_leaves_open_whether_something_is_unneeded() -> None:
    """Only what leaves open what is published counts, not what leaves open other excess."""
    egress = Egress((leaving("10.0.0.4", OTHER, PUBLISHED, codes=("nva-opaque", "ipv6")),))
    beyond = excess_of(egress, Allowance(), Allowance(traffic=PUBLISHED))
    assert beyond.unneeded_causes() == frozenset({"ipv6"})


def test_what_is_open_of_ipv6_is_one_cause() -> None:
    """What a security group surely denies is no part of it, nor what counts as no egress; the rest is one set."""
    public = AddressSet.of("2a00::/16")
    web, shell = Traffic.box(public, ServiceSet.tcp(443)), Traffic.box(public, ServiceSet.tcp(22))
    own = Traffic.box(AddressSet.of("fd00::/8"), ServiceSet.tcp(443))
    open_to = leaving("fd00::4", web | own, shell, codes=("protocol-coverage", "ipv6"))
    excess = excess_of(Egress((), ipv6=(open_to, leaving("fd00::5"))), Allowance(), Allowance())
    (found,) = excess.undetermined()
    assert (found.cause, found.traffic, str(found.sources)) == ("ipv6", web | shell, "fd00::4")
