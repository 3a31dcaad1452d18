"""Several copies of one JSON value united into one, with every disagreement written down (design: snapshot).

A copy is `(place, value)`. `null` and an absent property are the same (Azure's null), so a property that only
one copy has is taken. `etag` and az's `resourceGroup` are passed over. Keys, ids and other texts are compared
without case (ARM-2, ARM-3); az's flattened form of a child equals the nested one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

Copies = Sequence[tuple[str, Any]]

_IGNORED = frozenset({"etag", "resourcegroup"})
_ENVELOPE = frozenset({"id", "name", "type", "etag", "resourcegroup", "location", "tags", "zones"})
_SHOWN = 80


def unite(copies: Copies, path: str, conflicts: dict[str, str]) -> Any:
    """The one value of all copies; disagreements go to `conflicts` as path -> sentence, the first copy wins."""
    present = [copy for copy in copies if copy[1] is not None]
    if not present:
        return None
    first = present[0][1]
    if all(value == first for _, value in present[1:]):
        return first
    if all(isinstance(value, dict) for _, value in present):
        return _unite_objects(present, path, conflicts)
    if all(isinstance(value, list) for _, value in present):
        return _unite_lists(present, path, conflicts)
    _compare(present, path, conflicts)
    return first


def flatten(item: Mapping[str, Any]) -> dict[str, Any]:
    """The object with the members of its `properties` beside its own; `id` and `name` stay its own."""
    flat: dict[str, Any] = {}
    inner: Mapping[str, Any] = {}
    for key, value in item.items():
        if key.lower() == "properties" and isinstance(value, dict):
            inner = value
        else:
            flat[key] = value
    if not inner:
        return flat
    held = {key.lower(): key for key in flat}
    for key, value in inner.items():
        own = held.get(key.lower())
        if own is not None and own.lower() in {"id", "name"}:
            continue
        if own is not None:
            del flat[own]
        flat[key] = value
    return flat


def element_key(item: Any) -> str | None:
    """What tells the elements of a list apart: the last segment of the id, else the name, in lower case."""
    if not isinstance(item, dict):
        return None
    for name in ("id", "name"):
        value = member(item, name)
        if isinstance(value, str) and value.strip("/ "):
            return value.strip().rstrip("/").rsplit("/", 1)[-1].lower()
    return None


def member(item: Mapping[str, Any], name: str) -> Any:
    """A member whose name (lower case) compares without case; the exact spelling goes first."""
    if name in item:
        return item[name]
    return next((value for key, value in item.items() if key.lower() == name), None)


def canonical(value: Any) -> str:
    """A text that is equal for values which mean the same: no case, no nulls, no `etag`, no order in lists."""
    return json.dumps(_canonical(value), sort_keys=True)


def show(value: Any) -> str:
    """A value in at most 80 characters, for messages."""
    text = json.dumps(value) if isinstance(value, (dict, list)) else repr(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def join_path(path: str, name: str) -> str:
    """The path of a member below `path`."""
    return f"{path}.{name.lower()}" if path else name.lower()


def _canonical(value: Any) -> Any:
    match value:
        case dict():
            flat = {key.lower(): _canonical(item) for key, item in flatten(value).items() if item is not None}
            return {key: item for key, item in flat.items() if key not in _IGNORED}
        case list():
            return sorted(
                (_canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True)
            )
        case str():
            text = value.strip().lower()
            return text.rstrip("/") if text.startswith("/") else text
        case _:
            return value


def _unite_objects(copies: Copies, path: str, conflicts: dict[str, str]) -> dict[str, Any]:
    copies = _nested_alike(copies)
    names: dict[str, str] = {}
    members: dict[str, list[tuple[str, Any]]] = {}
    for place, value in copies:
        for key, member in value.items():
            lowered = key.lower()
            names.setdefault(lowered, key)
            members.setdefault(lowered, []).append((place, member))
    united: dict[str, Any] = {}
    for lowered, found in members.items():
        if lowered in _IGNORED:
            united[names[lowered]] = found[0][1]
            continue
        below = path if lowered == "properties" else join_path(path, lowered)
        united[names[lowered]] = unite(found, below, conflicts)
    return united


def _nested_alike(copies: Copies) -> Copies:
    """The copies in one form: where one has `properties`, the others' own members move below it."""
    nested = [_properties(value) is not None for _, value in copies]
    if all(nested) or not any(nested):
        return copies
    return [
        (place, value if has else _nest(value)) for (place, value), has in zip(copies, nested, strict=True)
    ]


def _properties(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    return next(
        (item for key, item in value.items() if key.lower() == "properties" and isinstance(item, dict)), None
    )


def _nest(value: Mapping[str, Any]) -> dict[str, Any]:
    outer = {key: item for key, item in value.items() if key.lower() in _ENVELOPE}
    inner = {key: item for key, item in value.items() if key.lower() not in _ENVELOPE | {"properties"}}
    return {**outer, "properties": inner}


def _unite_lists(copies: Copies, path: str, conflicts: dict[str, str]) -> list[Any]:
    keyed = [(place, _by_key(value)) for place, value in copies]
    if any(elements is None for _, elements in keyed):
        _compare(copies, path, conflicts)
        first: list[Any] = copies[0][1]
        return first
    tables = [(place, elements) for place, elements in keyed if elements is not None]
    order = dict.fromkeys(key for _, elements in tables for key in elements)
    united: list[Any] = []
    for key in order:
        found = [(place, elements[key]) for place, elements in tables if key in elements]
        below = f"{path}[{found[0][1][0]}]"
        if len(found) < len(tables) and not all(_is_reference(item) for _, (_, item) in found):
            missing = next(place for place, elements in tables if key not in elements)
            conflicts.setdefault(below, f"{below}: present in {found[0][0]}, absent in {missing}")
        united.append(unite([(place, item) for place, (_, item) in found], below, conflicts))
    return united


def _by_key(elements: Sequence[Any]) -> dict[str, tuple[str, Any]] | None:
    """The elements by id, else by name; None when they cannot be told apart that way."""
    table: dict[str, tuple[str, Any]] = {}
    for item in elements:
        shown = element_key(item)
        if shown is None:
            return None
        key = (
            shown
            if isinstance(member(item, "name"), str)
            else str(member(item, "id")).strip().rstrip("/").lower()
        )
        if key in table:
            return None
        table[key] = (shown, item)
    return table


def _is_reference(item: Any) -> bool:
    return isinstance(item, dict) and {key.lower() for key in item} <= {"id", "resourcegroup"}


def _compare(copies: Copies, path: str, conflicts: dict[str, str]) -> None:
    place, value = copies[0]
    wanted = canonical(value)
    for other, found in copies[1:]:
        if canonical(found) != wanted:
            conflicts.setdefault(path, f"{path}: {show(value)} in {place}, {show(found)} in {other}")
            return
