from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.pace import Pace
from auditor.collectors.azure.request import Answer, Request
from tests.arm.access import Access
from tests.arm.faults import Effect, Reply, cuts, edits, refuses, sends, throttles, waits
from tests.arm.fixtures import FakeTime, quick, signed_in
from tests.arm.server import ArmServer

HUB = "/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
GROUP = f"{HUB}/resourceGroups/rg-hub-weu/providers/Microsoft.Network"
POLICY = f"{GROUP}/firewallPolicies/fwpol-weu-aks"
LIST = Request(path=f"{POLICY}/ruleCollectionGroups", paged=True)
KIND = "microsoft.network/firewallpolicies/rulecollectiongroups"
ROUTES = Request(path=f"{GROUP}/networkInterfaces/nic-1/effectiveRouteTable", method="POST", body={})


def test_429_waits_as_long_as_it_is_told(arm: ArmServer, connection: Connection, fake_time: FakeTime) -> None:
    """A throttled read waits the Retry-After, no less: an earlier call would renew the wait (ARM-27)."""
    arm.faults.add(throttles("17"), kind=KIND, times=2)
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("complete", 3)
    assert fake_time.waits == [17.0, 17.0]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_passing_trouble_is_asked_again(
    arm: ArmServer, connection: Connection, fake_time: FakeTime, status: int
) -> None:
    """What may pass is asked again, each time later (ARM-30)."""
    arm.faults.add(refuses(status), kind=KIND, times=2)
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("complete", 3)
    first, second = fake_time.waits
    assert 0 < first < second


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (throttles("1"), "429 TooManyRequests: still throttled after all retries"),
        (refuses(500, "InternalServerError", "try later"), "500 InternalServerError: try later"),
        (refuses(400, "BadRequest", "no"), "400 BadRequest: no"),
        (cuts(), "the connection was cut"),
        (cuts("middle"), "the answer broke off"),
        (sends(b'{"value": [{"id": '), "the answer is broken: not valid JSON"),
        (sends(b""), "the answer is broken"),
        (sends(b"<html>proxy</html>"), "the answer is broken"),
        (sends(b'{"value": [], "value": []}'), "the answer is broken"),
        (sends(b'{"value": NaN}'), "the answer is broken"),
        (sends(b"[" * 100_000), "the answer is broken"),
        (edits(lambda _: {"value": {"0": 1}}), "the answer is no list"),
        (edits(lambda _: [1, 2]), "the answer is no list"),
        (edits(lambda _: None), "the answer is broken"),
    ],
)
def test_lasting_trouble_is_a_failure_with_a_reason(
    arm: ArmServer, connection: Connection, effect: Effect, words: str
) -> None:
    """Whatever comes back for long, the read ends as failed and says why; nothing is raised, nothing is empty."""
    arm.faults.add(effect, kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.documents, answer.body) == ("failed", (), None)
    assert words in str(answer.error)
    assert "\n" not in str(answer.error)


@pytest.mark.parametrize(
    "effect",
    [refuses(403, "AuthorizationFailed"), refuses(404), refuses(500), throttles(), cuts(), cuts("middle")],
)
def test_pages_before_the_one_that_fails_are_kept(
    arm: ArmServer, connection: Connection, effect: Effect
) -> None:
    """A list whose second page fails is partial, with the first page's documents (ARM-20)."""
    arm.manager.page_size = 1
    arm.faults.add(effect, kind=KIND, page=2)
    answer = connection.read(LIST)
    assert (answer.status, answer.pages) == ("partial", 1)
    assert [item["name"] for item in answer.documents] == ["rcg-aks-required"]
    assert str(answer.error).startswith("page 2: ")


@pytest.mark.parametrize("where", ["before", "middle"])
def test_connection_that_is_cut_once_is_made_again(
    arm: ArmServer, connection: Connection, where: Any
) -> None:
    """One cut connection costs one more call."""
    arm.faults.add(cuts(where), kind=KIND, times=1)
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("complete", 2)


def test_answer_that_does_not_come_is_given_up(arm: ArmServer) -> None:
    """Silence ends after the read timeout, and is asked again."""
    connection = signed_in(arm, quick(read_timeout=0.15, retries=1))
    arm.faults.add(waits(0.5), kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.error, answer.calls) == ("failed", "no answer in time", 2)


def test_service_that_is_not_there_is_a_failure(arm: ArmServer) -> None:
    """Nobody listening is an answer like any other, without address or traceback."""
    connection = signed_in(arm, quick(retries=1))
    connection.read(LIST)
    arm.deaf = True
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("failed", 2)
    assert str(answer.error).startswith(("the service cannot be reached", "the connection was cut"))


