"""Which random estates a test sees: the first in every run, many more in the long form."""

from __future__ import annotations

import pytest

SIZE = 10
"""Estates of one test case, unless a test says otherwise."""


def seeds(short: int, long: int, size: int = SIZE) -> pytest.MarkDecorator:
    """The parameter `seeds`: ranges up to `short` in every run, up to `long` under `-m deep`."""
    ranges = [range(start, min(start + size, long)) for start in range(0, long, size)]
    parameters = [
        pytest.param(found, id=str(found.start), marks=() if found.start < short else pytest.mark.deep)
        for found in ranges
    ]
    return pytest.mark.parametrize("seeds", parameters)
