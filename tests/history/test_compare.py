"""What became of a problem: it is told mended only where this run looked and found it gone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.history.compare import PROBLEMS, Past, Standing, compare
from auditor.history.records import finding_row, reading_of
from auditor.history.store import past_finding
from auditor.model.egress import Undetermined
from auditor.model.finding import AuditedCluster, Endpoint, Finding, Report, Status
from auditor.model.history import Changes, PastFinding
from auditor.model.verdict import Outcome
from auditor.policy.settings import DEFAULT_SETTINGS, Settings
from tests.history.reports import clusters, count, example, findings, incomplete

DEFAULT = reading_of(example("broken"), DEFAULT_SETTINGS)
BLOCKED = "required-endpoint-blocked"


class Row:
    """A stored row."""

    def __init__(self, finding: Finding) -> None:
        self.__dict__.update(finding_row(finding))


def past(report: Report, reading: str = DEFAULT, policy_file: str | None = None) -> Past:
    """The state that one stored run leaves."""
    stored = [past_finding(Row(one), "t1", "t1") for one in report.findings if one.status in PROBLEMS]
    standing = tuple(Standing(finding=one, reading=reading, policy_file=policy_file) for one in stored)
    return Past(run="1", since="t1", standing=standing)


def changes(old: Report, new: Report, *, was: str = DEFAULT, now: str = DEFAULT) -> Changes:
    return compare(new, past(old, was), now)


def rules(found: tuple[PastFinding, ...]) -> set[str]:
    return {one.rule for one in found}


def sizes(found: Changes) -> tuple[int, int, int, int]:
    return len(found.new), len(found.persisting), len(found.mended), len(found.not_comparable)


def unanswered(row: Endpoint) -> Endpoint:
    """The endpoint, as if nobody could tell whether it gets out."""
    verdict = None if row.verdict is None else replace(row.verdict, outcome=Outcome.UNKNOWN)
    return replace(row, verdict=verdict)


def test_the_same_again() -> None:
    """Nothing is new when nothing changed."""
    assert sizes(changes(example("broken"), example("broken"))) == (0, count().broken, 0, 0)


def test_mended_and_broken_again() -> None:
    """What the repaired estate has no more is mended; the other way round it is new."""
    assert sizes(changes(example("broken"), example("locked-down"))) == (0, count().kept, count().gone, 0)
    assert sizes(changes(example("locked-down"), example("broken"))) == (count().gone, count().kept, 0, 0)


def test_every_problem_is_in_one_list() -> None:
    """A problem of the earlier run persists, is mended or is not comparable; never two of them, never none."""
    for old in ("broken", "locked-down", "open"):
        for new in (example("broken"), example("open"), incomplete(example("locked-down"))):
            found = changes(example(old), new)
            told = [one.fingerprint for one in (*found.persisting, *found.mended, *found.not_comparable)]
            assert sorted(told) == sorted(
                one.fingerprint for one in example(old).findings if one.status in PROBLEMS
            )


def test_another_cluster_says_nothing() -> None:
    """A cluster that is not in this run: none of its problems is mended."""
    assert sizes(changes(example("broken"), example("open"))) == (count().web, 0, 0, count().broken)


def test_an_unread_estate_mends_nothing_but_what_passes_by_name() -> None:
    """Where an essential read failed, only a finding with the same fingerprint that passes is gone."""
    whole = changes(example("broken"), example("locked-down"))
    found = changes(example("broken"), incomplete(example("locked-down")))
    passing = {one.fingerprint for one in example("locked-down").findings if one.status is Status.PASS}
    assert {one.fingerprint for one in found.mended} == {
        one.fingerprint for one in whole.mended if one.fingerprint in passing
    }
    assert 0 < len(found.mended) < len(whole.mended)


def test_an_endpoint_without_answer_is_not_mended() -> None:
    """Blocked before, unknown now: the run cannot say."""

    def change(cluster: AuditedCluster) -> AuditedCluster:
        return replace(cluster, endpoints=tuple(map(unanswered, cluster.endpoints)))

    new = clusters(example("locked-down"), change)
    new = findings(new, lambda one: None if one.endpoint is not None else one)
    assert BLOCKED in rules(changes(example("broken"), new).not_comparable)
    assert BLOCKED not in rules(changes(example("broken"), new).mended)


def test_a_fact_that_was_not_read_hides_its_rows() -> None:
    """Whether the endpoint is needed is not known now: the run cannot say."""

    def change(cluster: AuditedCluster) -> AuditedCluster:
        rows = (replace(row, applies=None) for row in cluster.endpoints)
        return replace(cluster, endpoints=tuple(rows))

    found = changes(example("broken"), clusters(example("locked-down"), change))
    assert BLOCKED in rules(found.not_comparable)


def test_an_endpoint_that_is_needed_no_more_is_mended() -> None:
    """Its row does not apply any more, and no rule speaks of it."""

    def change(cluster: AuditedCluster) -> AuditedCluster:
        rows = (replace(row, applies=False, verdict=None) for row in cluster.endpoints)
        return replace(cluster, endpoints=tuple(rows))

    new = findings(example("locked-down"), lambda one: None if one.endpoint is not None else one)
    assert BLOCKED in rules(changes(example("broken"), clusters(new, change)).mended)


@pytest.mark.parametrize("rule", [BLOCKED, "excess-egress", "outbound-type-mismatch"])
def test_a_rule_that_did_not_look_mends_nothing(rule: str) -> None:
    """A policy that switches a rule off does not mend what it found."""
    new = findings(example("locked-down"), lambda one: None if one.rule == rule else one)
    found = changes(example("broken"), new)
    assert rule in rules(found.not_comparable)
    assert rule not in rules(found.mended)


def _with_cause(cause: str) -> Callable[[AuditedCluster], AuditedCluster]:
    def change(cluster: AuditedCluster) -> AuditedCluster:
        (first, *_) = example("broken").clusters[0].undetermined
        assert isinstance(first, Undetermined)
        return replace(cluster, undetermined=(replace(first, cause=cause),))

    return change


def test_excess_may_hide_in_what_is_undetermined() -> None:
    """What left before and may leave now is not mended; where only an assumption is in between, it is."""
    unknown = clusters(example("locked-down"), _with_cause("nva-opaque"))
    assert "excess-egress" in rules(changes(example("broken"), unknown).not_comparable)
    assumed = clusters(example("locked-down"), _with_cause("fqdn-rule-address"))
    assert "excess-egress" in rules(changes(example("broken"), assumed).mended)


@pytest.mark.parametrize(("status", "mended"), [(Status.FAIL, 1), (Status.UNKNOWN, 0)])
def test_assuming_more_mends_nothing(status: Status, mended: int) -> None:
    """An unknown of a strict run that passes where more is assumed is not mended; a failure that passes is."""
    strict = reading_of(replace(example("locked-down"), strict=True), Settings(strict=True))
    passing = next(one for one in example("locked-down").findings if one.status is Status.PASS)
    old = replace(example("locked-down"), findings=(replace(passing, status=status),))
    assert len(changes(old, example("locked-down"), was=strict).mended) == mended
    assert len(changes(old, example("locked-down"), was=strict).not_comparable) == 1 - mended
    assert len(changes(old, example("locked-down")).mended) == 1


def test_another_reading_mends_nothing_that_has_no_name() -> None:
    """What a strict run found and a milder one does not even mention is not mended."""
    found = changes(
        example("broken"),
        example("locked-down"),
        was=reading_of(example("open"), Settings(private_egress=True)),
    )
    assert "excess-egress" in rules(found.not_comparable)
    assert "excess-egress" not in rules(found.mended)


def test_an_unnamed_setting_is_the_default() -> None:
    """How a run was read is told by what differs from the default, so a new setting changes no old text."""
    assert DEFAULT == "{}"
    assert reading_of(example("broken"), Settings(private_egress=True)) == '{"private_egress": true}'
    chosen = replace(example("broken"), not_assumed=("b", "a"))
    assert reading_of(chosen, DEFAULT_SETTINGS) == '{"not_assumed": ["a", "b"]}'


def test_a_problem_of_no_cluster_belongs_to_its_policy() -> None:
    """A waiver's own finding is gone when a complete run with the same policy file does not have it."""
    waiver = replace(
        next(one for one in example("broken").findings if one.status is Status.FAIL),
        cluster=None,
        cluster_name=None,
        rule=BLOCKED,
        fingerprint="f" * 64,
    )
    old = replace(example("broken"), findings=(waiver,))
    new = replace(example("locked-down"), policy_file="a.yaml")
    assert len(compare(new, past(old, policy_file="a.yaml"), DEFAULT).mended) == 1
    assert len(compare(new, past(old, policy_file="b.yaml"), DEFAULT).not_comparable) == 1
    assert len(compare(incomplete(new), past(old, policy_file="a.yaml"), DEFAULT).not_comparable) == 1


def test_waived_is_a_problem_still() -> None:
    """Accepting a risk does not mend it."""
    new = findings(
        example("broken"),
        lambda one: replace(one, status=Status.WAIVED) if one.status is Status.FAIL else one,
    )
    assert sizes(changes(example("broken"), new)) == (0, count().broken, 0, 0)


def test_the_worst_comes_first() -> None:
    """Lists are in an order that does not hang on the order in which rows come from a database."""
    old = past(example("broken"))
    backwards = replace(old, standing=old.standing[::-1])
    found = compare(example("locked-down"), old, DEFAULT)
    assert found == compare(example("locked-down"), backwards, DEFAULT)
    said = [one.severity if one.status == "fail" else one.status for one in found.mended]
    weights = ["error", "unknown", "warning", "note"]
    assert said == sorted(said, key=weights.index)