def test_wait_beyond_all_patience_is_a_failure(
    arm: ArmServer, connection: Connection, fake_time: FakeTime
) -> None:
    """A Retry-After of hours fails the read at once rather than hanging for it."""
    arm.faults.add(throttles("86400"), kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.calls, fake_time.waits) == ("failed", 1, [])


@pytest.mark.parametrize("header", ["soon", "-5", "nan", "1e999", "99 bottles", "0"])
def test_nonsense_in_retry_after_does_no_harm(arm: ArmServer, connection: Connection, header: str) -> None:
    """A header that is no time is passed over."""
    arm.faults.add(throttles(header), kind=KIND, times=1)
    assert connection.read(LIST).status == "complete"


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/subscriptions?api-version=1",
        "http://localhost/x",
        "//evil.example/x",
        "https://localhost@evil.example/x",
        "https://localhost:1/x",
        "/relative",
        "https://[",
        {"a": 1},
        ["x"],
        True,
        "x" * 30_000,
    ],
)
def test_link_that_leaves_the_resource_manager_is_not_followed(
    arm: ArmServer, connection: Connection, link: Any
) -> None:
    """The token never goes to another host; what was read stays, and the list counts as partial (ARM-20)."""
    arm.faults.add(edits(lambda value: {**value, "nextLink": link}), kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.pages, answer.calls) == ("partial", 1, 1)
    assert "not followed" in str(answer.error) or "names a next address that is none" in str(answer.error)


def test_link_is_followed_as_it_stands(arm: ArmServer, connection: Connection) -> None:
    """A host in capitals is the same host, and what is in the link stays in it, braces and all (ARM-20)."""
    host = arm.url.replace("localhost", "LOCALHOST")
    link = f"{host}{LIST.path}?api-version=2026-03-01&x={{endpoint}}"
    arm.faults.add(edits(lambda value: {**value, "nextLink": link}), kind=KIND, times=1)
    answer = connection.read(LIST)
    assert (answer.status, answer.pages) == ("complete", 2)
    assert arm.lines[-1].endswith("&x=%7Bendpoint%7D")


def test_list_that_leads_in_a_circle_ends(arm: ArmServer, connection: Connection) -> None:
    """The same link twice is a fault of the service, not a reason to read for ever."""
    again = f"{arm.url}{LIST.path}?api-version=2026-03-01"
    arm.faults.add(edits(lambda value: {**value, "nextLink": again}), kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("partial", 2)
    assert "leads back" in str(answer.error)


def test_list_without_end_ends(arm: ArmServer) -> None:
    """Ever new links are followed only so far."""
    connection = signed_in(arm, Pace(most_pages=3))
    count = iter(range(1000))

    def more(value: Any) -> Any:
        return {**value, "nextLink": f"{arm.url}{LIST.path}?api-version=2026-03-01&n={next(count)}"}

    arm.faults.add(edits(more), kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.pages) == ("partial", 3)


def test_body_beyond_all_bounds_is_given_up(arm: ArmServer) -> None:
    """A body is read only so far, and is not asked for again."""
    connection = signed_in(arm, quick(most_bytes=1000))
    arm.faults.add(sends(b'{"value": ["' + b"x" * 5000 + b'"]}'), kind=KIND)
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("failed", 1)
    assert answer.error == "the answer is larger than 1,000 bytes"


def test_body_that_drips_is_given_up(arm: ArmServer) -> None:
    """A body that never ends within its time is lost, however lively it drips."""
    clock = iter(range(0, 10_000_000, 1000))
    pace = Pace(sleep=lambda _: None, clock=lambda: float(next(clock)), retries=1)
    answer = signed_in(arm, pace).read(LIST)
    assert (answer.status, answer.error) == ("failed", "no answer in time")


def test_odd_entry_does_not_lose_the_others(arm: ArmServer, connection: Connection) -> None:
    """A half-made, null or nameless entry is kept as it came, beside the others."""
    odd = [None, 7, "text", {"id": 5}, {"properties": None}]
    arm.faults.add(edits(lambda value: {"value": [*value["value"], *odd]}), kind=KIND)
    answer = connection.read(LIST)
    assert answer.status == "complete"
    assert list(answer.documents[2:]) == odd


def test_token_that_the_service_calls_expired_is_renewed_once(arm: ArmServer, connection: Connection) -> None:
    """A token may end before its time; the reads that were refused go on with one new token (ARM-30)."""
    connection.read(LIST)
    arm.login.expire()
    before = len(arm.login.issued)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(connection.read, [LIST] * 8))
    assert {answer.status for answer in answers} == {"complete"}
    assert len(arm.login.issued) == before + 1


