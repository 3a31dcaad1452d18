"""What a caller may do, from what Azure says about it."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.collectors.azure.permissions import Grant, grants_of, may, permissions_request

READ = "Microsoft.Network/virtualNetworks/read"
PEERINGS = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings/read"
POST = "Microsoft.Network/networkInterfaces/effectiveRouteTable/action"


@pytest.mark.parametrize(
    ("actions", "not_actions", "granted"),
    [
        (["*"], [], {READ, PEERINGS, POST}),
        (["*/read"], [], {READ, PEERINGS}),
        (["microsoft.network/*/READ"], [], {READ, PEERINGS}),
        (["Microsoft.Network/virtualNetworks/*"], [], {READ, PEERINGS}),
        ([READ], [], {READ}),
        (["Microsoft.Network/virtualNetworks/rea"], [], set()),
        (["Microsoft.Network/virtualNetworks/read/x"], [], set()),
        (["Microsoft.Network/virtualNetworks/r?ad", "Microsoft.[N]etwork/*"], [], set()),
        (["*"], ["Microsoft.Network/virtualNetworks/virtualNetworkPeerings/*"], {READ, POST}),
        (["*/read"], ["*"], set()),
        (["*/virtualNetworks/*/read"], [], {PEERINGS}),
        (["Microsoft.Network/*networks*networks/read"], [], set()),
        ([], [], set()),
    ],
)
def test_wildcards(actions: list[str], not_actions: list[str], granted: set[str]) -> None:
    """A star is any text, nothing else is special, case does not count, and what is taken back is not granted."""
    grants = grants_of([{"actions": actions, "notActions": not_actions}])
    assert {action for action in (READ, PEERINGS, POST) if may(grants, action)} == granted


def test_roles_add_up() -> None:
    """What one assignment takes back, another may still give."""
    narrow = Grant(("*",), ("Microsoft.Network/*",))
    assert not may([narrow], READ)
    assert may([narrow, Grant(("*/read",))], READ)


@pytest.mark.parametrize(
    "document",
    [None, 5, "*", [], {"actions": "*"}, {"actions": [1]}, {"actions": ["*"], "notActions": "x"}],
)
def test_what_is_not_understood_grants_nothing(document: Any) -> None:
    """An odd entry may take back more than can be told, so it gives nothing, and the others still count."""
    assert not may(grants_of([document]), READ)
    assert may(grants_of([document, {"actions": ["*/read"]}]), READ)


def test_many_stars_are_quick() -> None:
    """A hostile pattern cannot stall the doctor: no part of it is tried at more than one place."""
    assert not may([Grant(("*a" * 5000 + "*b",))], "a" * 20_000)
    assert may([Grant(("*a" * 5000 + "*b",))], "a" * 20_000 + "b")


def test_request() -> None:
    """The question goes to the scope that it is about."""
    asked = permissions_request("/subscriptions/s/")
    assert asked.path == "/subscriptions/s/providers/Microsoft.Authorization/permissions"
    assert (asked.method, asked.paged, asked.subscription) == ("GET", True, "s")
