"""A pytest plugin: tests that killed mutants near by run first, the others in an order that mixes their subjects.

It also brings a profile of hypothesis: the same examples on every run, and no search for the smallest that fails.
"""

from __future__ import annotations

import os
from hashlib import sha256
from typing import Final

import pytest
from hypothesis import HealthCheck, Phase, settings

PROFILE: Final = "mutants"
settings.register_profile(
    PROFILE,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow,),
)

KILLERS: Final = "MUTANT_KILLERS"
"""The variable that holds their ids, one a line, the likeliest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Reorder; which tests there are stays, so the outcome does too."""
    place = {name: number for number, name in enumerate(os.environ.get(KILLERS, "").splitlines())}
    items.sort(
        key=lambda item: (place.get(item.nodeid, len(place)), sha256(item.nodeid.encode()).digest()),
    )
