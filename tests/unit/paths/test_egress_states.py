"""The algebra of comparisons, by its laws over small random sets."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from auditor.model.verdict import Outcome
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.paths.egress_states import STEPS, TO_NEW, TO_OLD, State, refined, steps

ADDRESSES = st.frozensets(st.integers(0, 7)).map(
    lambda numbers: AddressSet.union_all(AddressSet.from_int_range(one, one) for one in numbers)
)
SERVICES = st.frozensets(st.sampled_from([443, 80, 53])).map(
    lambda ports: ServiceSet.tcp(*ports) if ports else ServiceSet.icmp()
)
TRAFFIC = st.lists(st.builds(Traffic.box, ADDRESSES, SERVICES), max_size=3).map(Traffic.union_all)
STATES = st.builds(lambda must, unknown: State(must, unknown - must), TRAFFIC, TRAFFIC)
FAMILIES = st.lists(
    st.lists(ADDRESSES, max_size=3).map(
        lambda sets: [one - AddressSet.union_all(sets[:place]) for place, one in enumerate(sets)]
    ),
    min_size=1,
    max_size=3,
)


@given(STATES, STATES)
def test_steps_lead_from_old_to_new(old: State, new: State) -> None:
    """What leaves now is what left, without what goes, with what comes; the same holds for what is unknown."""
    parts = steps(old, new)

    def after(outcome: Outcome) -> Traffic:
        gone = Traffic.union_all(part for step, part in parts.items() if step[0] is outcome)
        came = Traffic.union_all(part for step, part in parts.items() if step[1] is outcome)
        assert gone <= old.of(outcome)
        return (old.of(outcome) - gone) | came

    assert after(Outcome.ALLOWED) == new.must
    assert after(Outcome.UNKNOWN) == new.unknown


@given(STATES, STATES)
def test_steps_are_disjoint_and_turn_around(old: State, new: State) -> None:
    """Nothing changes in two ways, nothing that stays is told, and the other way round is the same backwards."""
    parts = steps(old, new)
    assert parts.keys() == set(STEPS) == set(TO_NEW) | set(TO_OLD)
    listed = list(parts.values())
    for place, one in enumerate(listed):
        assert all(one.isdisjoint(other) for other in listed[place + 1 :])
    back = steps(new, old)
    assert {step: back[step[1], step[0]] for step in STEPS} == dict(parts)
    assert not any(steps(old, old).values())


@given(FAMILIES)
def test_refined(families: list[list[AddressSet]]) -> None:
    """The pieces are disjoint, cover what any family covers, and lie within or outside of each of its sets."""
    pieces = refined(*families)
    every = [one for family in families for one in family]
    assert AddressSet.union_all(pieces) == AddressSet.union_all(every)
    for place, piece in enumerate(pieces):
        assert piece
        assert all(piece.isdisjoint(other) for other in pieces[place + 1 :])
        assert all(piece <= one or piece.isdisjoint(one) for one in every)