def test_login_that_is_refused_for_good_is_denied(arm: ArmServer, connection: Connection) -> None:
    """A new token that is refused too ends the read."""
    arm.faults.add(
        refuses(401, "InvalidAuthenticationToken", "wrong tenant", WWW_Authenticate="Bearer error=x"),
        kind=KIND,
    )
    answer = connection.read(LIST)
    assert (answer.status, answer.calls) == ("denied", 2)
    assert answer.error == "401 InvalidAuthenticationToken: wrong tenant"


def test_login_that_ends_in_the_middle_is_a_failure(arm: ArmServer, connection: Connection) -> None:
    """When no token is to be had any more, reads fail with the login's own reason, without the secret."""
    connection.read(LIST)
    arm.login.expire()
    secret, arm.login.secret = arm.login.secret, "another"
    try:
        answer = connection.read(LIST)
    finally:
        arm.login.secret = secret
    assert answer.status in {"failed", "denied"}
    assert secret not in str(answer.error)


def test_operation_is_followed_to_its_result(
    arm: ArmServer, connection: Connection, fake_time: FakeTime
) -> None:
    """202 is no answer yet: the operation is watched until it is done, then its result is read (ARM-14)."""
    _with_routes(arm)
    answer = connection.read(ROUTES)
    assert answer.status == "complete"
    assert answer.body == {"value": [{"nextHopType": "Internet"}]}
    assert fake_time.waits == [1.0, 2.0, 2.0]


def test_operation_that_only_names_a_place_is_followed(arm: ArmServer, connection: Connection) -> None:
    """Without a status address, the place of the result is asked until it is no 202."""
    _with_routes(arm)

    def only_place(reply: Reply) -> None:
        reply.headers.pop("Azure-AsyncOperation", None)

    def not_yet(reply: Reply) -> None:
        reply.status, reply.value = 202, None
        reply.headers["Location"] = "ignored"

    arm.faults.add(only_place, where="effectiveroutetable")
    arm.faults.add(not_yet, where="arm-operations/.*/result", times=2)
    answer = connection.read(ROUTES)
    assert (answer.status, answer.body) == ("complete", {"value": [{"nextHopType": "Internet"}]})


@pytest.mark.parametrize(
    ("effect", "words"),
    [
        (edits(lambda _: {"status": "Failed"}), "the operation ended as 'Failed'"),
        (edits(lambda _: {"status": "InProgress"}), "is not done after 30 s"),
        (refuses(404, "NotFound", "gone"), "404 NotFound: gone"),
    ],
)
def test_operation_that_fails_is_a_failure(
    arm: ArmServer, connection: Connection, effect: Effect, words: str
) -> None:
    """An operation that ends otherwise, or never, is no answer."""
    _with_routes(arm)
    arm.faults.add(effect, where="arm-operations/.*/status")
    answer = connection.read(ROUTES)
    assert not answer.complete
    assert answer.body is None
    assert words in str(answer.error)


def test_operation_elsewhere_is_not_watched(arm: ArmServer, connection: Connection) -> None:
    """The address of an operation is held to the same host as that of a page."""
    _with_routes(arm)

    def elsewhere(reply: Reply) -> None:
        reply.headers["Azure-AsyncOperation"] = "https://evil.example/x"

    arm.faults.add(elsewhere, where="effectiveroutetable")
    answer = connection.read(ROUTES)
    assert (answer.status, answer.calls) == ("failed", 1)


def test_cloud_that_knows_only_older_versions_is_read_in_the_newest_of_them(
    arm: ArmServer, connection: Connection
) -> None:
    """Sovereign clouds lag behind; the version that was answered stands in the answer (ARM-1)."""
    arm.manager.versions["microsoft.network"] = (
        "2021-01-01",
        "2025-05-01",
        "2025-09-01-preview",
        "2099-01-01",
    )
    answer = connection.read(LIST)
    assert (answer.status, answer.api_version, answer.calls) == ("complete", "2025-05-01", 2)
    again = connection.read(LIST)
    assert (again.api_version, again.calls) == ("2025-05-01", 1)


def test_cloud_that_knows_no_version_of_ours_is_a_failure(arm: ArmServer, connection: Connection) -> None:
    """Where no older version is offered, the service's own words are the reason; it is never absent."""
    arm.manager.versions["microsoft.network"] = ("2099-01-01",)
    answer = connection.read(LIST)
    assert (answer.status, answer.code) == ("failed", "NoRegisteredProviderFound")


