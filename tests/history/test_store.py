"""Runs in real SQLite files and a real PostgreSQL server: kept whole, compared, brought to the newest schema."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from auditor.errors import InputError
from auditor.history import tables
from auditor.history.address import parse_address
from auditor.history.database import Database
from auditor.history.periodic import periodic
from auditor.history.store import Store
from auditor.model.finding import Place, Report, Status, Waiver
from auditor.model.history import Changes
from auditor.model.resource_id import ResourceId
from auditor.policy.settings import Settings
from tests.history.conftest import SECRET, Server
from tests.history.reports import clusters, count, example, findings, incomplete, making

HERE = Path(__file__).parent
_V1_FINDINGS = 22
"""What the first version found in `broken`, and the databases that it left hold; later versions find more."""
Sizes = tuple[int, int, int, int]


def sizes(changes: Changes | None) -> Sizes | None:
    if changes is None:
        return None
    return len(changes.new), len(changes.persisting), len(changes.mended), len(changes.not_comparable)


def run_all(store: Store, *reports: Report) -> list[Sizes | None]:
    """What each of these runs, one a day, found changed."""
    return [sizes(store.stored(report, making(day)).changes) for day, report in enumerate(reports)]


def test_a_finding_lives_from_run_to_run(store: Store) -> None:
    """The first run has nothing to compare with; then findings persist, are mended and come again."""
    broken, whole = example("broken"), example("locked-down")
    assert run_all(store, broken, broken, whole, broken) == [
        None,
        (0, count().broken, 0, 0),
        (0, count().kept, count().gone, 0),
        (count().gone, count().kept, 0, 0),
    ]


def test_an_unread_run_forgets_nothing(store: Store) -> None:
    """After a run that could read little, what stood before persists and is not new."""
    broken = example("broken")
    bare = incomplete(findings(broken, lambda _: None))
    assert run_all(store, broken, bare, broken) == [
        None,
        (0, 0, 0, count().broken),
        (0, count().broken, 0, 0),
    ]


def test_another_cluster_in_between_changes_nothing(store: Store) -> None:
    """A cluster is compared with the last run that judged it, whoever stored runs in between."""
    assert run_all(store, example("broken"), example("open"), example("broken")) == [
        None,
        None,
        (0, count().broken, 0, 0),
    ]


def test_a_cluster_that_is_gone_is_told_once(store: Store) -> None:
    """Its problems are not comparable beside the run that had it, and no matter of later runs."""
    both = _both()
    alone = example("open")
    assert run_all(store, both, alone, alone) == [
        None,
        (0, count().web, 0, count().broken),
        (0, count().web, 0, 0),
    ]


def _both() -> Report:
    one, other = example("broken"), example("open")
    return replace(one, clusters=(*one.clusters, *other.clusters), findings=(*one.findings, *other.findings))


def test_comparing_stores_nothing(store: Store, database: Database) -> None:
    """`compared` gives the same changes as `stored`, and leaves the runs as they are."""
    store.stored(example("broken"), making(0))
    assert sizes(store.compared(example("locked-down"), making(1)).changes) == (
        0,
        count().kept,
        count().gone,
        0,
    )
    assert sizes(store.stored(example("locked-down"), making(1)).changes) == (
        0,
        count().kept,
        count().gone,
        0,
    )
    with database.reading() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.run)) == 2


def test_comparing_makes_no_file(sqlite_url: str) -> None:
    """A history that is not there is not made by looking at it, and a report says so."""
    database = Database(parse_address(sqlite_url))
    assert Store(database).compared(example("broken"), making()).changes is None
    with pytest.raises(InputError, match="there is no such file"):
        periodic(database)
    assert not database.exists


def test_rows_keep_what_a_run_was(store: Store, database: Database) -> None:
    """Policy, sources, completeness, coverage, the answers of each cluster and every problem are kept."""
    report = incomplete(replace(example("broken"), policy_file="egress-policy.yaml", sources=("a", "b")))
    store.stored(report, making(0, Settings(private_egress=True)))
    with database.reading() as connection:
        run = connection.execute(sa.select(tables.run)).one()
        cluster = connection.execute(sa.select(tables.run_cluster)).one()
        stored = connection.execute(sa.select(tables.finding)).all()
    assert (run.time, run.policy_file, run.sources) == (
        "2026-06-01T08:00:00Z",
        "egress-policy.yaml",
        ["a", "b"],
    )
    assert (run.complete, run.reading) == (False, '{"private_egress": true}')
    assert run.coverage["unread"] == 1
    assert run.coverage["first"][0]["status"] == "denied"
    assert (cluster.allowed, cluster.blocked, cluster.mixed, cluster.unknown) == (11, 2, 0, 7)
    assert cluster.recommended == {"allowed": 4, "blocked": 0, "mixed": 0, "unknown": 2}
    assert not cluster.complete
    said = {(one.fingerprint, one.rule, one.status, one.message) for one in stored}
    problems = (one for one in report.findings if one.status in {Status.FAIL, Status.UNKNOWN})
    assert said == {(one.fingerprint, one.rule, one.status.value, one.message) for one in problems}


def test_hostile_text_is_kept_within_bounds(store: Store, database: Database) -> None:
    """NUL, lone surrogates, direction marks and 10,000 characters: stored, cut, and told apart when read again."""
    bad = "\0\ud800\u202e'; DROP TABLE egress_run; --"
    long = ["x" * 10_000, "x" * 9_999 + "y"]
    one, other = (item for item in example("broken").findings if item.status is Status.FAIL and item.endpoint)
    spoilt = {one.fingerprint: long[0], other.fingerprint: long[1]}
    report = findings(
        example("broken"),
        lambda item: replace(
            item,
            message=bad + spoilt.get(item.fingerprint, ""),
            endpoint=item.endpoint and bad,
            cluster_name=bad,
        ),
    )
    huge = ResourceId(example("broken").clusters[0].cluster.id.text + "/" + "é" * 10_000)
    report = clusters(report, lambda item: replace(item, cluster=replace(item.cluster, name=bad, id=huge)))
    report = findings(report, lambda item: replace(item, cluster=huge))
    assert run_all(store, report, report) == [None, (0, count().broken, 0, 0)]
    with database.reading() as connection:
        stored = connection.execute(sa.select(tables.finding)).all()
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.run)) == 2
    assert max(len(text) for row in stored for text in row if isinstance(text, str)) <= 2000
    assert len({row.message for row in stored}) == 3
    assert all(row.message.startswith("\\u0000\\ud800\u202e") for row in stored)
    assert periodic(database).persisting[0].cluster_name == "\\u0000\\ud800\u202e'; DROP TABLE egress_run; --"


def test_no_cluster_is_a_run_too(store: Store) -> None:
    """An audit that found no cluster is stored as incomplete, and mends nothing."""
    nothing = replace(example("broken"), clusters=(), findings=())
    assert run_all(store, example("broken"), nothing, example("broken")) == [
        None,
        None,
        (0, count().broken, 0, 0),
    ]


# -- schema --------------------------------------------------------------------------------------------


def test_steps_lead_to_the_tables(store: Store, database: Database) -> None:
    """The steps of the schema make exactly the tables that the code reads."""
    store.check()
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": tables.VERSION_TABLE})
        assert compare_metadata(context, tables.metadata) == []


def _v1_sqlite(url: str) -> None:
    import sqlite3

    connection = sqlite3.connect(parse_address(url).file or "")
    connection.executescript((HERE / "v1.sqlite.sql").read_text("utf-8"))
    connection.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_history_of_the_first_version_loses_nothing(kind: str, request: pytest.FixtureRequest) -> None:
    """Stored by the first version: every row is there after the first look, and the next run is compared with it."""
    url: str = request.getfixturevalue(f"{kind}_url")
    if kind == "sqlite":
        _v1_sqlite(url)
    else:
        server: Server = request.getfixturevalue("server")
        server.sql((HERE / "v1.postgresql.sql").read_text("utf-8"), url.rpartition("/")[2])
    database = Database(parse_address(url))
    before = periodic(database)
    assert [before.base and before.base.id, before.last.id, before.runs] == ["1", "2", 1]
    assert [(len(one.runs), one.runs[0].allowed) for one in before.compliance] == [(2, 11)]
    assert (len(before.new), len(before.persisting)) == (0, _V1_FINDINGS)
    with database.reading() as connection:
        counts = [
            connection.scalar(sa.select(sa.func.count()).select_from(table))
            for table in tables.metadata.sorted_tables
        ]
        names = [table.name for table in tables.metadata.sorted_tables]
        context = MigrationContext.configure(connection, opts={"version_table": tables.VERSION_TABLE})
        assert compare_metadata(context, tables.metadata) == []
    assert dict(zip(names, counts, strict=True)) == {
        "egress_run": 2,
        "egress_run_cluster": 2,
        "egress_finding": _V1_FINDINGS,
        "egress_run_finding": 2 * _V1_FINDINGS,
    }
    assert sizes(Store(database).stored(example("locked-down"), making(30)).changes) == (
        0,
        count().kept,
        _V1_FINDINGS - count().kept,
        0,
    )


def test_a_newer_schema_is_left_alone(store: Store, database: Database) -> None:
    """A history that a later version wrote: one clear error, and nothing is changed."""
    store.stored(example("broken"), making())
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE egress_schema_version SET version_num = 'v99'")
    for call in (store.check, lambda: store.stored(example("broken"), making(1)), lambda: periodic(database)):
        with pytest.raises(InputError, match=r"newer version of egress-audit; .* \(its schema is 'v99'\)"):
            call()
    with database._engine.connect() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(tables.run)) == 1


def test_another_program_beside_ours(postgresql_url: str, server: Server) -> None:
    """A database with tables of others, alembic's own among them: they stay, and ours are made."""
    name = postgresql_url.rpartition("/")[2]
    server.sql(
        "CREATE TABLE alembic_version (version_num text); INSERT INTO alembic_version VALUES ('zz');", name
    )
    store = Store(Database(parse_address(postgresql_url)))
    assert run_all(store, example("broken"), example("broken"))[1] == (0, count().broken, 0, 0)
    assert server.sql("SELECT version_num FROM alembic_version", name) == "zz\n"


