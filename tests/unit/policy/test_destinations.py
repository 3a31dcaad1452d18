"""Destinations in a policy: the grammar of `trace --to`, service tags, `*`, lists of ports and more protocols."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from auditor.netset import ServiceSet
from auditor.policy.destinations import Destination, parse_destination, parse_host, parse_service


@pytest.mark.parametrize(
    ("text", "to", "kind", "services"),
    [
        ("mcr.microsoft.com:443/https", "mcr.microsoft.com:443/https", "name", "tcp/443"),
        ("*.Contoso.com:443/https", "*.contoso.com:443/https", "name", "tcp/443"),
        ("10.0.0.0/8:443,80/tcp", "10.0.0.0/8:80,443/tcp", "addresses", "tcp/80,tcp/443"),
        ("10.0.0.1-10.0.0.9:*/udp", "10.0.0.1-10.0.0.9:*/udp", "addresses", "udp"),
        ("[2001:db8::]/32:0-1/tcp", "[2001:db8::]/32:0-1/tcp", "addresses", "tcp/0-1"),
        ("8.8.8.8/icmp", "8.8.8.8/icmp", "addresses", "icmp"),
        ("20.0.0.0/8/any", "20.0.0.0/8/any", "addresses", "any"),
        ("Storage:443/tcp", "Storage:443/tcp", "tag", "tcp/443"),
        ("AzureCloud.westeurope/any", "AzureCloud.westeurope/any", "tag", "any"),
        ("*:22/tcp", "*:22/tcp", "anywhere", "tcp/22"),
        ("10.1.2.3/esp", "10.1.2.3/esp", "addresses", "esp"),
    ],
)
def test_a_destination(text: str, to: str, kind: str, services: str) -> None:
    """Each form is one host by one service, printed in one way whatever way it was written."""
    found = parse_destination(text)
    assert found.to == to
    assert str(found.service.services) == services
    assert bool(getattr(found.host, kind))
    assert parse_destination(to) == found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "expected HOST:PORT/PROTO with PROTO one of tcp, udp, icmp, http"),
        ("mcr.microsoft.com", "expected HOST:PORT/PROTO"),
        ("mcr.microsoft.com:443/quic", "expected HOST:PORT/PROTO"),
        ("mcr.microsoft.com/https", "found no port"),
        ("mcr.microsoft.com:65536/https", "ports '65536'"),
        ("mcr.microsoft.com:9-1/tcp", "0 <= first <= last"),
        ("a b:443/tcp", "is no host"),
        ("10.0.0.300:443/tcp", "10.0.0.300"),
        ("Storage:443/https", "a service tag stands for addresses, so say tcp instead of https"),
        ("MCR.Microsoft.com:443/https", "write names in lower case; a capital letter begins a service tag"),
        ("mcr.*.com:443/https", "'*' is supported as the first character only"),
    ],
)
def test_what_is_no_destination(text: str, message: str) -> None:
    """One clear sentence says what was expected."""
    with pytest.raises(ValueError, match=message.replace("*", r"\*")) as caught:
        parse_destination(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "services", "application"),
    [
        ("tcp/443", ServiceSet.tcp(443), None),
        ("UDP", ServiceSet.udp(), None),
        ("https/443,8443", ServiceSet.tcp(443, 8443), "https"),
        ("ip/2-5", ServiceSet.protocols(2, 3, 4, 5), None),
        ("any", ServiceSet.ANY, None),
    ],
)
def test_a_service(text: str, services: ServiceSet, application: str | None) -> None:
    """What reports print as services can be written into a policy."""
    found = parse_service(text)
    assert (found.services, found.application) == (services, application)


@pytest.mark.parametrize("text", ["", "tcp/", "icmp/8", "ip/256", "ip/9-2", "quic", "tcp/x", "any/443"])
def test_what_is_no_service(text: str) -> None:
    """A service is refused rather than taken for all of them."""
    with pytest.raises(ValueError, match="expected"):
        parse_service(text)


@given(st.integers(0, 2**200))
@settings(deadline=None)
def test_every_service_set_can_be_written(number: int) -> None:
    """A set is the union of what its printed form reads as: a draft of a policy loses nothing."""
    points = [number >> shift & 0xFFFFFF for shift in range(0, 200, 24)]
    whole = ServiceSet.NONE
    for point in points:
        protocol, port = (point >> 16) % 256, point & 0xFFFF
        if protocol in {6, 17}:
            whole |= ServiceSet.tcp(port) if protocol == 6 else ServiceSet.udp(port)
        else:
            whole |= ServiceSet.protocols(protocol)
    read = ServiceSet.NONE
    for text in str(whole).split(","):
        read |= parse_service(text).services
    assert read == whole


@given(st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands in a policy, the answer is a value or a ValueError."""
    for parse in (parse_destination, parse_host, parse_service):
        with suppress(ValueError):
            found = parse(text)
            assert not isinstance(found, Destination) or found.to
