from __future__ import annotations

import json
from typing import Any

import pytest
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

from auditor.collectors.azure.api_versions import api_version_of
from auditor.collectors.azure.cloud import cloud_named
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.login import credential
from auditor.collectors.azure.request import Request
from tests.arm.access import Access
from tests.arm.server import ArmServer

HUB = "/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614"
SPOKE = "/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"
GROUPS = f"{HUB}/providers/Microsoft.Network/networkSecurityGroups"
HUB_VNET = f"{HUB}/resourceGroups/rg-hub-weu/providers/Microsoft.Network/virtualNetworks/vnet-hub-weu"
POLICY = f"{HUB}/resourceGroups/rg-hub-weu/providers/Microsoft.Network/firewallPolicies/fwpol-weu-aks"
RULES = "listNetworkManagerEffectiveSecurityAdminRules"


def test_list_gives_every_page_in_order_as_the_service_sent_it(
    arm: ArmServer, connection: Connection
) -> None:
    """Documents of all pages arrive in order, JSON value for JSON value, and pages and calls are counted (ARM-20)."""
    arm.manager.page_size = 1
    answer = connection.read(Request(path=f"{POLICY}/ruleCollectionGroups", paged=True))
    held = arm.estate.documents("microsoft.network/firewallpolicies/rulecollectiongroups")
    wanted = [item for item in held if "/fwpol-weu-aks/" in item["id"]]
    assert (answer.status, answer.error) == ("complete", None)
    assert list(answer.documents) == wanted
    assert (answer.pages, answer.calls, answer.http_status) == (2, 2, 200)
    assert connection.calls == {"Microsoft.Network/firewallPolicies/ruleCollectionGroups": 2}


def test_single_resource_is_read_whatever_the_case_of_its_id(connection: Connection) -> None:
    """Ids mix case freely and mean the same resource (ARM-3)."""
    answer = connection.read(Request(path=HUB_VNET.upper()))
    assert answer.status == "complete"
    assert answer.body["name"] == "vnet-hub-weu"
    assert answer.pages == 1


def test_what_is_not_there_is_absent(connection: Connection) -> None:
    """404 is an answer of its own, never a failure and never an empty document (ARM-22)."""
    answer = connection.read(Request(path=f"{HUB_VNET}-gone"))
    assert (answer.status, answer.code, answer.body) == ("absent", "ResourceNotFound", None)


def test_403_names_the_action_and_the_scope(arm: ArmServer, connection: Connection) -> None:
    """Whoever grants roles is told which action is missing where, in the service's own words (ARM-21)."""
    arm.manager.access = Access({SPOKE: ("*/read",)})
    answer = connection.read(Request(path=GROUPS, paged=True))
    assert (answer.status, answer.code, answer.calls) == ("denied", "AuthorizationFailed", 1)
    assert answer.error == (
        f"403 AuthorizationFailed: Microsoft.Network/networkSecurityGroups/read is missing on {GROUPS}"
    )


@pytest.mark.parametrize("value", [{"error": {"code": "Forbidden", "message": "No."}}, "no", None, [1]])
def test_403_of_another_wording_names_them_too(arm: ArmServer, connection: Connection, value: Any) -> None:
    """A 403 that does not say what is missing is explained by what was asked (ARM-21)."""

    def refuse(reply: Any) -> None:
        reply.status, reply.value = 403, value

    arm.faults.add(refuse, kind="microsoft.network/networksecuritygroups")
    answer = connection.read(Request(path=GROUPS, paged=True))
    assert answer.status == "denied"
    assert f"Microsoft.Network/networkSecurityGroups/read on {GROUPS}" in str(answer.error)


def test_action_is_asked_by_post_and_its_list_is_read_to_the_end(
    arm: ArmServer, connection: Connection
) -> None:
    """Effective admin rules carry a token from each answer into the next question (ARM-20)."""
    rules = [{"id": f"rule-{number}"} for number in range(5)]
    arm.estate.put({"id": f"{HUB_VNET}/{RULES}", "properties": {"value": rules}})
    arm.manager.access = Access({"": ("*",)})
    arm.manager.page_size = 2
    answer = connection.read(Request(path=f"{HUB_VNET}/{RULES}", method="POST", paged=True))
    assert (answer.status, answer.pages) == ("complete", 3)
    assert list(answer.documents) == rules


def test_resource_graph_is_read_to_the_end(arm: ArmServer, connection: Connection) -> None:
    """Resource Graph pages by a token in its options, and its rows come in `data` (ARM-32)."""
    arm.manager.page_size = 1
    query = "resources | where type =~ 'Microsoft.Network/virtualNetworks'"
    question = Request(
        path="/providers/Microsoft.ResourceGraph/resources",
        method="POST",
        body={"query": query, "options": {"resultFormat": "objectArray"}},
        paged=True,
    )
    answer = connection.read(question)
    assert (answer.status, answer.pages) == ("complete", 2)
    assert {row["name"] for row in answer.documents} == {"vnet-hub-weu", "vnet-spoke-payments"}


