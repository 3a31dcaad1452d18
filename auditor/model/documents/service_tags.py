"""Service tag lists: the weekly download file and the answer of the API (NSG-25, NSG-26)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from auditor.model.merge import flatten
from auditor.model.service_tags import LazyMembers, ServiceTags

Lists = tuple[tuple[str, Mapping[str, Any]], ...]


def service_tags(lists: Lists) -> ServiceTags:
    """All tags of all lists by lower-case name.

    Of a tag that several lists hold, the edition with the highest change number of its own counts; editions
    that are equally new are united. A tag with a malformed prefix is left out: it reads as not listed.
    """
    best: dict[str, tuple[int, tuple[str, ...]]] = {}
    names: dict[str, str] = {}
    changes: dict[str, None] = {}
    for _, body in lists:
        top = _lower(body)
        if isinstance(top.get("changenumber"), (int, str)):
            changes[str(top["changenumber"])] = None
        for name, change, prefixes in _tags(top.get("values")):
            key = name.lower()
            names.setdefault(key, name)
            held = best.get(key)
            if held is None or change > held[0]:
                best[key] = (change, prefixes)
            elif change == held[0] and prefixes != held[1]:
                best[key] = (change, (*held[1], *prefixes))
    texts = {key: prefixes for key, (_, prefixes) in best.items()}
    return ServiceTags(LazyMembers(texts), names, texts, tuple(changes))


def _tags(values: Any) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    for item in values if isinstance(values, list) else ():
        if not isinstance(item, dict):
            continue
        tag = _lower(flatten(item))
        name, prefixes = tag.get("name") or tag.get("id"), tag.get("addressprefixes")
        if not isinstance(name, str) or not isinstance(prefixes, list):
            continue
        yield name, _number(tag.get("changenumber")), tuple(prefixes)


def _number(value: Any) -> int:
    """A change number: a number in the download file, a text in the API's answer."""
    text = str(value) if isinstance(value, (int, str)) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _lower(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in body.items()}
