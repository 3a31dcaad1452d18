from __future__ import annotations

import pytest

from auditor.collectors.azure.addresses import address_of, followed
from auditor.collectors.azure.request import Request
from auditor.errors import InputError

BASE = "https://management.azure.com"


def test_parameters_are_escaped_and_the_version_comes_last() -> None:
    """What a filter says cannot add parameters of its own."""
    request = Request(path="/subscriptions/s", query=(("$filter", "a eq 'b' & c"), ("$top", "5")))
    assert address_of(BASE, request, "2022-12-01") == (
        f"{BASE}/subscriptions/s?%24filter=a%20eq%20%27b%27%20%26%20c&%24top=5&api-version=2022-12-01"
    )


def test_path_prefix_of_a_resource_manager_is_kept() -> None:
    """A cloud may have its resource manager below a path."""
    assert address_of("https://arm.local/arm", Request(path="/subscriptions"), "1").startswith(
        "https://arm.local/arm/subscriptions?"
    )


@pytest.mark.parametrize("port", ["", ":443"])
def test_link_with_the_default_port_is_at_home(port: str) -> None:
    """Some providers write the default port into their links (ARM-20)."""
    link = f"{BASE}{port}/subscriptions?$skipToken=a%2Fb&api-version=1"
    assert followed(BASE, link) == link


@pytest.mark.parametrize(
    "link", ["https://management.azure.com.evil.example/x", f"{BASE}\\@evil.example/", f"{BASE}/a\nb", None]
)
def test_link_elsewhere_is_refused(link: object) -> None:
    """What merely looks like home is not."""
    with pytest.raises(InputError, match="next address"):
        followed(BASE, link)
