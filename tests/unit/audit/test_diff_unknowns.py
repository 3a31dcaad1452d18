"""What neither side of a comparison can tell: when the new side may let out what the old side did not."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Outcome
from tests.estates.comparisons import compared
from tests.estates.documents import (
    ROUTE_TABLES,
    SECURITY_GROUPS,
    Bodies,
    Json,
    edited,
    example,
    named,
    objects,
)

HANGS = "what neither side can tell hangs on something else now, so more may leave"
Edit = Callable[[Bodies], None]


def opaque(*rules: Json, at: str = "10.77.0.4") -> Snapshot:
    """All traffic goes to an appliance that nobody can describe, by a security group with more rules."""

    def edit(bodies: Bodies) -> None:
        table = named(bodies, ROUTE_TABLES, "rt-aks-nodes")["properties"]
        table["routes"][0]["properties"]["nextHopIpAddress"] = at
        group = named(bodies, SECURITY_GROUPS, "nsg-aks-nodes")
        for rule in rules:
            group["properties"]["securityRules"].append(
                {
                    "id": f"{group['id']}/securityRules/{rule['name']}",
                    "name": rule["name"],
                    "properties": {
                        "direction": "Outbound",
                        "sourcePortRange": "*",
                        "destinationPortRange": "*",
                        "sourceAddressPrefix": "*",
                        "destinationAddressPrefix": "45.0.0.0/8",
                        "protocol": "*",
                        "provisioningState": "Succeeded",
                        **{key: value for key, value in rule.items() if key != "name"},
                    },
                }
            )

    return edited(example("locked-down"), edit)


def rule(access: str, priority: int, **more: str) -> Json:
    return {"name": f"{access}{priority}", "access": access, "priority": priority, **more}


OPEN = {"provisioningState": "Updating", "protocol": "Tcp"}


@pytest.mark.parametrize(
    "added",
    [
        rule("Deny", 101),
        rule("Deny", 101, **OPEN),
        rule("Deny", 101, protocol="Esp", provisioningState="Updating"),
    ],
)
def test_a_deny_lets_no_more_out(added: Json) -> None:
    """A rule that only denies leaves nothing open that was stopped, even where nobody knows whether it matches."""
    found = compared(opaque(), opaque(added))
    assert (found.got_more, found.open) == (False, ())
    steps = {(one.before, one.after) for subnet in found.subnets for one in subnet.undetermined}
    assert steps <= {(Outcome.UNKNOWN, Outcome.BLOCKED)}


def test_a_group_on_nodes_that_had_none_lets_no_more_out() -> None:
    """It denies or leaves things as they are, also where nobody knows whether `*` holds a protocol (NSG-12)."""

    def bare(bodies: Bodies) -> None:
        for one in objects(list(bodies.values())):
            one.pop("networkSecurityGroup", None)

    found = compared(edited(opaque(), bare), opaque())
    assert (found.got_more, found.open) == (False, ())


def test_a_deny_gone_may_let_more_out() -> None:
    """The other way round, what was stopped for certain or perhaps may leave now."""
    assert compared(opaque(rule("Deny", 101)), opaque()).open == ("more may leave than before", HANGS)
    assert compared(opaque(rule("Deny", 101, **OPEN)), opaque()).open == (HANGS,)


@pytest.mark.parametrize("denied", [OPEN, {}])
def test_an_allow_before_a_deny_may_let_more_out(denied: dict[str, str]) -> None:
    """An uncertain rule that allows before one that may deny is no drop, though the codes are those of before."""
    before = rule("Deny", 105, **denied)
    found = compared(opaque(before), opaque(before, rule("Allow", 101, **OPEN)))
    assert found.open


def test_a_deny_instead_of_another_may_let_more_out() -> None:
    """Where another rule may deny now, the one that is gone may have been what stopped it."""
    old, new = opaque(rule("Deny", 105, **OPEN)), opaque(rule("Deny", 101, **OPEN))
    assert compared(old, new).open == (HANGS,)


def test_another_appliance_behind_a_further_deny() -> None:
    """A further deny says nothing of what else changed: the packets may take another way, too."""
    assert compared(opaque(at="10.78.0.4"), opaque(rule("Deny", 101, **OPEN))).open == (HANGS,)


IN_HUB = "10.10.9.9"
"""An address in the hub that nothing there holds."""
SPOKE, HUB = "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18", "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"


def moved(snapshot: Snapshot, *renamings: tuple[str, str]) -> Snapshot:
    """The same estate with parts of all ids written otherwise."""

    def renamed(text: str) -> str:
        for old, new in renamings:
            text = re.sub(re.escape(old), new, text, flags=re.IGNORECASE)
        return text

    documents = [
        replace(
            one, id=ResourceId(renamed(one.id.text)), body=json.loads(renamed(json.dumps(dict(one.body))))
        )
        for one in snapshot.documents.values()
    ]
    reads = tuple(replace(one, scope=renamed(one.scope)) for one in snapshot.reads)
    return replace(snapshot, documents={one.id.key: one for one in documents}, reads=reads)


OTHER = (SPOKE, "00000000-0000-0000-0000-000000000001"), (HUB, "00000000-0000-0000-0000-000000000002")


def test_matched_by_name_hops_are_known_by_name() -> None:
    """The same estate in other subscriptions hangs on the same things, and a further deny is no more there either."""
    old = opaque(at=IN_HUB)
    assert not compared(old, moved(old, *OTHER))
    assert compared(old, moved(opaque(rule("Deny", 101, **OPEN), at=IN_HUB), *OTHER)).open == ()
    assert compared(opaque(rule("Deny", 101, **OPEN), at=IN_HUB), moved(old, *OTHER)).open == (HANGS,)


def test_matched_by_name_another_name_is_another_hop() -> None:
    """What has another name there is another thing, and so is another appliance."""
    old = opaque(at=IN_HUB)
    assert compared(old, moved(old, *OTHER, ("vnet-hub-weu", "vnet-hub-neu"))).open == (HANGS,)
    assert compared(old, moved(opaque(at="10.10.9.8"), *OTHER)).open == (HANGS,)


def test_matched_by_name_what_both_sides_hold_is_itself() -> None:
    """The spoke was built again at another hub, which was there before and has the same names: another appliance."""
    first = opaque(at=IN_HUB)
    second = moved(first, OTHER[1])
    hubs = {key: one for key, one in {**first.documents, **second.documents}.items() if "/rg-hub" in key}
    old, new = (replace(one, documents={**hubs, **one.documents}) for one in (first, second))
    assert not compared(old, moved(old, OTHER[0]))
    assert compared(old, moved(new, OTHER[0])).open == (HANGS,)
