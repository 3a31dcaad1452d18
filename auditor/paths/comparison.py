"""The egress of one subnet on two sides, compared exactly: what got more, what less, what cannot be told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.model.difference import Standing
from auditor.model.finding import From
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Hop, Outcome
from auditor.netset import AddressSet, NameSet, Traffic
from auditor.paths.comparison_hops import BY_ID, Likeness
from auditor.paths.comparison_parts import Found
from auditor.paths.comparison_unknown import otherwise_unknown
from auditor.paths.comparison_ways import ways
from auditor.paths.egress_states import (
    LESS,
    MORE,
    STEPS,
    STILL_UNKNOWN,
    TO_NEW,
    TO_OLD,
    State,
    Step,
    refined,
    steps,
)
from auditor.paths.judge import PathPart, codes_used, judge
from auditor.paths.senders import Named, Sender, Voice, classes_of

_STAYS: Step = (Outcome.ALLOWED, Outcome.ALLOWED)


def differences(old: Sequence[Sender], new: Sequence[Sender], likeness: Likeness = BY_ID) -> Iterator[Found]:
    """Compare the senders of one subnet with their like; the parts are disjoint for each sender.

    A sender without its like is compared with all that left its pool, or else its subnet, on the other side: a pool
    that was renamed is no difference, one that came adds only what the subnet did not send before, one that went
    takes away only what the others do not send.
    """
    sources = classes_of((*old, *new))
    for pair in _pairs(old, new):
        for source in sources:
            yield from pair.differences(source, likeness)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """What is compared with what, and which steps count."""

    asked_from: tuple[From, ...]
    old: tuple[Sender, ...]
    new: tuple[Sender, ...]
    wanted: tuple[Step, ...]

    def differences(self, source: AddressSet, likeness: Likeness) -> Iterator[Found]:
        """Everything that differs for one class of addresses."""
        yield from _Comparison(self, source, likeness).differences()


def _pairs(old: Sequence[Sender], new: Sequence[Sender]) -> Iterator[_Pair]:
    """Senders with equal egress are compared once for all of them."""
    found: dict[object, tuple[_Pair, list[From]]] = {}
    for pair in _every_pair(old, new):
        alike = (
            [(id(one.egress), one.interfaces) for one in pair.old],
            [(id(one.egress), one.interfaces) for one in pair.new],
            pair.wanted,
        )
        found.setdefault(str(alike), (pair, []))[1].extend(pair.asked_from)
    for pair, asked_from in found.values():
        origins = sorted(set(asked_from), key=lambda origin: (origin.pool, str(origin.subnet)))
        yield _Pair(asked_from=tuple(origins), old=pair.old, new=pair.new, wanted=pair.wanted)


def _every_pair(old: Sequence[Sender], new: Sequence[Sender]) -> Iterator[_Pair]:
    # Interfaces of a pool are known by their group; where several kinds share it, by all that they are.
    counts = [Counter((one.pool, one.group) for one in side) for side in (old, new)]

    def known_by(one: Sender) -> Hashable:
        place = (one.pool, one.group)
        return (*place, one.interfaces) if any(count[place] > 1 for count in counts) else place

    before = {known_by(one): one for one in old}
    after = {known_by(one): one for one in new}
    for key, one in after.items():
        if key in before:
            yield _Pair(asked_from=(one.asked_from,), old=(before[key],), new=(one,), wanted=STEPS)
        else:
            like = tuple(item for item in old if item.pool == one.pool) or tuple(old)
            yield _Pair(asked_from=(one.asked_from,), old=like, new=(one,), wanted=TO_NEW)
    for key, one in before.items():
        if key not in after:
            like = tuple(item for item in new if item.pool == one.pool) or tuple(new)
            yield _Pair(asked_from=(one.asked_from,), old=(one,), new=like, wanted=TO_OLD)


class _Comparison:
    """Two sides seen from one class of addresses."""

    def __init__(self, pair: _Pair, source: AddressSet, likeness: Likeness) -> None:
        self._pair = pair
        self._likeness = likeness
        self._source = source
        self._old = tuple(Voice(sender, source) for sender in pair.old)
        self._new = tuple(Voice(sender, source) for sender in pair.new)
        self._raw_old = State.joined(voice.raw for voice in self._old)
        self._raw_new = State.joined(voice.raw for voice in self._new)

    def differences(self) -> Iterator[Found]:
        """By address first, then what names add to that."""
        raw = steps(self._raw_old, self._raw_new)
        yield from self._stepped(raw, None, None, State(), State())
        yield from self._open_on_both(self._raw_old.unknown & self._raw_new.unknown, None, None)
        if self._pair.wanted == STEPS:
            yield from self._judged(self._raw_old.must & self._raw_new.must, None, None)
        keys = {key for voice in (*self._old, *self._new) for key in voice.keys}
        for key in sorted(keys, key=lambda one: (one[0] or "", one[1])):
            families = [voice.names(key) for voice in (*self._old, *self._new)]
            for names in refined(*(family for family in families if family)):
                yield from self._named(key, names)

    def _named(self, key: Named, names: NameSet) -> Iterator[Found]:
        own_old = State.joined(voice.by_name(key, names) for voice in self._old)
        own_new = State.joined(voice.by_name(key, names) for voice in self._new)
        base_old, base_new = self._raw_old, self._raw_new
        if key[0] is not None:
            base_old |= State.joined(voice.own_rule(names) for voice in self._old)
            base_new |= State.joined(voice.own_rule(names) for voice in self._new)
        if own_old != own_new or base_old != base_new:
            by_base = steps(base_old, base_new)
            by_name = steps(base_old | own_old, base_new | own_new)
            beyond = {step: by_name[step] - by_base[step] for step in STEPS}
            yield from self._stepped(beyond, key, names, own_old, own_new)
        both = (base_old | own_old).unknown & (base_new | own_new).unknown
        beyond_raw = both - (base_old.unknown & base_new.unknown)
        yield from self._open_on_both(beyond_raw, key, names, own_new.unknown)
        if self._pair.wanted == STEPS:
            yield from self._judged(own_old.must & own_new.must, key, names)

    # -- what changes its value ------------------------------------------------------------------------

    def _stepped(
        self,
        parts: Mapping[Step, Traffic],
        key: Named | None,
        names: NameSet | None,
        own_old: State,
        own_new: State,
    ) -> Iterator[Found]:
        for step in self._pair.wanted:
            traffic = parts[step]
            if not traffic:
                continue
            if step == MORE:
                found = self._changed(step, traffic, key, names, self._new, self._old)
            elif step == LESS:
                found = self._changed(step, traffic, key, names, self._old, self._new)
            else:
                found = self._opened(step, traffic, key, names)
            whole = own_old.of(step[0]) if step[1] is Outcome.BLOCKED else own_new.of(step[1])
            yield from found if key is None else (replace(one, whole=whole) for one in found)

    def _changed(
        self,
        step: Step,
        traffic: Traffic,
        key: Named | None,
        names: NameSet | None,
        letting: Sequence[Voice],
        stopping: Sequence[Voice],
    ) -> Iterator[Found]:
        for way in ways(traffic, key, names, letting):
            codes = _resting(way.walked, way.voice.sender.assumed, Outcome.ALLOWED)
            for standing, cut, kept in way.voice.standings(way.traffic, key, way.names):
                stood = _upgraded(standing, way.rule)
                for stopped, blockers, needed in _stopped(cut, key, kept, stopping):
                    yield self._found(
                        step,
                        stopped,
                        key,
                        kept,
                        standings=(stood, stood),
                        rule=way.rule,
                        hops=way.answer.hops,
                        blockers=blockers,
                        codes=codes | needed,
                    )

    def _opened(
        self, step: Step, traffic: Traffic, key: Named | None, names: NameSet | None
    ) -> Iterator[Found]:
        """What one side cannot tell, cut by the codes that leave it open there."""
        rest = traffic
        for voice in self._new if step[1] is Outcome.UNKNOWN else self._old:
            for opened, codes in voice.opened(key, names):
                if part := rest & opened:
                    yield self._found(step, part, key, names, codes=codes)
                    rest -= part
        if rest:
            yield self._found(step, rest, key, names)

    def _open_on_both(
        self, traffic: Traffic, key: Named | None, names: NameSet | None, whole: Traffic | bool = True
    ) -> Iterator[Found]:
        """What neither side can tell, where that hangs on something else now; what is gone hangs on nothing."""
        if not traffic or self._pair.wanted == TO_OLD:
            return
        for part, held, codes in otherwise_unknown(traffic, key, names, self._old, self._new, self._likeness):
            found = self._found(STILL_UNKNOWN, part, key, held, codes=codes)
            yield replace(found, whole=whole)

    # -- what is judged otherwise ----------------------------------------------------------------------

    def _judged(self, traffic: Traffic, key: Named | None, names: NameSet | None) -> Iterator[Found]:
        """What leaves on both sides and stands otherwise to the needs; only senders that have their like."""
        if not traffic:
            return
        (old,), (new,) = self._old, self._new
        for before, part, held in old.standings(traffic, key, names):
            for after, cut, kept in new.standings(part, key, held):
                if before is after:
                    continue
                for way in ways(cut, key, kept, (new,)):
                    standings = _upgraded(before, way.rule), _upgraded(after, way.rule)
                    if standings[0] is not standings[1]:
                        yield self._found(
                            _STAYS, way.traffic, key, way.names, standings=standings, rule=way.rule
                        )

    def _found(
        self,
        step: Step,
        traffic: Traffic,
        key: Named | None,
        names: NameSet | None,
        *,
        standings: tuple[Standing, Standing] | None = None,
        rule: Hop | None = None,
        hops: tuple[Hop, ...] = (),
        blockers: tuple[Hop, ...] = (),
        codes: frozenset[str] = frozenset(),
    ) -> Found:
        return Found(
            asked_from=self._pair.asked_from,
            sources=self._source,
            traffic=traffic,
            names=names,
            application=key[0] if key is not None else None,
            step=step,
            standings=standings,
            rule=rule,
            hops=hops,
            blockers=blockers,
            codes=codes,
        )


def _stopped(
    traffic: Traffic, key: Named | None, names: NameSet | None, stopping: Sequence[Voice]
) -> Iterator[tuple[Traffic, tuple[Hop, ...], frozenset[str]]]:
    """What stops some traffic for every sender of the other side; nothing where the senders do not exist there."""
    parts: list[tuple[Traffic, tuple[Hop, ...], frozenset[str]]] = [(traffic, (), frozenset())]
    for voice in stopping:
        known: list[tuple[Traffic, tuple[Hop, ...], frozenset[str]]] = []
        for part, blockers, codes in parts:
            rest = part
            for stopped, answer, walked in voice.paths(part, key, names, Outcome.BLOCKED):
                more = _resting(walked, voice.sender.assumed, Outcome.BLOCKED)
                both = tuple(dict.fromkeys((*blockers, *answer.blockers)))
                known.append((stopped, both, codes | more))
                rest -= stopped
            if rest:
                known.append((rest, blockers, codes))
        parts = known
    if names is None:
        yield from parts
        return
    # Blockers do not split names: where each of its addresses is stopped is no news for a name.
    parts.sort(key=lambda one: -one[0].size)
    every = tuple(dict.fromkeys(hop for _, blockers, _ in parts for hop in blockers))
    yield traffic, every, frozenset[str]().union(*(codes for _, _, codes in parts))


def _resting(walked: Sequence[PathPart], assumed: frozenset[str], outcome: Outcome) -> frozenset[str]:
    """A minimal set of codes with which alone the outcome holds, looked for in the order of the table."""
    current = codes_used(walked) & assumed
    for code in ASSUMABLE:
        fewer = current - {code}
        if code in current and all(judge(part.ways, fewer).outcome is outcome for part in walked):
            current = fewer
    return current


def _upgraded(standing: Standing, rule: Hop) -> Standing:
    """Without a rule nobody opened it for AKS: what a bare way out lets go is excess alike."""
    return Standing.EXCESS if standing is Standing.UNNEEDED and rule.rule is None else standing
