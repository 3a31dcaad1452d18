"""Several copies of one JSON value united into one, with every disagreement written down (design: snapshot).

`null`, an absent property and an empty one are the same (Azure's null). A property that a copy lacks is taken from the
others where the copy's form leaves it open, and is a disagreement where it does not. `etag` and az's `resourceGroup`
are passed over. Keys, ids and other texts are compared without case (ARM-2, ARM-3); az's flattened form of a child
equals the nested one, and a property's singular and plural form are one statement (NSG-13, NSG-15, ARM-6).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from auditor.model.copies import Copies, Told

_IGNORED = frozenset({"etag", "resourcegroup"})
_ENVELOPE = frozenset({"id", "name", "type", "etag", "resourcegroup", "location", "tags", "zones"})
_SHOWN = 80
_PLURALS = {
    "addressprefix": "addressprefixes",
    "sourceaddressprefix": "sourceaddressprefixes",
    "destinationaddressprefix": "destinationaddressprefixes",
    "sourceportrange": "sourceportranges",
    "destinationportrange": "destinationportranges",
    "podcidr": "podcidrs",
}
"""Properties that mean one list together, by the singular."""


def unite(copies: Copies, path: str, conflicts: dict[str, str]) -> Any:
    """The one value of all copies; disagreements go to `conflicts` as path -> sentence, the first copy wins."""
    present = [copy for copy in copies if copy.value is not None]
    if not present:
        return None
    first = present[0].value
    denying = _denying(copies, present)
    if denying and all(isinstance(copy.value, list) for copy in present):
        present += [copy.of([]) for copy in denying]
    elif denying:
        holder = next(copy for copy in present if not _is_nothing(copy.value))
        conflicts.setdefault(
            path, f"{path}: {show(holder.value)} in {holder.place}, nothing in {denying[0].place}"
        )
    if all(copy.value == first for copy in present[1:]):
        return first
    if all(isinstance(copy.value, dict) for copy in present):
        return _unite_objects(present, path, conflicts)
    if all(isinstance(copy.value, list) for copy in present):
        return _unite_lists(present, path, conflicts)
    _compare(present, path, conflicts)
    return first


def _denying(copies: Copies, present: Copies) -> list[Told]:
    """The copies which say, by lacking it, that there is nothing of what others hold."""
    lacking = [copy for copy in copies if copy.value is None]
    holding = [copy.form for copy in present if not _is_nothing(copy.value)] if lacking else []
    return [copy for copy in lacking if any(not copy.form.leaves_open(form) for form in holding)]


def _is_nothing(value: Any) -> bool:
    return value is None or _canonical(value) in ("", [], {})


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
    copies = _in_one_form(copies)
    names: dict[str, str] = {}
    tables: list[dict[str, list[Any]]] = []
    for copy in copies:
        tables.append({})
        for key, value in copy.value.items():
            names.setdefault(key.lower(), key)
            tables[-1].setdefault(key.lower(), []).append(value)
    united: dict[str, Any] = {}
    for lowered, shown in names.items():
        held = zip(copies, (table.get(lowered, [None]) for table in tables), strict=True)
        found = [copy.of(value) for copy, values in held for value in values]
        if lowered in _IGNORED:
            united[shown] = next((one.value for one in found if one.value is not None), None)
            continue
        below = path if lowered == "properties" else join_path(path, lowered)
        united[shown] = unite(found, below, conflicts)
    for singular, plural in _PLURALS.items():
        if singular in names and plural in names:
            _compare_lists_in_two(copies, (singular, plural), path, conflicts)
    return united


def _compare_lists_in_two(
    copies: Copies, names: tuple[str, str], path: str, conflicts: dict[str, str]
) -> None:
    """Compare what copies say by a singular and its plural; by which of both they say it means nothing."""
    paths = [join_path(path, name) for name in names]
    for one in paths:
        conflicts.pop(one, None)
    said = [(copy, _members(copy.value, names[0]) | _members(copy.value, names[1])) for copy in copies]
    everything = frozenset().union(*(members for _, members in said))
    whole = [copy.form for copy, members in said if members == everything]
    for copy, members in said:
        if members != everything and not (whole and all(copy.form.leaves_open(form) for form in whole)):
            other = next(item for item in said if item[1] != members)
            texts = [f"{show(sorted(held))} in {teller.place}" for teller, held in ((copy, members), other)]
            for one in paths:
                conflicts[one] = f"{paths[0]}: {', '.join(texts)}"
            return


def _members(holder: Mapping[str, Any], name: str) -> frozenset[str]:
    value = member(holder, name)
    items = value if isinstance(value, list) else [value]
    return frozenset(canonical(item).strip('"') for item in items if not _is_nothing(item))


def _in_one_form(copies: Copies) -> Copies:
    """The copies in one form: where one has `properties`, the others' own members move below it."""
    references = [_is_reference(copy.value) for copy in copies]
    if any(references) and not all(references):
        copies = [
            replace(copy, form=replace(copy.form, narrow=True)) if bare else copy
            for copy, bare in zip(copies, references, strict=True)
        ]
    nested = [_properties(copy.value) is not None for copy in copies]
    if all(nested) or not any(nested):
        return copies
    return [
        copy if has else replace(copy, value=_nest(copy.value), form=replace(copy.form, flattened=True))
        for copy, has in zip(copies, nested, strict=True)
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
    by_id = all(_own_id(item) is not None for copy in copies for item in copy.value)
    keyed = [(copy, _by_key(copy.value, by_id=by_id)) for copy in copies]
    if any(elements is None for _, elements in keyed):
        _compare(copies, path, conflicts)
        first: list[Any] = copies[0].value
        return first
    tables = [(copy, elements) for copy, elements in keyed if elements is not None]
    order = dict.fromkeys(key for _, elements in tables for key in elements)
    united: list[Any] = []
    for key in order:
        found = [copy.of(elements[key]) for copy, elements in tables if key in elements]
        below = f"{path}[{element_key(found[0].value)}]"
        if len(found) < len(tables):
            missing = next(copy.place for copy, elements in tables if key not in elements)
            conflicts.setdefault(below, f"{below}: present in {found[0].place}, absent in {missing}")
        united.append(unite(found, below, conflicts))
    return united


def _by_key(elements: Sequence[Any], *, by_id: bool) -> dict[str, Any] | None:
    """The elements by id, else by what `element_key` says; None when they cannot be told apart that way."""
    table: dict[str, Any] = {}
    for item in elements:
        key = _own_id(item) if by_id else element_key(item)
        if key is None or key in table:
            return None
        table[key] = item
    return table


def _own_id(item: Any) -> str | None:
    """The whole id of an element in lower case, None where it has none."""
    value = member(item, "id") if isinstance(item, dict) else None
    return value.strip().rstrip("/").lower() or None if isinstance(value, str) else None


def _is_reference(item: Mapping[str, Any]) -> bool:
    """Whether an element names a resource and says nothing else about it."""
    return _own_id(item) is not None and {key.lower() for key in item} <= {"id", "resourcegroup"}


def _compare(copies: Copies, path: str, conflicts: dict[str, str]) -> None:
    first = copies[0]
    wanted = canonical(first.value)
    for other in copies[1:]:
        if canonical(other.value) != wanted:
            sentence = f"{path}: {show(first.value)} in {first.place}, {show(other.value)} in {other.place}"
            conflicts.setdefault(path, sentence)
            return
