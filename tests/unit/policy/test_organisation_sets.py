"""Rows of a policy as sets: what they hold, what they leave out, and what is left of everything without them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.model.cluster import Cluster
from auditor.model.egress import AllowedNames
from auditor.model.finding import Place
from auditor.model.reading import Hints, NameHint
from auditor.model.service_tags import ServiceTags
from auditor.netset import AddressSet, NameSet, ServiceSet, Traffic
from auditor.policy.destinations import parse_destination, parse_host
from auditor.policy.organisation import PolicyRow, fits
from auditor.policy.organisation_sets import RowSets, all_but, required_needs, sets_of

SQL = AddressSet.of("192.0.2.0/24")
TAGS = ServiceTags(members={"sql": SQL}, names={"sql": "Sql"})
APPLICATIONS = {"http", "https", "mssql"}


def row(*to: str, excepted: tuple[str, ...] = (), clusters: tuple[str, ...] = ()) -> PolicyRow:
    return PolicyRow(
        number=1,
        to=", ".join(to),
        destinations=tuple(map(parse_destination, to)),
        excepted=tuple(map(parse_host, excepted)),
        clusters=clusters,
        place=Place(file="p.yaml"),
    )


def sets(*to: str, excepted: tuple[str, ...] = (), hints: Hints | None = None) -> RowSets:
    return sets_of(row(*to, excepted=excepted), hints or Hints(), TAGS)


def test_addresses_and_tags() -> None:
    """Addresses and the addresses of tags are one set, less what the row excepts; the case of a tag does not count."""
    found = sets(
        "192.0.2.128/25:443/tcp", "SQL:443/tcp", "10.0.0.0/8/icmp", excepted=("192.0.2.7", "10.1.0.0/16")
    )
    web = Traffic.box(SQL - AddressSet.of("192.0.2.7"), ServiceSet.tcp(443))
    ping = Traffic.box(AddressSet.of("10.0.0.0/8") - AddressSet.of("10.1.0.0/16"), ServiceSet.icmp())
    assert found == RowSets(traffic=web | ping, names=())


def test_addresses_over_application_protocols() -> None:
    """They are kept apart from what is meant by address: a port carries more, so it is forbidden, and never allowed."""
    found = sets(
        "192.0.2.0/24:443/https", "192.0.2.0/24:80/http", "198.51.100.0/24:443/https", "192.0.2.9:22/tcp"
    )
    http = Traffic.box(SQL, ServiceSet.tcp(80))
    https = Traffic.box(SQL | AddressSet.of("198.51.100.0/24"), ServiceSet.tcp(443))
    ssh = Traffic.box(AddressSet.of("192.0.2.9"), ServiceSet.tcp(22))
    assert found == RowSets(traffic=ssh, names=(), spoken=(("https", https), ("http", http)))
    assert found.ports == ssh | http | https


def test_tags_that_no_list_holds() -> None:
    """They stand for nothing, and the caller learns which of them."""
    found = sets("Storage:443/tcp", "Sql:443/tcp", excepted=("EventHub",))
    assert (found.unread_tags, found.unread_exceptions) == (("Storage",), ("EventHub",))
    assert found.traffic == Traffic.box(SQL, ServiceSet.tcp(443))


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("a.example:443/https", {"https"}),
        ("a.example:443/tcp", {None, *APPLICATIONS}),
        ("a.example:53/udp", {None}),
        ("a.example/any", {None, *APPLICATIONS}),
        ("*:443/tcp", {None, *APPLICATIONS}),
        ("*:443/https", {"https"}),
        ("8.8.8.8:443/tcp", set()),
    ],
)
def test_by_which_protocols_names_are_spoken_of(text: str, spoken: set[str | None]) -> None:
    """Who may open any TCP connection may speak http, https and mssql over it; not the other way round."""
    assert {one.application for one in sets(text).names} == spoken


def test_excepted_names() -> None:
    """A name is taken out of its pattern; nothing is left of a pattern that is excepted whole."""
    (one,) = sets("*.example:443/https", excepted=("a.example", "*.b.example")).names
    assert str(one.names) == "*.example except a.example, *.b.example"
    assert sets("a.example:443/https", excepted=("*.example",)).names == ()


def test_addresses_of_a_name() -> None:
    """Pins and documented tags of a name are kept beside it; one that is merely described as holding it is not."""
    pinned = Hints(pins={"a.example": AddressSet.of("198.51.100.1")})
    (one,) = sets("a.example:443/https", hints=pinned).names
    assert one.addresses == Traffic.box(AddressSet.of("198.51.100.1"), ServiceSet.tcp(443))
    for grade, known in (("service", SQL), ("description", None)):
        hints = Hints(names={"a.example": NameHint(("Sql",), grade)})
        (one,) = sets("a.example:443/https", hints=hints).names
        assert one.addresses == (Traffic.EMPTY if known is None else Traffic.box(known, ServiceSet.tcp(443)))


@pytest.mark.parametrize(
    ("patterns", "concerned"),
    [
        ((), True),
        (("sh*",), True),
        (("SHOP",), True),
        (("*/managedClusters/shop",), True),
        (("s[h]op",), False),
    ],
)
def test_clusters(make_cluster: Callable[..., Cluster], patterns: tuple[str, ...], concerned: bool) -> None:
    """A row speaks of clusters by name or ARM id; brackets mean themselves."""
    assert row("8.8.8.8/icmp", clusters=patterns).concerns(make_cluster()) is concerned


def test_what_is_required(make_cluster: Callable[..., Cluster]) -> None:
    """Each destination of each row that speaks of the cluster is a need of its own, with the row's number."""
    rows = [row("a.example:443/https", "Sql:1433/tcp"), row("b.example:80/http", clusters=("other",))]
    needs = required_needs(rows, make_cluster(), "p.yaml")
    assert [(one.id, one.to, one.level, one.origin) for one in needs] == [
        ("require:1", "a.example:443/https", "required", ("p.yaml",)),
        ("require:1", "Sql:1433/tcp", "required", ("p.yaml",)),
    ]
    assert needs[1].alternatives[0].tag == "Sql"


