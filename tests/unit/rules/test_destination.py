from __future__ import annotations

import pytest

from auditor.model.service_tags import NO_TAGS, ServiceTags
from auditor.netset.address import AddressSet
from auditor.rules.destination import Kind, read_destination


@pytest.mark.parametrize(
    ("to", "host", "kind", "ports", "transport", "by_name"),
    [
        ("mcr.microsoft.com:443/https", "mcr.microsoft.com", Kind.NAME, "443", "tcp", True),
        ("*.data.mcr.microsoft.com:443/https", "*.data.mcr.microsoft.com", Kind.NAME, "443", "tcp", True),
        ("ntp.ubuntu.com:123/udp", "ntp.ubuntu.com", Kind.NAME, "123", "udp", False),
        ("AzureMonitor:443/tcp", "AzureMonitor", Kind.TAG, "443", "tcp", False),
        ("AzureCloud.westeurope:1194/udp", "AzureCloud.westeurope", Kind.TAG, "1194", "udp", False),
        ("*:123/udp", "*", Kind.ANYWHERE, "123", "udp", False),
        ("10.0.0.0/8:1000-2000/tcp", "10.0.0.0/8", Kind.ADDRESS, "1000-2000", "tcp", False),
        ("[2001:db8::1]:443/https", "2001:db8::1", Kind.ADDRESS, "443", "tcp", False),
        ("8.8.8.8/icmp", "8.8.8.8", Kind.ADDRESS, "*", "icmp", False),
    ],
)
def test_every_form_of_to_is_read_back(
    to: str, host: str, kind: Kind, ports: str, transport: str, by_name: bool
) -> None:
    """What reports print as `to` is enough to write a rule for it."""
    found = read_destination(to, NO_TAGS)
    assert (found.host, found.kind, found.ports, found.transport, found.by_name) == (
        host,
        kind,
        ports,
        transport,
        by_name,
    )


def test_a_tag_that_was_read_is_a_tag_in_any_case() -> None:
    """A tag list that was read decides, whatever the spelling."""
    tags = ServiceTags(members={"storage": AddressSet.of("20.0.0.0/24")})
    assert read_destination("storage:443/tcp", tags).kind is Kind.TAG
