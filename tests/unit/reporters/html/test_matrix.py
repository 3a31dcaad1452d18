"""The matrix behind the page: its columns, the state of its cells, and that equal paths are one."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.finding import AuditedCluster
from auditor.model.verdict import Outcome
from auditor.reporters.html.matrix import matrix
from auditor.reporters.html.store import NOWHERE, Store
from tests.unit.reporters import records

ALLOWED = records.verdict(Outcome.ALLOWED, records.ROUTE_HOP, records.ALLOW_HOP)
BLOCKED = records.verdict(Outcome.BLOCKED, records.NSG_HOP, records.DENY_HOP)


def cluster(name: str, *endpoints: tuple[str, str]) -> AuditedCluster:
    """A cluster that needs rows with these ids and destinations."""
    rows = tuple(records.endpoint(to, ALLOWED, id=row) for row, to in endpoints)
    return records.audited(records.cluster(name), endpoints=rows)


def names(*clusters: AuditedCluster) -> list[str]:
    return [column["name"] for column in matrix(clusters, Store()).columns]


def test_same_destination_is_one_column() -> None:
    """Two rows of a list that ask for one destination are one column, and one cell that names both."""
    one = cluster("a", ("mcr", "mcr.microsoft.com:443/https"), ("more", "mcr.microsoft.com:443/https"))
    made = matrix([one], Store())
    assert len(made.columns) == 1
    ((_, _, needs, answers),) = made.cells
    assert len(needs) == 2
    assert len(answers) == 1


def test_a_row_of_each_cluster_is_one_column() -> None:
    """The API server has another name in each cluster and one column, called what the names share."""
    found = names(
        cluster("a", ("hcp", "a.hcp.westeurope.azmk8s.io:443/https"), ("mcr", "mcr.microsoft.com:443/https")),
        cluster(
            "b", ("hcp", "b.hcp.northeurope.azmk8s.io:443/https"), ("mcr", "mcr.microsoft.com:443/https")
        ),
    )
    assert found == ["mcr.microsoft.com:443/https", "….azmk8s.io:443/https"]
    assert names(cluster("a", ("dns", "10.0.0.4:53/udp")), cluster("b", ("dns", "<custom-dns>:53/udp"))) == [
        "dns"
    ]


def test_columns_needed_first() -> None:
    """What some cluster requires comes first, then what is recommended, then what none needs; each part by name."""
    rows = (
        records.endpoint("d:1/tcp", None),
        records.endpoint("c:1/tcp", ALLOWED, level="recommended"),
        records.endpoint("*.b:1/tcp", ALLOWED),
        records.endpoint("a:1/tcp", None),
    )
    made = matrix([records.audited(endpoints=rows)], Store())
    assert [(one["name"], one["needed"]) for one in made.columns] == [
        ("*.b:1/tcp", True),
        ("c:1/tcp", True),
        ("a:1/tcp", False),
        ("d:1/tcp", False),
    ]


def test_cell_takes_the_worst_answer() -> None:
    """Blocked from one pool is blocked, with both answers inside; required only if a certain row requires it."""
    rows = (
        records.endpoint("a:1/tcp", ALLOWED, level="recommended"),
        records.endpoint("a:1/tcp", BLOCKED, records.APPS, applies=None),
    )
    (cell,) = matrix([records.audited(endpoints=rows)], Store()).cells
    state, required, _, answers = cell
    assert (state, required) == ("blocked", 0)
    assert [asked for asked, _ in answers] == [(0,), (1,)]


def test_what_a_cluster_does_not_ask_is_nowhere() -> None:
    """A cluster without a row has no cell; a row that does not apply has one without an answer."""
    made = matrix([cluster("a", ("x", "x:1/tcp")), records.audited(endpoints=())], Store())
    assert made.rows == ((0,), (NOWHERE,))
    (absent,) = matrix([records.audited(endpoints=(records.endpoint("a:1/tcp", None),))], Store()).cells
    assert (absent[0], absent[3]) == ("not-applicable", ())


def test_equal_paths_are_stored_once() -> None:
    """Many clusters with equal answers add neither hops, paths, answers nor cells."""
    store, other = Store(), Store()
    few = matrix([cluster("a", ("x", "x:1/tcp"))], store)
    copies = [
        replace(cluster(f"c{number}", ("x", "x:1/tcp")), sources=records.audited().sources)
        for number in range(20)
    ]
    many = matrix(copies, other)
    assert many.cells == few.cells
    assert {name: len(rows) for name, rows in other.document().items()} == {
        name: len(rows) for name, rows in store.document().items()
    }
    assert many.rows == ((0,),) * 20