def test_an_account_that_only_reads(postgresql_url: str, server: Server) -> None:
    """It can compare and report, as pull requests should; storing is one clear error."""
    Store(Database(parse_address(postgresql_url))).stored(example("broken"), making())
    name = postgresql_url.rpartition("/")[2]
    reader = f"reader_{name}"
    server.sql(
        f"CREATE ROLE {reader} LOGIN PASSWORD 'pw'; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader};",
        name,
    )
    database = Database(
        parse_address(server.url(name).replace("postgres:", f"{reader}:").replace(SECRET, "pw"))
    )
    assert sizes(Store(database).compared(example("broken"), making(1)).changes) == (0, count().broken, 0, 0)
    assert len(periodic(database).new) == count().broken
    with pytest.raises(InputError, match="permission denied"):
        Store(database).stored(example("broken"), making(1))


# -- reports over several runs -------------------------------------------------------------------------


def test_a_report_compares_two_moments(store: Store, database: Database) -> None:
    """Since a day, since the run before the last, since before all: each with its base and its lists."""
    whole, broken = example("locked-down"), example("broken")
    run_all(store, whole, broken, whole, broken, broken)

    def seen(since: str | None) -> tuple[str | None, int, Sizes]:
        found = periodic(database, since)
        lists = found.new, found.persisting, found.mended, found.not_comparable
        new, persisting, mended, open_ = (len(one) for one in lists)
        return found.base.id if found.base else None, found.runs, (new, persisting, mended, open_)

    assert seen(None) == ("4", 1, (0, count().broken, 0, 0))
    assert seen("2026-06-03") == ("2", 3, (0, count().broken, 0, 0))
    assert seen("2026-06-04") == ("3", 2, (count().gone, count().kept, 0, 0))
    assert seen("2026-06-04T12:00:00+02:00") == ("4", 1, (0, count().broken, 0, 0))
    assert seen("2020-01-01") == ("1", 4, (count().gone, count().kept, 0, 0))
    assert seen("2030-01-01") == ("5", 0, (0, 0, 0, count().broken))
    store.stored(whole, making(5))
    assert seen("2026-06-02") == ("1", 5, (0, count().kept, 0, 0))
    assert f"{count().gone} more came and went in between" in periodic(database, "2026-06-02").notes
    assert seen("2026-06-05") == ("4", 2, (0, count().kept, count().gone, 0))


