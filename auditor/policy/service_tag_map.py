"""Which service tags hold the addresses of a host, as `policies/aks-service-tags.yaml` has it.

A service tag is Azure's name for a list of addresses of one service. It is a hint to where a name may
resolve: wider than the name always, and sometimes only a guess, which the grade tells.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final, Literal

from auditor import resources
from auditor.policy.faults import shown
from auditor.policy.yaml_document import load_document

Grade = Literal["named", "service", "description"]

_ALL_CLOUDS: Final = ("public", "usgov", "china")
_PLACEHOLDER: Final = "<location>"


@dataclass(frozen=True, slots=True)
class TagEntry:
    """Hosts that share their tags."""

    names: tuple[str, ...]
    """Lower-case names and patterns: `*` stands for any characters, `<location>` for one label."""
    clouds: tuple[str, ...]
    """The clouds for which this is known."""
    service_tags: tuple[str, ...]
    """Tags that together hold the addresses, `<location>` being the cluster's region; empty: none does."""
    grade: Grade
    """Who ties host and tags: the AKS page, the owning service, or only the tag's description."""
    source: str
    """Where that is said."""
    note: str | None
    """What else to know."""


@dataclass(frozen=True, slots=True)
class ServiceTagMap:
    """All entries, most specific pattern first."""

    entries: tuple[TagEntry, ...]
    """The entries in the order of the file."""

    def lookup(self, name_or_pattern: str, *, cloud: str = "public") -> TagEntry | None:
        """The entry whose pattern, the most specific that does, covers the whole of a name or pattern.

        None: nothing is known of the name, which differs from an entry without tags.

        `<location>` in the question meets `<location>` or any single label in the map, so a row may be looked
        up before or after its region is filled in.
        """
        asked = name_or_pattern.lower().rstrip(".")
        for pattern, entry in _by_specificity(self.entries):
            if cloud in entry.clouds and _expression(pattern).fullmatch(asked):
                return entry
        return None


def load_service_tag_map() -> ServiceTagMap:
    """The map that ships with the package."""
    return _load_shipped(resources.policies() / "aks-service-tags.yaml")


def read_service_tag_map(path: Path) -> ServiceTagMap:
    """The map in a file; InputError if it does not fit or names a host twice for one cloud."""
    document = load_document(path, "service-tag-map")
    entries: list[TagEntry] = []
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(document.data["entries"]):
        entry = TagEntry(
            names=tuple(name.lower() for name in one["names"]),
            clouds=tuple(one.get("clouds", _ALL_CLOUDS)),
            service_tags=tuple(one["serviceTags"]),
            grade=one["grade"],
            source=one["source"],
            note=one.get("note"),
        )
        for position, name in enumerate(entry.names):
            keys = {(name, cloud) for cloud in entry.clouds}
            if keys & seen:
                document.fail(
                    f"the name {shown(name)} stands in an entry before", "entries", index, "names", position
                )
            seen |= keys
        entries.append(entry)
    return ServiceTagMap(tuple(entries))


@cache
def _load_shipped(path: Path) -> ServiceTagMap:
    return read_service_tag_map(path)


@cache
def _by_specificity(entries: tuple[TagEntry, ...]) -> tuple[tuple[str, TagEntry], ...]:
    """Pattern and entry, the most specific first."""
    pairs = [(name, entry) for entry in entries for name in entry.names]
    return tuple(sorted(pairs, key=lambda pair: _breadth(pair[0])))


def _breadth(pattern: str) -> tuple[bool, int, int, str]:
    """Sorts plain names first, then patterns with more literal characters, then those with fewer `*`."""
    literal = pattern.replace(_PLACEHOLDER, "").replace("*", "")
    return literal != pattern, -len(literal), pattern.count("*"), pattern


@cache
def _expression(pattern: str) -> re.Pattern[str]:
    """Matches the names and patterns, taken as text, that a pattern covers."""
    pieces = re.split(r"(\*|<location>)", pattern)
    special = {"*": r".+", _PLACEHOLDER: r"(?:<location>|[a-z0-9-]+)"}
    return re.compile("".join(special.get(piece) or re.escape(piece) for piece in pieces))