def test_provider_that_is_not_registered_has_no_resources_and_stays_unregistered(
    arm: ArmServer, connection: Connection
) -> None:
    """An unregistered provider's lists are empty (ARM-34), and nothing is ever registered: the tool only reads."""
    arm.estate.registrations["microsoft.network"] = "NotRegistered"
    answer = connection.read(Request(path=f"{HUB}/providers/Microsoft.Network/ipGroups", paged=True))
    assert (answer.status, answer.documents) == ("complete", ())
    assert [line for line in arm.lines if not line.startswith("GET ")] == []


def test_redirect_to_another_host_takes_no_token_along(arm: ArmServer, connection: Connection) -> None:
    """A redirect may lead away; the token stays."""
    other = arm.url.replace("localhost", "127.0.0.1")
    got: list[dict[str, str]] = []
    reply_to = arm.reply_to

    def watched(method: str, raw: str, headers: dict[str, str], data: bytes) -> Reply:
        got.append(headers)
        return reply_to(method, raw, headers, data)

    arm.reply_to = watched  # type: ignore[method-assign]
    try:
        arm.faults.add(
            refuses(307, Location=f"{other}{LIST.path}?api-version=2026-03-01"), kind=KIND, times=1
        )
        answer = connection.read(LIST)
    finally:
        arm.reply_to = reply_to  # type: ignore[method-assign]
    assert answer.status == "denied"
    assert ["authorization" in item for item in got] == [True, False, False]


def test_stop_ends_waits_and_later_reads(arm: ArmServer) -> None:
    """Ctrl-C does not wait for a Retry-After: a read that waits ends, and later ones are not made."""
    connection = signed_in(arm, Pace())
    arm.faults.add(throttles("300"), kind=KIND)
    answers: list[Answer] = []
    reading = threading.Thread(target=lambda: answers.append(connection.read(LIST)))
    reading.start()
    _until(lambda: arm.calls[KIND] == 1)
    connection.stop()
    reading.join(10)
    assert [answer.status for answer in answers] == ["failed"]
    assert connection.read(LIST).calls == 0
    assert arm.calls[KIND] == 1


def test_interrupt_passes(arm: ArmServer) -> None:
    """A KeyboardInterrupt is nobody's failed read."""

    def interrupt(_: float) -> None:
        raise KeyboardInterrupt

    connection = signed_in(arm, Pace(sleep=interrupt))
    arm.faults.add(throttles(), kind=KIND)
    with pytest.raises(KeyboardInterrupt):
        connection.read(LIST)


def test_reads_slow_down_before_they_are_refused(
    arm: ArmServer, connection: Connection, fake_time: FakeTime
) -> None:
    """As the service's own count of what is left runs low, reads wait for tokens to come back (ARM-26, ARM-28)."""
    arm.levels["x-ms-ratelimit-remaining-subscription-reads"] = 14
    for _ in range(10):
        assert connection.read(LIST).complete
    assert fake_time.waits
    assert arm.calls[KIND] == 10


def test_throttled_provider_holds_back_all_threads(
    arm: ArmServer, connection: Connection, fake_time: FakeTime
) -> None:
    """One 429 is enough: whoever reads from that provider waits until the time that it named (ARM-27)."""
    arm.faults.add(throttles("30"), kind=KIND, times=1)
    connection.read(LIST)
    assert sum(fake_time.waits) == 30.0
    connection.read(LIST)
    assert sum(fake_time.waits) == 30.0


def test_sockets_are_kept(arm: ArmServer) -> None:
    """Sixteen threads open sixteen connections at most, not one for each read."""
    connection = signed_in(arm, Pace())
    arm.latency = 0.002
    arm.connections = 0
    with ThreadPoolExecutor(16) as pool:
        assert all(answer.complete for answer in pool.map(connection.read, [LIST] * 100))
    assert arm.connections <= 16


def test_message_of_the_service_cannot_obey_a_terminal(arm: ArmServer, connection: Connection) -> None:
    """What the service says is one printable line of bounded length."""
    arm.faults.add(refuses(400, "Bad\x1b[31m", "a\r\nb\x07\u202e" + "x" * 5000), kind=KIND)
    error = str(connection.read(LIST).error)
    assert error.isprintable()
    assert len(error) < 1000


def _with_routes(arm: ArmServer) -> None:
    arm.manager.access = Access({"": ("*",)})
    arm.manager.slow_operations = 2
    nic = ROUTES.path.rpartition("/")[0]
    arm.estate.put({"id": nic, "name": "nic-1", "properties": {}})
    arm.estate.put({"id": ROUTES.path, "properties": {"value": [{"nextHopType": "Internet"}]}})


def _until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)