@given(st.text(max_size=12), st.text(max_size=12))
@settings(deadline=None)
def test_patterns(pattern: str, text: str) -> None:
    """A pattern fits itself, `*` fits everything, and a star in front and behind makes it fit what holds it."""
    assert fits(pattern, pattern)
    assert fits("*", text)
    assert fits(f"*{pattern}*", f"{text}{pattern}{text}")


_NAMES = st.lists(st.sampled_from(["*", "*.a", "x.a", "*.b.a", "y.b.a"]), min_size=1, max_size=3)
_PORTS = st.lists(st.integers(1, 4), min_size=1, max_size=3)
_ENTRIES = st.lists(st.tuples(_NAMES, _NAMES, _PORTS, st.sampled_from(["https", None])), max_size=4)


@given(_ENTRIES, st.lists(st.tuples(st.integers(0, 255), _PORTS), max_size=4))
@settings(deadline=None)
def test_all_but(
    entries: list[tuple[list[str], list[str], list[int], str | None]], boxes: list[tuple[int, list[int]]]
) -> None:
    """Everything less what is forbidden: each address and each name on each port is in exactly one of the two."""
    spoken = [
        AllowedNames(
            names=NameSet.of(*names) - NameSet.of(*less),
            application=application,
            services=ServiceSet.tcp(*ports),
        )
        for names, less, ports, application in entries
    ]
    traffic = Traffic.union_all(
        Traffic.box(AddressSet.of(f"192.0.2.{last}"), ServiceSet.tcp(*ports)) for last, ports in boxes
    )
    left = all_but(traffic, spoken)
    assert left.traffic.isdisjoint(traffic)
    assert left.traffic | traffic == all_but(Traffic.EMPTY, ()).traffic
    for port, name in product(range(1, 6), ["q", "x.a", "z.a", "y.b.a", "z.b.a"]):
        at = ServiceSet.tcp(port)
        taken = any(name in one.names for one in spoken if at <= one.services)
        for application in (*APPLICATIONS, None):
            free = any(
                name in one.names
                for one in left.names
                if one.application == application and at <= one.services
            )
            assert free is not taken
