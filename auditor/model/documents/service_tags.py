"""Service tag lists: the weekly download file and the answer of the API (NSG-25, NSG-26)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model.merge import flatten
from auditor.model.service_tags import ServiceTags
from auditor.netset.address import AddressSet

Lists = tuple[tuple[str, Mapping[str, Any]], ...]


def service_tags(lists: Lists) -> ServiceTags:
    """All tags of all lists by lower-case name.

    Of a tag that several lists hold, the edition with the highest change number of its own counts; editions
    that are equally new are united. A tag with a malformed prefix is left out: it reads as not listed.
    """
    best: dict[str, tuple[int, list[AddressSet]]] = {}
    names: dict[str, str] = {}
    changes: dict[str, None] = {}
    for _, body in lists:
        top = _lower(body)
        if isinstance(top.get("changenumber"), (int, str)):
            changes[str(top["changenumber"])] = None
        for name, change, members in _tags(top.get("values")):
            key = name.lower()
            names.setdefault(key, name)
            held = best.get(key)
            if held is None or change > held[0]:
                best[key] = (change, [members])
            elif change == held[0]:
                held[1].append(members)
    united = {
        key: sets[0] if len(sets) == 1 else AddressSet.union_all(sets) for key, (_, sets) in best.items()
    }
    return ServiceTags(members=united, names=names, change_numbers=tuple(changes))


def _tags(values: Any) -> Iterator[tuple[str, int, AddressSet]]:
    for item in values if isinstance(values, list) else ():
        if not isinstance(item, dict):
            continue
        tag = _lower(flatten(item))
        name, prefixes = tag.get("name") or tag.get("id"), tag.get("addressprefixes")
        if not isinstance(name, str) or not isinstance(prefixes, list):
            continue
        try:
            members = AddressSet.of(*prefixes)
        except (ValueError, TypeError, AttributeError):
            continue
        yield name, _number(tag.get("changenumber")), members


def _number(value: Any) -> int:
    """A change number: a number in the download file, a text in the API's answer."""
    text = str(value) if isinstance(value, (int, str)) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _lower(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in body.items()}
