from __future__ import annotations

import pytest

from auditor.collectors.azure.throttle import Lane, Throttle
from tests.arm.fixtures import FakeTime, quick

READS = "x-ms-ratelimit-remaining-subscription-reads"
NETWORK = Lane("s1", "microsoft.network", "GET")
CLUSTERS = Lane("s1", "microsoft.containerservice", "GET")
ELSEWHERE = Lane("s2", "microsoft.network", "GET")


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def throttle(time: FakeTime) -> Throttle:
    return Throttle(quick(time))


def _sent(throttle: Throttle, lane: Lane, **headers: str) -> None:
    assert throttle.delay(lane) == 0
    throttle.done(lane, {name.replace("_", "-"): value for name, value in headers.items()})


def test_nothing_waits_before_the_service_says_so(throttle: Throttle) -> None:
    """A cloud that tells no levels is read at full speed."""
    assert [throttle.delay(NETWORK) for _ in range(1000)] == [0.0] * 1000


def test_low_level_slows_reads_of_that_subscription_only(throttle: Throttle, time: FakeTime) -> None:
    """Each subscription has a bucket of its own, which refills at 25 a second (ARM-26)."""
    throttle.delay(NETWORK)
    throttle.done(NETWORK, {READS: "5"})
    wait = throttle.delay(CLUSTERS)
    assert wait == pytest.approx((11 - 5) / 25)
    assert throttle.delay(ELSEWHERE) == 0
    assert throttle.delay(Lane("s1", "microsoft.network", "POST")) == 0
    time.sleep(wait)
    assert throttle.delay(NETWORK) == 0
    assert throttle.delay(NETWORK) > 0


def test_calls_on_their_way_count_as_spent(throttle: Throttle) -> None:
    """The level in an answer is older than the calls that were sent meanwhile."""
    for _ in range(5):
        throttle.delay(NETWORK)
    throttle.done(NETWORK, {READS: "15"})
    assert throttle.delay(NETWORK) == 0
    assert throttle.delay(NETWORK) > 0


def test_steady_reading_keeps_to_the_refill(throttle: Throttle, time: FakeTime) -> None:
    """Without any new level, 100 reads take no less than the tokens that they need (ARM-26)."""
    throttle.delay(NETWORK)
    throttle.done(NETWORK, {READS: "10"})
    start = time.clock()
    for _ in range(100):
        while (wait := throttle.delay(NETWORK)) > 0:
            time.sleep(wait)
        throttle.done(NETWORK, {})
    assert time.clock() - start == pytest.approx(4.0, abs=0.05)


def test_retry_after_holds_back_the_lane_and_no_other(throttle: Throttle, time: FakeTime) -> None:
    """An earlier call would renew the wait; other providers and subscriptions are not concerned (ARM-27)."""
    throttle.refused(NETWORK, 30.0)
    throttle.refused(NETWORK, 10.0)
    assert throttle.delay(NETWORK) == 30.0
    assert throttle.delay(CLUSTERS) == throttle.delay(ELSEWHERE) == 0
    time.sleep(30.0)
    assert throttle.delay(NETWORK) == 0


def test_clusters_are_read_one_a_second_once_their_provider_is_tired(
    throttle: Throttle, time: FakeTime
) -> None:
    """AKS tells no level; after a 429 its sustained rate is kept, so that it stays at one (ARM-29)."""
    throttle.refused(CLUSTERS, 5.0)
    time.sleep(5.0)
    assert throttle.delay(CLUSTERS) == 0
    assert throttle.delay(CLUSTERS) == pytest.approx(1.0)
    assert throttle.delay(Lane("s2", "microsoft.containerservice", "GET")) == 0


def test_spent_quota_of_resource_graph_waits_for_its_reset(throttle: Throttle) -> None:
    """Resource Graph counts queries for each user in short windows (ARM-33)."""
    graph = Lane("", "microsoft.resourcegraph", "POST")
    throttle.delay(graph)
    throttle.done(graph, {"x-ms-user-quota-remaining": "0", "x-ms-user-quota-resets-after": "00:00:04"})
    assert throttle.delay(graph) == 4.0


@pytest.mark.parametrize("level", ["", "many", "nan", "inf", "-1", "1e400"])
def test_level_that_is_no_number_is_passed_over(throttle: Throttle, level: str) -> None:
    """Headers are the service's word, not always a sound one."""
    throttle.delay(NETWORK)
    throttle.done(NETWORK, {READS: level, "x-ms-user-quota-remaining": level})
    assert throttle.delay(NETWORK) == 0