def test_a_report_tells_what_no_run_could_say(store: Store, database: Database) -> None:
    """Unread in the last run, or a cluster that nobody looked at since: not comparable."""
    both = _both()
    run_all(store, both, incomplete(findings(example("open"), lambda _: None)))
    found = periodic(database)
    assert (len(found.new), len(found.persisting), len(found.mended), len(found.not_comparable)) == (
        0,
        0,
        0,
        count().broken + count().web,
    )
    assert "the last run was incomplete: what it did not read is not comparable" in found.notes


def test_a_report_goes_by_the_last_run_about_a_cluster(store: Store, database: Database) -> None:
    """Seen again since, and then not read: what stands now is not known, so it is not comparable."""
    broken = example("broken")
    run_all(store, broken, broken, incomplete(findings(broken, lambda _: None)))
    found = periodic(database, "2026-06-02")
    assert (found.runs, len(found.persisting), len(found.not_comparable)) == (2, 0, count().broken)
    assert {one.last_seen[:10] for one in found.not_comparable} == {"2026-06-02"}


def test_a_report_follows_each_cluster(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every run of every cluster is a point of its line, and very many runs are thinned out evenly."""
    run_all(store, example("broken"), example("open"), example("locked-down"))
    found = {
        one.name: [(point.run, point.allowed, point.needed) for point in one.runs]
        for one in periodic(database).compliance
    }
    assert found == {"aks-payments": [("1", 11, 20), ("3", 21, 21)], "aks-web": [("2", 7, 7)]}
    bare = findings(example("open"), lambda _: None)
    for day in range(3, 13):
        store.stored(bare, making(day))
    monkeypatch.setattr("auditor.history.periodic.MOST_POINTS", 4)
    web = next(one for one in periodic(database).compliance if one.name == "aks-web")
    assert [one.run for one in web.runs] == ["2", "6", "10", "13"]


def waiver(expires: str, owner: str = "team") -> Waiver:
    return Waiver(
        rule="excess-egress",
        scope=("cluster=aks-*",),
        reason="why",
        owner=owner,
        expires=expires,
        place=Place(file="egress-policy.yaml"),
        uses=2,
    )


def test_a_report_tells_waivers_that_end_soon(store: Store, database: Database) -> None:
    """Those of the newest run of each policy, within 30 days of the last run and not of today."""
    old = replace(example("broken"), policy_file="a.yaml", waivers=(waiver("2026-06-05", "gone"),))
    mine = replace(old, waivers=(waiver("2026-07-01"), waiver("2026-07-04"), waiver("2026-06-01")))
    other = replace(example("open"), policy_file="b.yaml", waivers=(waiver("2026-06-20", "other"),))
    run_all(store, old, mine, other)
    found = periodic(database, "2026-05-01").expiring
    assert [(one.expires, one.owner, one.days_left, one.policy_file) for one in found] == [
        ("2026-06-01", "team", -2, "a.yaml"),
        ("2026-06-20", "other", 17, "b.yaml"),
        ("2026-07-01", "team", 28, "a.yaml"),
    ]
    assert found[0].scope == ("cluster=aks-*",)


def test_a_report_says_what_else_changed(store: Store, database: Database) -> None:
    """Another edition, policy or tool may be why findings come and go, so the report says that they differ."""
    store.stored(example("broken"), making(0))
    store.stored(replace(example("broken"), edition="next", policy_file="p.yaml", version="9"), making(1))
    notes = " ".join(periodic(database).notes)
    for text in ("edition was aks-2026-06-18, is next", "policy was none, is p.yaml", "is 9"):
        assert text in notes


def test_a_report_needs_a_run_and_a_day(store: Store, database: Database) -> None:
    """An empty history and a text that is no day are one clear error each."""
    store.check()
    with pytest.raises(InputError, match="no run is stored"):
        periodic(database)
    for text in ("last week", "2026-13-01", "\x1b[31m"):
        with pytest.raises(InputError, match=r"--since: .* is no day or time; expected YYYY-MM-DD"):
            periodic(database, text)