def test_part_that_resource_graph_holds_back_is_missing(arm: ArmServer, connection: Connection) -> None:
    """A result that was truncated without a token is not complete (ARM-32)."""
    body = {"totalRecords": 9, "count": 0, "resultTruncated": "true", "data": []}
    arm.faults.add(lambda reply: setattr(reply, "value", body), where="resourcegraph")
    answer = connection.read(
        Request(
            path="/providers/Microsoft.ResourceGraph/resources", method="POST", body={"query": ""}, paged=True
        )
    )
    assert answer.status == "partial"


@pytest.mark.parametrize(
    "path", ["subscriptions", "//elsewhere.example/x", "/a/../b", "/a//b", "", "/" + "x" * 20_000]
)
def test_path_that_is_none_is_never_sent(arm: ArmServer, connection: Connection, path: str) -> None:
    """Ids come from documents that anybody may have written: what is no path of a resource is not asked for."""
    answer = connection.read(Request(path=path))
    assert (answer.status, answer.calls) == ("failed", 0)
    assert arm.lines == []


@pytest.mark.parametrize(
    "name", ["a b", "ü", "?api-version=1", "#x", "{endpoint}", "%2e%2e", "a\nb", "a\u202eb"]
)
def test_odd_names_stay_one_segment(arm: ArmServer, connection: Connection, name: str) -> None:
    """A name with signs that mean something in an address reads that resource and nothing else."""
    path = f"{HUB_VNET[: -len('vnet-hub-weu')]}{name}"
    document: dict[str, Any] = {"id": path, "name": name, "properties": {}}
    arm.estate.put(document)
    answer = connection.read(Request(path=path))
    assert (answer.status, answer.body) == ("complete", document)


def test_numbers_and_unknown_members_arrive_unchanged(arm: ArmServer, connection: Connection) -> None:
    """Nothing passes through the SDK's models: members that no model knows are kept, and numbers keep their form."""
    text = '{"id": "/x", "properties": {"new": {"a": [null, 1, 1.0, 12345678901234567890, true, ""]}}}'
    arm.faults.add(
        lambda reply: setattr(reply, "data", text.encode()), kind="microsoft.network/virtualnetworks"
    )
    answer = connection.read(Request(path=HUB_VNET))
    assert json.dumps(answer.body) == text


def test_real_clients_of_the_sdk_read_the_server(arm: ArmServer) -> None:
    """Azure's own typed clients take the server for Azure, and ask in the versions of our table (ARM-1)."""
    cloud = cloud_named(str(arm.cloud_file))
    login = credential(cloud, "environment")
    at: dict[str, Any] = {"base_url": cloud.resource_manager, "credential_scopes": [cloud.scope]}
    subscription = SPOKE.rpartition("/")[2]
    arm.manager.page_size = 1
    with (
        NetworkManagementClient(login, subscription, **at) as network,
        ContainerServiceClient(login, subscription, **at) as clusters,
        ComputeManagementClient(login, subscription, **at) as compute,
        SubscriptionClient(login, **at) as subscriptions,
    ):
        assert [item.name for item in clusters.managed_clusters.list()] == ["aks-payments"]
        assert len(list(network.network_security_groups.list_all())) == 3
        assert len(list(compute.virtual_machine_scale_sets.list_all())) == 3
        assert len(list(subscriptions.subscriptions.list())) == 2
    asked = {
        line.partition("?")[0].rpartition("/")[2]: line.rpartition("api-version=")[2] for line in arm.lines
    }
    assert asked == {
        "managedClusters": api_version_of("Microsoft.ContainerService/managedClusters"),
        "networkSecurityGroups": api_version_of("Microsoft.Network/networkSecurityGroups"),
        "virtualMachineScaleSets": api_version_of("Microsoft.Compute/virtualMachineScaleSets"),
        "subscriptions": api_version_of("subscriptions"),
    }


def test_answers_without_a_version_or_a_token_are_refused(arm: ArmServer) -> None:
    """The server insists on what Azure insists on: an api-version and a token that it gave."""
    bearer = {"authorization": "Bearer nothing"}
    assert arm.reply_to("GET", f"{HUB_VNET}?api-version=2026-03-01", bearer, b"").status == 401
    token = {"authorization": f"Bearer {_token(arm)}"}
    assert arm.reply_to("GET", HUB_VNET, token, b"").status == 400
    assert arm.reply_to("GET", f"{HUB_VNET}?api-version=2026-03-01", token, b"").status == 200


def _token(arm: ArmServer) -> str:
    credential(cloud_named(str(arm.cloud_file)), "environment")
    return arm.login.issued[-1]
