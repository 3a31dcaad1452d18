"""Records about what leaves, joined where one rule or one cause stands behind several."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.egress import Bypass, Excess, Undetermined
from auditor.model.reading import ASSUMABLE
from auditor.netset import AddressSet
from auditor.paths.pieces import some_ranges


def joined(one: Excess, other: Excess) -> Excess:
    """Two parts of what one rule lets out, as one; the first gives the witness."""
    names = one.names if one.names is None or other.names is None else one.names | other.names
    sources = AddressSet.of(*one.sources, *other.sources)
    codes = {*one.assumptions, *other.assumptions}
    return replace(
        one,
        asked_from=tuple(dict.fromkeys((*one.asked_from, *other.asked_from))),
        sources=tuple(some_ranges(sources)),
        traffic=one.traffic | other.traffic,
        names=names,
        literal=one.literal and other.literal,
        assumptions=tuple(code for code in ASSUMABLE if code in codes),
    )


def joined_bypasses(one: Bypass, other: Bypass) -> Bypass:
    """Two parts that one route leads past the devices, as one."""
    codes = {*one.assumptions, *other.assumptions}
    return replace(
        one,
        asked_from=tuple(dict.fromkeys((*one.asked_from, *other.asked_from))),
        traffic=one.traffic | other.traffic,
        assumptions=tuple(code for code in ASSUMABLE if code in codes),
    )


def joined_causes(one: Undetermined, other: Undetermined) -> Undetermined:
    """Two parts that one cause leaves open, as one."""
    names = (
        one.names if other.names is None else other.names if one.names is None else one.names | other.names
    )
    return replace(
        one,
        asked_from=tuple(dict.fromkeys((*one.asked_from, *other.asked_from))),
        traffic=one.traffic | other.traffic,
        names=names,
    )
