"""The doctor: what a login may read, by what Azure says and by what really answers."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor.collectors.azure.connect import Subscription, subscriptions
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.doctor import Checked, ScopeReport, examine
from auditor.collectors.azure.kinds import KINDS
from auditor.collectors.azure.permissions import Grant, may
from auditor.collectors.azure.rights import UNNAMEABLE, rights, role_actions
from auditor.collectors.azure.role import role
from tests.arm.access import EVERYTHING, READER, Access
from tests.arm.faults import refuses, sends
from tests.arm.server import ArmServer

ROOT = Path(__file__).resolve().parents[2]
HUB = "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
SPOKE = "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"
TABLES = "Microsoft.Network/routeTables/read"
MANAGER_RULES = "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules/read"
ROUTES = "Microsoft.Network/networkInterfaces/effectiveRouteTable/action"


def spoke(connection: Connection) -> list[Subscription]:
    return [item for item in subscriptions(connection, everything=True) if item.id == SPOKE]


def examined(connection: Connection, **options: Any) -> ScopeReport:
    (report,) = examine(connection, spoke(connection), **options)
    return report


def found(report: ScopeReport, action: str) -> Checked:
    return next(one for one in report.checked if one.right.action == action)


def test_reader_suffices(connection: Connection) -> None:
    """With Reader every essential right works, by Azure's word and by a real read of each list."""
    report = examined(connection)
    assert report.lacking == ()
    assert report.remark == ""
    assert set(report.providers.values()) == {"Registered"}
    tried = {one.right.kind.type for one in report.checked if one.answer is not None and one.works}
    assert tried >= {kind.type for kind in KINDS if kind.listed == "subscription"}
    assert tried >= {f"{kind}/agentPools" for kind in ("Microsoft.ContainerService/managedClusters",)}


def test_the_role_suffices_and_nothing_less(arm: ArmServer, connection: Connection) -> None:
    """The printed role lets every essential read through; without any one of its essential actions one is missing."""
    actions = role_actions()
    arm.manager.access = Access({f"/subscriptions/{SPOKE}": actions})
    report = examined(connection)
    assert report.lacking == ()
    assert {one.right.action for one in report.checked if not one.works} == UNNAMEABLE | {MANAGER_RULES}
    assert set(report.providers.values()) == {"Registered"}
    for right in rights():
        if right.essential:
            rest = [Grant(tuple(action for action in actions if action != right.action))]
            assert not may(rest, right.action)
    arm.manager.access = Access({f"/subscriptions/{SPOKE}": tuple(set(actions) - {TABLES})})
    assert [one.right.action for one in examined(connection).lacking] == [TABLES]


def test_the_role_only_reads() -> None:
    """No action but reads is in the role; `--deep` adds the questions put by POST, and what cannot be named is out."""
    assert all(action.endswith("/read") and "*" not in action for action in role_actions())
    assert not UNNAMEABLE & set(role_actions(deep=True))
    more = set(role_actions(deep=True)) - set(role_actions())
    assert ROUTES in more
    assert all(action.endswith("/action") for action in more)


def test_docs_show_the_same_role() -> None:
    """docs/permissions.md shows exactly the role that the doctor prints, and the actions that --deep adds."""
    blocks = re.findall(
        r"```json\n(.*?)```", (ROOT / "docs" / "permissions.md").read_text("utf-8"), re.DOTALL
    )
    shown, more = map(json.loads, blocks)
    assert shown == role(role_actions(), ["/subscriptions/00000000-0000-0000-0000-000000000000"])
    assert sorted(more) == sorted(set(role_actions(deep=True)) - set(role_actions()))


def test_deep_needs_more_than_reader(arm: ArmServer, connection: Connection) -> None:
    """Reader lacks what --deep asks; that is told, and no scan is incomplete for it."""
    report = examined(connection, deep=True)
    assert found(report, ROUTES).works is False
    assert report.lacking == ()
    arm.manager.access = Access({"": EVERYTHING})
    assert found(examined(connection, deep=True), ROUTES).works is True


def test_a_list_without_the_right_proves_nothing(arm: ArmServer, connection: Connection) -> None:
    """Who may read one group only gets a shorter list without any error: that is unsure, not fine (ARM-23)."""
    arm.manager.access = Access({f"/subscriptions/{SPOKE}/resourceGroups/rg-spoke-payments-weu": READER})
    report = examined(connection)
    one = found(report, TABLES)
    assert one.answer is not None
    assert one.answer.complete
    assert one.works is None
    assert one in report.lacking
    assert "ARM-23" in one.detail
    inside = examined(connection, resource_groups=["rg-spoke-payments-weu"])
    assert found(inside, TABLES).works is True
    nowhere = examined(connection, resource_groups=["nowhere"])
    assert (nowhere.absent, nowhere.checked) == (True, ())


