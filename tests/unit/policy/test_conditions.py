"""Conditions in three values: true, false, and open for want of a fact."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.policy.baseline import load_edition, newest
from auditor.policy.conditions import Condition, Holding, condition_holds, facts_in
from auditor.policy.fact_names import KNOWN_FACTS, TEXT_FACTS


def _condition(when: str) -> Condition:
    return Condition("test", when, tuple(sorted(set(facts_in(when)))), "a test")


@pytest.mark.parametrize(
    ("when", "facts", "expected"),
    [
        ("gpu", {"gpu": True}, Holding(True, ())),
        ("gpu", {"gpu": False}, Holding(False, ())),
        ("gpu", {"gpu": None}, Holding(None, ("gpu",))),
        ("gpu", {}, Holding(None, ("gpu",))),
        ("!gpu", {"gpu": False}, Holding(True, ())),
        ("gpu && linux", {"gpu": False, "linux": None}, Holding(False, ())),
        ("gpu && linux", {"gpu": True, "linux": None}, Holding(None, ("linux",))),
        ("gpu || linux", {"gpu": None, "linux": True}, Holding(True, ())),
        ("gpu || !gpu", {"gpu": None}, Holding(True, ())),
        ("(gpu && linux) || windows", {"windows": None, "gpu": False}, Holding(None, ("windows",))),
        ("addons.azurePolicy", {"addons": {"azurePolicy": True}}, Holding(True, ())),
        ("addons.azurePolicy", {"addons": None}, Holding(None, ("addons.azurePolicy",))),
        (
            "podsUseApiServerAddress",
            {"podsUseApiServerAddress": "unknown"},
            Holding(None, ("podsUseApiServerAddress",)),
        ),
        ("location == 'westeurope'", {"location": "westeurope"}, Holding(True, ())),
        ("location == 'westeurope'", {"location": None}, Holding(None, ("location",))),
        ("gpu == `false`", {"gpu": False}, Holding(True, ())),
    ],
)
def test_three_values(when: str, facts: dict[str, Any], expected: Holding) -> None:
    """An unread fact matters only where it can change the answer."""
    assert condition_holds(_condition(when), facts) == expected


def test_always_reads_nothing() -> None:
    """`true` holds whatever is known."""
    assert condition_holds(Condition("always", True, (), "every cluster"), {}) == Holding(True, ())


def test_a_fact_of_another_type_is_a_mistake_in_the_code() -> None:
    """Facts are true, false, null or a word; anything else is not judged in silence."""
    with pytest.raises(TypeError, match="fact gpu is 'yes'"):
        condition_holds(_condition("gpu"), {"gpu": "yes"})


def test_every_condition_of_the_newest_edition_can_be_answered() -> None:
    """With all facts known every condition is true or false; with none only `always` is."""
    known: dict[str, Any] = {}
    for name in KNOWN_FACTS - TEXT_FACTS:
        *parents, last = name.split(".")
        (known.setdefault(parents[0], {}) if parents else known)[last] = True
    for condition in load_edition(newest()).conditions:
        assert condition_holds(condition, known).holds is not None
        assert (condition_holds(condition, {}).holds is None) == (condition.when is not True)


_FACT = st.sampled_from(["gpu", "linux", "windows", "isolated"])
_EXPRESSION = st.recursive(
    _FACT,
    lambda inner: st.one_of(
        inner.map("!({})".format),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} && {pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} || {pair[1]})"),
    ),
    max_leaves=8,
)
_VALUES = st.fixed_dictionaries(dict.fromkeys(["gpu", "linux", "windows", "isolated"], st.booleans()))


@given(when=_EXPRESSION, values=_VALUES, hidden=st.sets(_FACT))
def test_an_answer_survives_learning_more(when: str, values: dict[str, bool], hidden: set[str]) -> None:
    """What is answered with facts missing is the answer once they are known; what is open names why."""
    condition = _condition(when)
    partly = {name: None if name in hidden else value for name, value in values.items()}
    early, late = condition_holds(condition, partly), condition_holds(condition, values)
    assert late.holds is not None
    assert early.holds in (None, late.holds)
    assert (early.holds is None) == bool(early.unread)
    assert set(early.unread) <= hidden
