from __future__ import annotations

from auditor.model.finding import Severity, Status
from auditor.rules.recommended_endpoint_blocked import RecommendedEndpointBlocked
from tests.unit.rules.world import (
    ALLOWED,
    APPS,
    BLOCKED,
    CLUSTER,
    FROM_SYS,
    MCR,
    UNKNOWN,
    audited,
    endpoint,
    statuses,
)

RULE = RecommendedEndpointBlocked()
NTP = "ntp.ubuntu.com:123/udp"


def test_fires_as_a_warning() -> None:
    """A recommended endpoint that is blocked is a warning."""
    (found,) = RULE.check(audited(endpoint(NTP, BLOCKED, level="recommended")))
    assert (found.severity, found.status, found.endpoint) == (Severity.WARNING, Status.FAIL, NTP)
    assert found.level == "recommended"


def test_silent_about_required_and_undetermined_rows() -> None:
    """Required rows and unknown verdicts have rules of their own, and a required row covers its recommended twin."""
    rows = (
        endpoint(MCR, BLOCKED),
        endpoint(MCR, BLOCKED, level="recommended"),
        endpoint("a.example:443/https", UNKNOWN, level="recommended"),
        endpoint("b.example:443/https", ALLOWED, level="recommended"),
    )
    assert statuses(list(RULE.check(audited(*rows)))) == [("pass", "b.example:443/https")]


def test_one_unknown_for_each_unread_fact() -> None:
    """Rows whose condition hangs on one unread fact are one finding for each subnet, however many they are."""
    doubtful = {"level": "recommended", "applies": None}
    rows = (
        endpoint("a.example:443/https", BLOCKED, **doubtful, unread=("extensions",)),
        endpoint("b.example:443/https", UNKNOWN, **doubtful, unread=("extensions", "dns")),
        endpoint("c.example:443/https", ALLOWED, **doubtful, unread=("extensions",)),
        endpoint("a.example:443/https", BLOCKED, **doubtful, unread=("extensions",), asked_from=FROM_SYS),
    )
    found = [item for item in RULE.check(audited(*rows)) if item.status is Status.UNKNOWN]
    assert [(item.message.partition(" is")[0], item.pools) for item in found] == [
        ("extensions", ("apps",)),
        ("dns", ("apps",)),
        ("extensions", ("sys",)),
    ]
    first = found[0]
    assert first.message == (
        "extensions is not known: if it holds, the cluster needs 2 endpoints that may not get out: "
        "a.example:443/https, b.example:443/https"
    )
    assert first.reasons == ("condition-unknown", "nva-opaque")
    assert (first.subnets, first.resource, first.endpoint) == ((APPS,), CLUSTER, None)
    assert len({item.fingerprint for item in found}) == 3


def test_a_row_that_surely_applies_settles_its_doubtful_twin() -> None:
    """When the destination is needed anyway, nobody asks whether it is needed."""
    rows = (
        endpoint(MCR, BLOCKED, level="recommended"),
        endpoint(MCR, BLOCKED, level="recommended", applies=None, unread=("extensions",)),
    )
    assert statuses(list(RULE.check(audited(*rows)))) == [("fail", MCR)]
