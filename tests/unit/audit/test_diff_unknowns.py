"""What neither side of a comparison can tell: when the new side may let out what the old side did not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from auditor.audit.diff import diff
from auditor.model.difference import Difference
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Outcome
from tests.estates.documents import (
    ROUTE_TABLES,
    SECURITY_GROUPS,
    Bodies,
    Json,
    edited,
    example,
    named,
    policy,
)

NEWEST = "aks-2026-06-18"
HANGS = "what neither side can tell hangs on something else now, so more may leave"
Edit = Callable[[Bodies], None]


def compared(old: Snapshot, new: Snapshot) -> Difference:
    return diff(old, policy(NEWEST), new, policy(NEWEST))


def opaque(*rules: Json) -> Snapshot:
    """All traffic goes to an appliance that nobody can describe, by a security group with more rules."""

    def edit(bodies: Bodies) -> None:
        table = named(bodies, ROUTE_TABLES, "rt-aks-nodes")["properties"]
        table["routes"][0]["properties"]["nextHopIpAddress"] = "10.77.0.4"
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
    new = opaque(rule("Deny", 101, **OPEN))
    old = edited(example("locked-down"), _to_another)
    assert compared(old, new).open == (HANGS,)


def _to_another(bodies: Bodies) -> None:
    table = named(bodies, ROUTE_TABLES, "rt-aks-nodes")["properties"]
    table["routes"][0]["properties"]["nextHopIpAddress"] = "10.78.0.4"
