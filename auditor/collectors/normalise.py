"""What a JSON value is: ARM documents in one form, service tag lists, or nothing of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from auditor.collectors.interface import Copy
from auditor.model.copies import Form
from auditor.model.merge import member, show
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Skipped

TagList = tuple[str, Mapping[str, Any]]
Item = Copy | Skipped | TagList

_ENVELOPE: Final = frozenset({
    "id", "name", "type", "location", "tags", "etag", "kind", "sku", "zones", "identity", "plan", "managedby",
    "extendedlocation", "systemdata", "resourcegroup", "apiversion", "scale", "placement",
})  # fmt: skip
"""Members of a resource that stand beside `properties`; az's flattened form mixes both."""
_ROOTS: Final = ("/subscriptions/", "/providers/")


def items(value: Any, place: str) -> Iterator[Item]:
    """Everything in one JSON value: a document, a list, or a list page `{"value": [...]}`."""
    match value:
        case list():
            for index, element in enumerate(value):
                yield _item(element, f"{place}[{index}]")
        case dict() if _arm_id(value) is None and isinstance(member(value, "value"), list):
            for index, element in enumerate(member(value, "value")):
                yield _item(element, f"{place}[{index}]")
        case _:
            yield _item(value, place)


def _item(value: Any, place: str) -> Item:
    if not isinstance(value, dict):
        return Skipped(place=place, reason="not a JSON object")
    tags = _tag_list(value)
    if tags is not None:
        return place, tags
    reference = _arm_id(value)
    if reference is None:
        return Skipped(
            place=place, reason="no ARM resource: no 'id' that begins with /subscriptions/ or /providers/"
        )
    body = _nested(value)
    if body is None:
        return Skipped(place=place, reason=f"'properties' of {show(reference)} is not an object")
    if not body["properties"] and not _has_properties(value):
        return Skipped(place=place, reason=f"only a reference to {show(reference)}, not the resource itself")
    # The generic list of resources shows none of its properties.
    form = Form(narrow=not body["properties"], flattened=not _has_properties(value))
    return Copy(ResourceId(reference), body, place, form)


def _arm_id(value: Mapping[str, Any]) -> str | None:
    found = member(value, "id")
    if not isinstance(found, str) or not found.strip().lower().startswith(_ROOTS):
        return None
    return found.strip()


def _has_properties(value: Mapping[str, Any]) -> bool:
    return any(key.lower() == "properties" for key in value)


def _nested(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """The document with `properties` nested; None when `properties` is something else than an object."""
    if not _has_properties(value):
        outer = {key: item for key, item in value.items() if key.lower() in _ENVELOPE}
        inner = {key: item for key, item in value.items() if key.lower() not in _ENVELOPE}
        return {**outer, "properties": inner}
    properties = member(value, "properties")
    if properties is not None and not isinstance(properties, dict):
        return None
    outer = {key: item for key, item in value.items() if key.lower() != "properties"}
    return {**outer, "properties": properties or {}}


def _tag_list(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The body of a service tag list, with or without an ARM id around it (NSG-25)."""
    inner = member(value, "properties")
    for body in (value, inner):
        if isinstance(body, dict) and _holds_tags(member(body, "values")):
            return body
    return None


def _holds_tags(values: Any) -> bool:
    if not isinstance(values, list):
        return False
    for entry in values:
        if isinstance(entry, dict):
            inner = member(entry, "properties")
            for holder in (inner, entry):
                if isinstance(holder, dict) and isinstance(member(holder, "addressprefixes"), list):
                    return True
    return False
