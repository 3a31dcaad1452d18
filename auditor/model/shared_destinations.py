"""Destinations that anybody can rent a place in: what admits one admits strangers (NSG-27)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from auditor.netset import NamePattern, NameSet

_EVERYWHERE = frozenset({"*", "any", "0.0.0.0/0"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTag:
    """A service tag whose addresses serve every tenant, or a whole cloud."""

    name: str
    reach: Literal["everywhere", "cloud", "service"]
    holds: str
    """What is reached there, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSuffix:
    """A suffix below which every tenant has names."""

    suffix: str
    """In lower case, without a dot in front."""
    labels: int
    """How many labels stand before it in a tenant's name."""
    holds: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedNames:
    """The part of a name pattern that every tenant has names in."""

    names: NameSet
    holds: str
    whole: bool
    """The pattern stands for every name there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedDestinations:
    """All that are known; look-ups take what stands in a rule."""

    tags: Mapping[str, SharedTag]
    """By name in lower case, without a region."""
    suffixes: tuple[SharedSuffix, ...]

    def of_address(self, text: str) -> SharedTag | None:
        """What a destination of a rule about addresses stands for: a tag, with or without a region, or everywhere."""
        lowered = text.lower()
        if lowered in _EVERYWHERE:
            return SharedTag(name=text, reach="everywhere", holds="every public address")
        return self.tags.get(lowered) or self.tags.get(lowered.rpartition(".")[0])

    def of_name(self, pattern: NamePattern) -> SharedNames | None:
        """What a name pattern of a rule admits of strangers; a name or a tenant's own part of a suffix is None."""
        if not pattern.wildcard:
            return None
        if not pattern.suffix:
            return SharedNames(names=NameSet.of(pattern), holds="every name", whole=True)
        found: list[NamePattern] = []
        holds: dict[str, None] = {}
        for entry in self.suffixes:
            base = NamePattern(f".{entry.suffix}", wildcard=True)
            if base <= pattern:
                found.append(base)
            elif pattern <= base and _fixed_labels(pattern, base) < entry.labels:
                found.append(pattern)
            else:
                continue
            holds[entry.holds] = None
        if not found:
            return None
        first, *more = holds
        told = f"{first}, and more" if more else first
        return SharedNames(names=NameSet.of(*found), holds=told, whole=False)


def _fixed_labels(pattern: NamePattern, base: NamePattern) -> int:
    """How many whole labels a pattern fixes before a suffix."""
    return pattern.suffix.removesuffix(base.suffix).count(".")
