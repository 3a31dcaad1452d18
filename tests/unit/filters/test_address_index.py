"""Addresses fall into the classes that some sets tell apart: a partition that no set crosses."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.filters.address_index import classes_of
from auditor.netset import AddressSet

PREFIXES = st.builds(
    lambda number, length: f"10.0.0.{number}/{length}",
    st.integers(0, 255),
    st.sampled_from([24, 26, 28, 30, 32]),
)
SETS = st.lists(PREFIXES, min_size=1, max_size=3).map(lambda texts: AddressSet.of(*texts))


@settings(max_examples=200, deadline=None)
@given(SETS, st.lists(SETS, max_size=6))
def test_classes_are_a_partition_that_no_cut_crosses(space: AddressSet, cuts: list[AddressSet]) -> None:
    """Together they are the space, none crosses a cut, and no two lie alike in all cuts."""
    classes = classes_of(space, cuts)
    assert AddressSet.union_all(classes) == space
    assert sum(one.size for one in classes) == space.size
    seen = set()
    for one in classes:
        assert all(one <= cut or one.isdisjoint(cut) for cut in cuts)
        seen.add(tuple(one <= cut for cut in cuts))
    assert len(seen) == len(classes)
