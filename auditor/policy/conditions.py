"""Conditions of a baseline edition: JMESPath expressions over facts, answered in three values.

JMESPath is the language of `az --query`. Only its part that combines and compares facts is accepted, so it
can be told which facts an expression reads and that it always gives true or false.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import jmespath
from jmespath.exceptions import JMESPathError

from auditor.policy.fact_names import KNOWN_FACTS, TEXT_FACTS
from auditor.policy.faults import did_you_mean, shown

MAX_UNREAD: Final = 4
"""How many facts one condition may read; the schema says the same."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When something holds for a cluster."""

    id: str
    """The name by which rows refer to it."""
    when: str | bool
    """A JMESPath expression over the facts that gives true or false; or simply true."""
    reads: tuple[str, ...]
    """The facts that the expression reads, dotted."""
    text: str
    """The condition in words."""


class Holding(NamedTuple):
    """Whether a condition holds."""

    holds: bool | None
    """None: it depends on facts that were not read."""
    unread: tuple[str, ...]
    """Those facts, sorted; empty when `holds` is known."""


def condition_holds(condition: Condition, facts: Mapping[str, Any]) -> Holding:
    """Whether a condition holds for a cluster, in three values.

    A fact that is null, absent or "unknown" was not read. The condition is tried with every combination of
    true and false for those; if all agree, that is the answer. Otherwise the answer is None with those unread
    facts that can change it. A fact that is a word cannot be tried: unread, it leaves the answer open.
    """
    if isinstance(condition.when, bool):
        return Holding(condition.when, ())
    known = {name: _fact(facts, name) for name in condition.reads}
    unread = sorted(name for name, value in known.items() if value is None)
    words = [name for name in unread if name in TEXT_FACTS]
    if words or len(unread) > MAX_UNREAD:
        return Holding(None, tuple(words or unread))
    outcomes: dict[tuple[bool, ...], bool] = {}
    for values in itertools.product((False, True), repeat=len(unread)):
        outcomes[values] = _evaluate(condition.when, known | dict(zip(unread, values, strict=True)))
    if len(set(outcomes.values())) == 1:
        return Holding(next(iter(outcomes.values())), ())
    return Holding(None, tuple(name for index, name in enumerate(unread) if _matters(outcomes, index)))


def problem_of(condition: Condition) -> str | None:
    """What is wrong with the expression of a condition whose `reads` are known facts."""
    if isinstance(condition.when, bool):
        return None
    try:
        names = sorted(set(facts_in(condition.when)))
    except JMESPathError as error:
        reason = " ".join(str(error).split())
        return f"{shown(condition.when)} is no JMESPath expression: {reason[:160]}"
    except RecursionError:
        return f"{shown(condition.when)} is nested too deeply"
    except _NotPlainError as error:
        return f"{shown(condition.when)} uses {error}; a condition may only combine and compare facts"
    for name in names:
        if name not in KNOWN_FACTS:
            return f"unknown fact {shown(name)}{did_you_mean(name, sorted(KNOWN_FACTS))}"
        if name not in condition.reads:
            return f"the expression reads {shown(name)}, which is missing in reads"
    samples: list[tuple[bool | str, ...]] = [
        ("westeurope",) if name in TEXT_FACTS else (False, True) for name in names
    ]
    for values in itertools.product(*samples):
        result = _search(condition.when, dict(zip(names, values, strict=True)))
        if not isinstance(result, bool):
            return f"{shown(condition.when)} gives {shown(result)}; expected true or false"
    return None


_PLAIN_NODES: Final = frozenset(
    {"field", "subexpression", "or_expression", "and_expression", "not_expression", "comparator", "literal"}
)


class _NotPlainError(Exception):
    """An expression that does more than combine and compare facts; the message names what."""


def facts_in(expression: str) -> Iterator[str]:
    """The dotted names of all facts that an expression reads."""
    return _names(jmespath.compile(expression).parsed)


def _names(node: Mapping[str, Any]) -> Iterator[str]:
    kind = node["type"]
    if kind not in _PLAIN_NODES:
        raise _NotPlainError(kind.replace("_", " "))
    if kind == "field":
        yield node["value"]
    elif kind == "subexpression":
        parts = [name for child in node["children"] for name in _names(child)]
        if any(child["type"] not in ("field", "subexpression") for child in node["children"]):
            raise _NotPlainError("a path that is no name")
        yield ".".join(parts)
    else:
        for child in node["children"]:
            yield from _names(child)


def _fact(facts: Mapping[str, Any], name: str) -> bool | str | None:
    """The value of a fact, None if it was not read."""
    value: Any = facts
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    if value is None or value == "unknown":
        return None
    if isinstance(value, str if name in TEXT_FACTS else bool):
        return value
    raise TypeError(f"fact {name} is {value!r}")


def _evaluate(expression: str, values: Mapping[str, bool | str | None]) -> bool:
    return bool(_search(expression, values))


def _search(expression: str, values: Mapping[str, bool | str | None]) -> object:
    """What an expression gives for dotted facts."""
    nested: dict[str, Any] = {}
    for name, value in values.items():
        *parents, last = name.split(".")
        level = nested
        for parent in parents:
            level = level.setdefault(parent, {})
        level[last] = value
    result: object = jmespath.compile(expression).search(nested)
    return result


def _matters(outcomes: Mapping[tuple[bool, ...], bool], index: int) -> bool:
    """Whether changing one of the tried values ever changes the outcome."""
    return any(
        outcomes[values] != outcomes[(*values[:index], not values[index], *values[index + 1 :])]
        for values in outcomes
    )
