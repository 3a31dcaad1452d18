"""Which questions go to the cluster's HTTP proxy, and what they become (AKS-27)."""

from __future__ import annotations

import pytest

from auditor.model.cluster import HttpProxy
from auditor.model.question import Question, question
from auditor.paths.proxy import proxied, way_to_proxy


def asked(host: str, protocol: str = "https", port: int = 443, *, own_api_server: bool = False) -> Question:
    return question(host, protocol, ((port, port),), own_api_server=own_api_server)


def proxy(*no_proxy: str, http: str | None = "http://10.9.0.5:3128/", https: str | None = None) -> HttpProxy:
    return HttpProxy(http=http, https=https, no_proxy=no_proxy)


@pytest.mark.parametrize(
    ("host", "no_proxy", "direct"),
    [
        ("a.contoso.com", (), False),
        ("a.contoso.com", ("example.org", "a.contoso.com"), True),
        ("a.contoso.com", ("example.org", ""), False),
        ("a.contoso.com", ("contoso.com",), True),
        ("a.contoso.com", (".contoso.com", "example.org"), True),
        ("a.contoso.com", ("*.contoso.com",), True),
        ("a.contoso.com", (" A.Contoso.com ",), True),
        ("a.contoso.com", ("b.contoso.com",), False),
        ("evilcontoso.com", ("contoso.com",), False),
        ("*.contoso.com", ("a.contoso.com",), False),
        ("a.contoso.com", ("*",), True),
        ("a.contoso.com", ("10.0.0.0/8",), False),
        ("a.contoso.com", ("no name!",), False),
        ("10.1.2.3", ("10.0.0.0/8",), True),
        ("10.1.2.3", ("10.1.2.3", "contoso.com"), True),
        ("10.0.0.0/7", ("10.0.0.0/8",), False),
        ("11.1.2.3", ("10.0.0.0/8", "contoso.com"), False),
    ],
)
def test_what_no_proxy_names_goes_direct(host: str, no_proxy: tuple[str, ...], direct: bool) -> None:
    """One entry that holds all of the question is enough; the others need not."""
    found = proxied(asked(host), proxy(*no_proxy))
    assert (found is None) is direct
    assert found is None or found.to == "10.9.0.5:3128/tcp"


def test_only_web_requests_of_workloads_are_proxied() -> None:
    """Raw TCP, the cluster's own API server and clusters without a proxy go direct."""
    assert proxied(asked("a.contoso.com", "tcp"), proxy()) is None
    assert proxied(asked("a.contoso.com", "mssql", 1433), proxy()) is None
    assert proxied(asked("a.contoso.com", own_api_server=True), proxy()) is None
    assert proxied(asked("a.contoso.com"), None) is None
    assert proxied(asked("a.contoso.com", "http", 80), proxy()) is not None


@pytest.mark.parametrize(
    ("url", "to"),
    [
        ("http://proxy.contoso.com", "proxy.contoso.com:80/tcp"),
        ("https://proxy.contoso.com", "proxy.contoso.com:443/tcp"),
        ("https://proxy.contoso.com:8080/", "proxy.contoso.com:8080/tcp"),
        ("proxy.contoso.com:3128", "proxy.contoso.com:3128/tcp"),
        ("http://user:word@[fd00::5]:3128", "[fd00::5]:3128/tcp"),
        ("http://proxy.contoso.com:port/", None),
    ],
)
def test_the_proxy_itself_is_asked_for(url: str, to: str | None) -> None:
    """Its port is that of the URL, else that of the scheme; a URL that says neither is no question."""
    found = proxied(asked("a.contoso.com"), proxy(http=url))
    assert (found and found.to) == to


def test_https_has_its_own_proxy_or_that_of_http() -> None:
    """The service falls back to the proxy for http, never the other way round."""
    both = proxy(https="http://10.9.0.6:3129")
    http = asked("a.contoso.com", "http", 80)
    found = proxied(asked("a.contoso.com"), both), proxied(http, both)
    assert [one and one.to for one in found] == ["10.9.0.6:3129/tcp", "10.9.0.5:3128/tcp"]
    assert proxied(http, proxy(http=None, https="http://10.9.0.6:3129")) is None


@pytest.mark.parametrize(
    ("host", "entry", "codes"),
    [
        ("a.contoso.com", "a.contoso.com:443", {"enum-unknown"}),
        ("a.contoso.com", "b.contoso.com:443", set()),
        ("a.contoso.com", "a.*.com", {"enum-unknown"}),
        ("*.contoso.com", "a.contoso.com", {"uncertain:AKS-27"}),
        ("10.0.0.0/7", "10.0.0.0/8", {"uncertain:AKS-27"}),
        ("10.0.0.1", "10.0.*", {"enum-unknown"}),
        ("10.0.0.1", "10.0.0.1:443", {"enum-unknown"}),
        ("10.0.0.1", "contoso.com", set()),
    ],
)
def test_what_an_entry_leaves_open(host: str, entry: str, codes: set[str]) -> None:
    """An entry that is not understood, or that excludes a part, may send the question direct (V-6)."""
    found = way_to_proxy(asked(host), proxy(entry))
    assert found is not None
    assert found.perhaps == codes


def test_what_is_wrong_with_the_proxy_itself() -> None:
    """Without a known URL nobody knows where it is; an entry that surely excludes outlasts a wrong one beside it."""
    broken = HttpProxy(
        http=None, https=None, no_proxy=("b.contoso.com",), url_doubt=frozenset({"enum-unknown"})
    )
    found = way_to_proxy(asked("a.contoso.com"), broken)
    assert found is not None
    assert found.question is None
    assert found.unknown == {"enum-unknown"}
    assert way_to_proxy(asked("b.contoso.com"), broken) is None
    for code, direct in (("enum-unknown", True), ("snapshot-inconsistent", False)):
        doubtful = HttpProxy(http="http://p", https=None, no_proxy=("b.c",), direct_doubt=frozenset({code}))
        assert (way_to_proxy(asked("b.c"), doubtful) is None) is direct
