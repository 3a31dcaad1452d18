from __future__ import annotations

from collections.abc import Iterator

import pytest

from auditor.collectors.azure.connection import Connection
from tests.arm.fixtures import FakeTime, estate_of, quick, served, signed_in
from tests.arm.server import ArmServer


@pytest.fixture(scope="module")
def _broken() -> Iterator[ArmServer]:
    with served(estate_of("broken")) as server:
        yield server


@pytest.fixture
def arm(_broken: ArmServer) -> Iterator[ArmServer]:
    """A server of the example `broken`, one for a module; every test finds it as it was made."""
    _broken.reset()
    _broken.estate = estate_of("broken")
    yield _broken
    _broken.reset()


@pytest.fixture
def fake_time() -> FakeTime:
    """The clock of `connection`; what was waited stands in `waits`."""
    return FakeTime()


@pytest.fixture
def connection(arm: ArmServer, fake_time: FakeTime) -> Iterator[Connection]:
    """A signed-in connection to `arm` whose waits take no time."""
    made = signed_in(arm, quick(fake_time))
    yield made
    made.close()
