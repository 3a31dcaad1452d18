"""Baseline editions and their difference for programs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from auditor.policy.baseline import Edition
from auditor.policy.edition_diff import EditionDiff
from auditor.reporters.json_records import dump


def editions_json(editions: Iterable[Edition]) -> str:
    """The list of editions, oldest first."""
    listed = [
        {
            "edition": item.edition,
            "title": item.title,
            "published": item.published.isoformat(),
            "status": item.status,
            "rows": len(item.rows),
        }
        for item in editions
    ]
    return dump({"version": 1, "editions": listed})


def edition_json(edition: Edition) -> str:
    """One edition whole; the properties are those of its file."""
    return dump({"version": 1, **_plain(edition)})


def diff_json(diff: EditionDiff) -> str:
    """What changes from one edition to the other."""
    changed = [
        {"fields": list(item.fields), "before": _plain(item.before), "after": _plain(item.after)}
        for item in diff.changed
    ]
    return dump(
        {
            "version": 1,
            "before": diff.before,
            "after": diff.after,
            "onlyBefore": _plain(diff.only_before),
            "onlyAfter": _plain(diff.only_after),
            "changed": changed,
            "unchanged": diff.unchanged,
        }
    )


def _plain(value: object) -> Any:
    """Records as objects with names in camel case, dates as text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_camel(item.name): _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