@pytest.mark.parametrize("effect", [refuses(403), refuses(500), sends(b'{"value": 5}'), sends(b"[")])
def test_unanswered_permissions_leave_the_reads(arm: ArmServer, connection: Connection, effect: Any) -> None:
    """Where Azure does not say what is granted, a real read still does; what nothing tried stays unsure."""
    arm.faults.add(effect, kind="microsoft.authorization/permissions")
    report = examined(connection)
    assert found(report, TABLES).works is not False
    assert found(report, "Microsoft.Network/virtualHubs/hubRouteTables/read").works is not True
    assert found(report, "Microsoft.Authorization/permissions/read") in report.lacking


@pytest.mark.parametrize("effect", [refuses(500), refuses(409, "Conflict"), sends(b"{")])
def test_a_failed_list_is_unsure(arm: ArmServer, connection: Connection, effect: Any) -> None:
    """A list that breaks says neither that the right is there nor that it is missing."""
    arm.faults.add(effect, kind="microsoft.network/routetables")
    report = examined(connection)
    assert found(report, TABLES).works is not False
    assert found(report, TABLES) in report.lacking


def test_an_unregistered_provider_lacks_nothing(arm: ArmServer, connection: Connection) -> None:
    """A provider that is not registered is said so; there is nothing to read of it (ARM-34)."""
    arm.estate.registrations["microsoft.compute"] = "NotRegistered"
    for document in arm.estate.documents("microsoft.compute/virtualmachinescalesets"):
        arm.estate.remove(document["id"])
    report = examined(connection)
    assert report.providers["Microsoft.Compute"] == "NotRegistered"
    assert found(report, "Microsoft.Compute/virtualMachineScaleSets/read").works is True


def doctor(arm: ArmServer, *words: str) -> subprocess.CompletedProcess[str]:
    command = [
        sys.executable,
        "-m",
        "auditor",
        "doctor",
        "--auth",
        "environment",
        "--cloud",
        str(arm.cloud_file),
    ]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, *words], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def contract() -> Draft202012Validator:
    schema = json.loads((ROOT / "reports" / "schemas" / "doctor-v1.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_command(arm: ArmServer) -> None:
    """The command says what is missing where, ends with 3 for it, and prints the role for those subscriptions."""
    arm.manager.access = Access(
        {f"/subscriptions/{HUB}": READER, f"/subscriptions/{SPOKE}": (f"*{TABLES[9:]}",)}
    )
    done = doctor(arm, "--all-subscriptions")
    assert (done.returncode, done.stderr) == (3, "")
    assert "2 seen: Example 1" in done.stdout
    assert f"missing  {TABLES}" not in done.stdout
    assert "missing  Microsoft.Network/virtualNetworks/read: 403 AuthorizationFailed" in " ".join(
        done.stdout.split()
    ).replace("missing ", "missing  ")
    shown = json.loads(done.stdout[done.stdout.index("{") :])
    denied = doctor(arm, "--all-subscriptions", "--resource-group", "no-such-group", "--format", "json")
    contract().validate(json.loads(denied.stdout))
    assert shown["AssignableScopes"] == [f"/subscriptions/{HUB}", f"/subscriptions/{SPOKE}"]
    done = doctor(arm, "--subscription", HUB, "--format", "json")
    assert done.returncode == 0
    value = json.loads(done.stdout)
    contract().validate(value)
    assert value["works"] is True
    assert value["role"]["Actions"] == shown["Actions"]
    assert {row["status"] for row in value["scopes"][0]["rights"] if row["essential"]} == {"works"}


def test_command_without_subscription(arm: ArmServer) -> None:
    """Without a subscription it says which ones the login sees, and what to do next."""
    done = doctor(arm)
    assert done.returncode == 0
    assert f"Example 2 ({SPOKE})" in done.stdout.replace("\n" + " " * 17, " ")
    assert "--subscription ID|NAME" in done.stdout
    assert arm.calls["microsoft.network/virtualnetworks"] == 0
    value = json.loads(doctor(arm, "--format", "json").stdout)
    contract().validate(value)
    assert value["role"] is None
