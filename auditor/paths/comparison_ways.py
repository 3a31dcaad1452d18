"""By what traffic leaves on one side of a comparison: each destination of each name once, with its rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from auditor.model.verdict import Hop, Outcome
from auditor.netset import NameSet, Traffic
from auditor.paths.comparison_parts import decider
from auditor.paths.excess import responsible
from auditor.paths.judge import Judgement, PathPart
from auditor.paths.senders import Named, Voice


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How some traffic leaves: from whom, and by which rule."""

    voice: Voice
    traffic: Traffic
    names: NameSet | None
    rule: Hop
    answer: Judgement
    walked: tuple[PathPart, ...]


def ways(
    traffic: Traffic, key: Named | None, names: NameSet | None, letting: Sequence[Voice]
) -> Iterator[Way]:
    """By what some traffic leaves: each destination of each name once, by the first sender that lets it out."""
    rest: list[tuple[Traffic, NameSet | None]] = [(traffic, names)]
    for voice in letting:
        found: dict[tuple[Traffic, object], list[Way]] = {}
        left: list[tuple[Traffic, NameSet | None]] = []
        for wanted, held in rest:
            flows = list(voice.flows(key, held))
            if not flows:
                left.append((wanted, held))
            others = held if flows else None
            for asked in flows:
                remaining = wanted
                for part, answer, walked in voice.walked(asked, wanted, Outcome.ALLOWED):
                    rule = responsible(answer.hops)
                    way = Way(
                        voice=voice, traffic=part, names=asked.name, rule=rule, answer=answer, walked=walked
                    )
                    found.setdefault((part, decider(rule)), []).append(way)
                    remaining -= part
                if remaining:
                    left.append((remaining, asked.name))
                others = None if others is None or asked.name is None else others - asked.name
            if others:
                left.append((wanted, others))
        for alike in found.values():
            yield replace(alike[0], names=_united(way.names for way in alike))
        rest = left
    if rest:
        raise AssertionError(f"nothing lets out {rest}, which leaves")


def _united(names: Iterable[NameSet | None]) -> NameSet | None:
    found = [one for one in names if one is not None]
    return NameSet.union_all(found) if found else None
