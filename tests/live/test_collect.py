"""Collecting a live Azure: the same answers as the documents give, whatever is asked for and may be read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.audit import check, load_policy, load_snapshot, render
from auditor.collectors.azure.connection import Connection
from auditor.collectors.azure.kinds import GRAPH_ADMIN_RULES, KINDS, SUBSCRIPTION_LISTS
from auditor.collectors.azure.source import CollectResult, LiveScope, collect
from auditor.collectors.folder_writer import FolderWriter
from auditor.model.finding import Report
from auditor.model.snapshot import Snapshot
from auditor.resources import examples
from benchmarks.live import write_estate
from tests.arm.access import READER, Access
from tests.arm.estate import Estate
from tests.arm.faults import Effect, edits, refuses, sends
from tests.arm.fixtures import estate_of, signed_in
from tests.arm.paths import target_of
from tests.arm.server import ArmServer

HUB, SPOKE = "3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614", "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18"
WAN = ("8ae5d170-42b9-4f63-8d0c-1b97f3c6e842", "d0936b4e-af15-47c8-9e72-6c5b18d3f097")
OPEN = "51d8a3f4-7c26-4e0b-b91f-0d6a84e7c235"
GROUP = f"/subscriptions/{SPOKE}/resourceGroups/rg-aks-payments/providers"
CLUSTER = f"{GROUP}/Microsoft.ContainerService/managedClusters/aks-payments"
NETWORK_GROUP = f"/subscriptions/{SPOKE}/resourceGroups/rg-spoke-payments-weu/providers/Microsoft.Network"
NODES = f"{NETWORK_GROUP}/networkSecurityGroups/nsg-aks-nodes"
NETWORK = f"{NETWORK_GROUP}/virtualNetworks/vnet-spoke-payments"
HUB_NETWORK = (
    f"/subscriptions/{HUB}/resourceGroups/rg-hub-weu/providers/Microsoft.Network/virtualNetworks/vnet-hub-weu"
)
ADMIN = "Microsoft.Network/virtualNetworks/listNetworkManagerEffectiveSecurityAdminRules"


def gather(connection: Connection, folder: Path, *subscriptions: str, **scope: Any) -> CollectResult:
    wanted = LiveScope(subscriptions=subscriptions, **scope)
    return collect(connection, wanted, FolderWriter(folder, now=_now))


def _now() -> str:
    return "2026-11-20T08:15:00Z"


def audited(*sources: Path) -> Report:
    return check(load_snapshot(*sources), load_policy())


def answers(report: Report) -> str:
    """What a report says about clusters and findings, as JSON."""
    document = json.loads(render(report, "json"))
    return json.dumps([document["clusters"], document["findings"]])


def status(result: CollectResult) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Reads that are not complete, by kind and name of the scope."""
    return {
        (read.kind, read.scope.rpartition("/")[2]): (read.status, read.error)
        for read in result.reads
        if read.status != "complete"
    }


@pytest.mark.parametrize(
    ("example", "subscriptions", "scope"),
    [
        ("broken", (HUB, SPOKE), {}),
        ("locked-down", (HUB, SPOKE), {}),
        ("open", (OPEN,), {}),
        ("virtual-wan", WAN, {}),
        # the hub lies in a subscription that is not asked for, and is followed
        ("broken", (SPOKE,), {}),
        ("locked-down", (SPOKE,), {"clusters": ("AKS-payments",)}),
        ("broken", (SPOKE,), {"clusters": (CLUSTER,)}),
        ("broken", (SPOKE,), {"resource_groups": ("RG-aks-payments",)}),
        ("open", (OPEN,), {"clusters": ("aks-web",)}),
        ("virtual-wan", WAN, {"clusters": ("aks-orders",)}),
    ],
)
def test_answers_of_the_documents(
    arm: ArmServer,
    connection: Connection,
    tmp_path: Path,
    example: str,
    subscriptions: tuple[str, ...],
    scope: dict[str, Any],
) -> None:
    """A Reader's scan says byte for byte what the bundled documents say, and is complete."""
    arm.estate = estate_of(example)
    result = gather(connection, tmp_path / "estate", *subscriptions, **scope)
    report = audited(tmp_path / "estate")
    assert answers(report) == answers(audited(examples() / example))
    assert report.coverage.complete
    assert status(result) == {}
    # questions to Resource Graph differ in what they say, not in their address
    once = [line.lower() for line in arm.lines if "resourcegraph" not in line.lower()]
    assert len(once) == len(set(once))
    assert result.calls == sum(arm.calls.values())


def test_narrow_reads_less(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """A cluster that is named takes no list of the subscription but that of zones; every other read is needed."""
    gather(connection, tmp_path / "estate", SPOKE, clusters=(CLUSTER,))
    lists = [line for line in arm.lines if f"/subscriptions/{SPOKE}/providers/" in line]
    assert {line.partition("?")[0].rpartition("/")[2] for line in lists} == {
        "privateDnsZones",
        "serviceTags",
        "Microsoft.ContainerService",
        "AKSLockingDownEgressPreview",
    }


def test_other_clusters_stay_out(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Clusters that were not named are not in the snapshot: without their networks they would read as unknown."""
    other = json.loads(json.dumps(arm.estate.one(target_of(CLUSTER))))
    other["id"] = CLUSTER.replace("aks-payments", "aks-other")
    other["name"] = "aks-other"
    arm.estate.put(other)
    gather(connection, tmp_path / "estate", SPOKE, clusters=("aks-payments",))
    assert [item.cluster.name for item in audited(tmp_path / "estate").clusters] == ["aks-payments"]


def test_a_group_alone(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Roles on single groups suffice for a cluster that is named by its group (ARM-23)."""
    groups = {document["id"].split("/providers/")[0] for document in arm.estate.documents()}
    arm.manager.access = Access({group: READER for group in groups if "/resourceGroups/" in group})
    result = gather(connection, tmp_path / "estate", SPOKE, resource_groups=("rg-aks-payments",))
    report = audited(tmp_path / "estate")
    assert report.coverage.complete
    assert {read.kind for read in result.reads if read.status == "denied"} == {
        "Microsoft.Features/providers/features",
        "Microsoft.Network/locations/serviceTags",
        "Microsoft.Network/privateDnsZones",
        "Microsoft.Resources/providers",
    }


def test_lists_of_one_without_a_role_on_the_subscription(
    arm: ArmServer, connection: Connection, tmp_path: Path
) -> None:
    """A list that answers somebody with roles on groups only is partial: it may not show everything (ARM-23)."""
    groups = {document["id"].split("/providers/")[0] for document in arm.estate.documents()}
    arm.manager.access = Access({group: READER for group in groups if "/resourceGroups/" in group})
    result = gather(connection, tmp_path / "estate", SPOKE)
    state, error = status(result)["Microsoft.Network/routeTables", SPOKE]
    assert (state, "not granted on" in str(error)) == ("partial", True)
    assert not audited(tmp_path / "estate").coverage.complete


@pytest.mark.parametrize("effect", [refuses(500), refuses(403), sends(b'{"value": 5}')])
def test_lists_of_one_whose_permissions_are_not_known(
    arm: ArmServer, connection: Connection, tmp_path: Path, effect: Effect
) -> None:
    """Without an answer about the permissions no list is known to be whole: nothing rests on what it lacks (ARM-23)."""
    other = json.loads(json.dumps(arm.estate.one(target_of(CLUSTER))))
    other["id"] = CLUSTER.replace("rg-aks-payments", "rg-hidden")
    arm.estate.put(other)
    groups = {document["id"].split("/providers/")[0] for document in arm.estate.documents()}
    arm.manager.access = Access(
        {group: READER for group in groups if "/resourceGroups/" in group and "rg-hidden" not in group}
    )
    arm.faults.add(effect, where=f"get /subscriptions/{SPOKE}/providers/microsoft.authorization")
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    found = {read.kind: read for read in result.reads if read.scope == f"/subscriptions/{SPOKE}"}
    assert found["Microsoft.Authorization/permissions"].status in {"failed", "denied"}
    lists = [found[kind] for kind in SUBSCRIPTION_LISTS]
    assert {read.status for read in lists} == {"partial", "denied"}
    assert found["Microsoft.ContainerService/managedClusters"].status == "partial"
    assert all(
        "whether the list shows everything is not known: permissions: " in str(read.error)
        for read in lists
        if read.status == "partial"
    )
    assert not audited(tmp_path / "estate").coverage.complete


def test_404_of_a_reference(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """A group that a subnet names and that is not there is unread, and never taken for no group (ARM-22)."""
    arm.estate.remove(NODES)
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    state, error = status(result)["Microsoft.Network/networkSecurityGroups", "nsg-aks-nodes"]
    assert state == "failed"
    assert "still names it (ARM-22)" in str(error)
    report = audited(tmp_path / "estate")
    assert not report.coverage.complete
    verdicts = [end.verdict for item in report.clusters for end in item.endpoints if end.verdict is not None]
    assert not any(
        verdict.outcome.value == "allowed" for verdict in verdicts if "unreadable-resource" in verdict.reasons
    )
    assert any("unreadable-resource" in verdict.reasons for verdict in verdicts)


def test_404_of_what_changed_meanwhile(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Where the subnet let go of the group after it was listed, the network is read again and counts (ARM-22)."""
    fresh = json.loads(json.dumps(arm.estate.one(target_of(NETWORK))))
    for subnet in fresh["properties"]["subnets"]:
        subnet["properties"].pop("networkSecurityGroup", None)
    arm.estate.remove(NODES)

    def let_go(estate: Estate) -> None:
        estate.put(fresh)

    arm.faults.add(where="get .*/networksecuritygroups/nsg-aks-nodes", before=let_go)
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert status(result) == {}
    held = load_snapshot(tmp_path / "estate").documents[NETWORK.lower()]
    assert held.conflicts == {}
    assert held.body["properties"]["subnets"] == fresh["properties"]["subnets"]


def test_403_names_action_and_scope(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """A hub that may not be read is denied by action and scope, its dependants are unknown, the rest is answered."""
    arm.manager.access = Access({f"/subscriptions/{SPOKE}": READER})
    result = gather(connection, tmp_path / "estate", SPOKE)
    denied = [read for read in result.reads if read.status == "denied"]
    assert [(read.kind, read.scope.rpartition("/")[2]) for read in denied] == [
        ("Microsoft.Network/virtualNetworks", "vnet-hub-weu")
    ]
    assert (
        "microsoft.network/virtualnetworks/read is missing on /subscriptions/3f1c8e27"
        in str(denied[0].error).lower()
    )
    report = audited(tmp_path / "estate")
    assert not report.coverage.complete
    whole = audited(tmp_path / "estate", _hub_snapshot(tmp_path))
    assert answers(whole) == answers(audited(examples() / "broken"))
    assert whole.coverage.complete


def _hub_snapshot(tmp_path: Path) -> Path:
    """What the team of the hub would hand over: its documents, by whatever tool."""
    folder = tmp_path / "hub"
    folder.mkdir()
    documents = [one for one in estate_of("broken").documents() if HUB in one["id"].split("/")[2]]
    (folder / "all.json").write_text(json.dumps(documents), encoding="utf-8")
    return folder


def test_origins(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """The report of united sources says what came from where, and how old it is."""
    gather(connection, tmp_path / "estate", SPOKE)
    report = audited(tmp_path / "estate", _hub_snapshot(tmp_path))
    assert [(Path(one.source).name, one.collected) for one in report.origins] == [
        ("estate", "2026-11-20T08:15:00Z"),
        ("hub", None),
    ]
    assert all(one.documents > 0 for one in report.origins)
    assert "Sources:" in render(report)
    del arm


# -- admin rules (NSG-32, ARM-32) ------------------------------------------------------------------------


def admin_rules(folder: Path) -> Any:
    snapshot: Snapshot = load_snapshot(folder)
    document = snapshot.documents.get(f"{NETWORK}/listNetworkManagerEffectiveSecurityAdminRules".lower())
    return None if document is None else document.body["properties"]


def _rule() -> dict[str, Any]:
    return {
        "id": "/subscriptions/x/rule",
        "kind": "Custom",
        "properties": {
            "priority": 1,
            "direction": "Outbound",
            "access": "Deny",
            "protocol": "Tcp",
            "sources": [{"addressPrefix": "*"}],
            "destinations": [{"addressPrefix": "*"}],
            "sourcePortRanges": ["0-65535"],
            "destinationPortRanges": ["443"],
        },
    }


def _with_rules(estate: Estate, network: str = NETWORK) -> None:
    estate.put(
        {
            "id": f"{network}/listNetworkManagerEffectiveSecurityAdminRules",
            "type": ADMIN,
            "properties": {"value": [_rule()]},
        }
    )


def test_admin_rules_of_networks_that_traffic_gets_to(connection: Connection, tmp_path: Path) -> None:
    """Inbound rules hold in the network of a destination (NSG-30): the hub is asked about as the spoke is."""
    gather(connection, tmp_path / "estate", SPOKE)
    rows = json.loads((tmp_path / "estate" / "manifest.json").read_text("utf-8"))["reads"]
    asked = {row["scope"].rpartition("/")[2]: row["status"] for row in rows if row["kind"] == ADMIN}
    assert asked == {"vnet-spoke-payments": "complete", "vnet-hub-weu": "complete"}


def test_no_admin_rules(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Where reading was granted on the network, an empty answer of Resource Graph means that there are none."""
    gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate") == {"value": []}
    del arm


def test_nothing_left_to_ask(connection: Connection, tmp_path: Path) -> None:
    """Where Resource Graph and the permissions tell of every network, no level without reads is begun."""
    totals: list[int] = []
    scope = LiveScope(subscriptions=(HUB, SPOKE))
    collect(connection, scope, FolderWriter(tmp_path / "estate"), lambda *told: totals.append(told[2]))
    assert 0 not in totals


def test_silence_where_permissions_cannot_be_asked(
    arm: ArmServer, connection: Connection, tmp_path: Path
) -> None:
    """Where reading cannot be confirmed, silence means nothing; the row says why, and the audit is complete."""
    arm.faults.add(refuses(500), where=f"{NETWORK}/providers/microsoft.authorization".lower())
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate") is None
    state, error = status(result)[ADMIN, "vnet-spoke-payments"]
    assert (state, "permissions" in str(error)) == ("denied", True)
    assert audited(tmp_path / "estate").coverage.complete


def test_silence_where_reading_is_not_granted(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Resource Graph hides what may not be read: without the right, no row is not "none" (ARM-32)."""
    unread = {GRAPH_ADMIN_RULES, ADMIN}
    actions = {action for kind in KINDS for action in kind.actions if kind.type not in unread}
    arm.manager.access = Access({"": tuple(actions)})
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate") is None
    state, error = status(result)[ADMIN, "vnet-spoke-payments"]
    assert (state, "effectiveSecurityAdminRules/read is not granted" in str(error)) == ("denied", True)
    assert audited(tmp_path / "estate").coverage.complete


def test_without_resource_graph(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Where a cloud has no Resource Graph, the network is asked itself."""
    arm.faults.add(refuses(404, "NotFound"), where="microsoft.resourcegraph")
    arm.manager.access = Access({"": (*READER, f"{ADMIN}/action")})
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate") == {"value": []}
    assert [kind for kind, _ in status(result)] == [GRAPH_ADMIN_RULES]


def test_admin_rules_that_the_network_tells(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Who may ask the network itself gets its rules, and they count."""
    _with_rules(arm.estate)
    arm.manager.access = Access({"": (*READER, f"{ADMIN}/action")})
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate") == {"value": [_rule()]}
    assert status(result) == {}
    assert all(
        "admin-rules-not-read" not in finding.assumptions for finding in audited(tmp_path / "estate").findings
    )


def test_admin_rules_that_exist_and_may_not_be_read(
    arm: ArmServer, connection: Connection, tmp_path: Path
) -> None:
    """A Reader learns that there are some, but not which: then nothing is assumed, and nothing passes."""
    _with_rules(arm.estate)
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    state, error = status(result)[ADMIN, "vnet-spoke-payments"]
    assert (state, "listNetworkManagerEffectiveSecurityAdminRules".lower() in str(error).lower()) == (
        "denied",
        True,
    )
    verdicts = [end.verdict for item in audited(tmp_path / "estate").clusters for end in item.endpoints]
    assert not any(verdict is not None and verdict.outcome.value == "allowed" for verdict in verdicts)


@pytest.mark.parametrize(
    "odd",
    [
        lambda row: {**row, "id": 7},
        lambda row: {**row, "id": row["id"].replace("virtualNetworks", "vnets")},
        lambda row: {key: value for key, value in row.items() if key != "id"},
        lambda row: str(row["id"]),
        lambda row: [row],
        lambda _: None,
    ],
)
def test_a_row_that_is_not_understood(
    arm: ArmServer, connection: Connection, tmp_path: Path, odd: Callable[[Any], Any]
) -> None:
    """Such a row may be about any network: none has "no rules" by it, and each is asked itself (NSG-32)."""
    _with_rules(arm.estate)
    arm.faults.add(
        edits(lambda value: {**value, "data": [odd(row) for row in value["data"]]}),
        where="microsoft.resourcegraph",
    )
    result = gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate") is None
    found = status(result)
    graph = [state for (kind, _), state in found.items() if kind == GRAPH_ADMIN_RULES]
    assert graph == [("partial", "row 1 is not understood")]
    state, error = found[ADMIN, "vnet-spoke-payments"]
    assert (state, "Resource Graph: row 1 is not understood; asked itself: " in str(error)) == (
        "denied",
        True,
    )
    verdicts = [end.verdict for item in audited(tmp_path / "estate").clusters for end in item.endpoints]
    passed = [verdict for verdict in verdicts if verdict is not None and verdict.outcome.value == "allowed"]
    assert all("admin-rules-not-read" in verdict.assumptions for verdict in passed)


def test_two_rows_about_one_network(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """Where one row names a configuration, another without any does not take it back."""
    _with_rules(arm.estate)
    none: dict[str, Any] = {"effectiveSecurityAdminConfigurations": []}
    arm.faults.add(
        edits(lambda value: {**value, "data": [*value["data"], {**value["data"][0], "properties": none}]}),
        where="microsoft.resourcegraph",
    )
    gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert admin_rules(tmp_path / "estate")["value"] != []


def test_resource_graph_is_asked_while_others_are_read(
    arm: ArmServer, connection: Connection, tmp_path: Path
) -> None:
    """It needs to know the networks only, so nobody waits for its answer at the end alone."""

    def asked() -> bool:
        return any("resourcegraph" in line.lower() for line in arm.lines)

    met: list[bool] = []

    def wait(_: Estate) -> None:
        end = time.monotonic() + 20
        while not asked() and time.monotonic() < end:
            time.sleep(0.01)
        met.append(asked())

    arm.faults.add(before=wait, where="/servicetags")
    gather(connection, tmp_path / "estate", HUB, SPOKE)
    assert met == [True]
    assert sum("resourcegraph" in line.lower() for line in arm.lines) == 1


def test_subscriptions_that_are_reached_later(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """The hub's is another question, which fails for the hub's network alone."""
    arm.faults.add(refuses(404, "NotFound"), where="microsoft.resourcegraph", first=2)
    found = status(gather(connection, tmp_path / "estate", SPOKE))
    assert admin_rules(tmp_path / "estate") == {"value": []}
    state, error = found[ADMIN, "vnet-hub-weu"]
    assert (state, str(error).startswith("Resource Graph: ")) == ("denied", True)
    assert sum("resourcegraph" in line.lower() for line in arm.lines) == 2


def test_more_subscriptions_in_a_resumed_run(arm: ArmServer, connection: Connection, tmp_path: Path) -> None:
    """What Resource Graph said before about others tells nothing of a network that only now could be read."""
    _with_rules(arm.estate, HUB_NETWORK)
    scope = LiveScope(subscriptions=(SPOKE,))
    arm.faults.add(refuses(500), where=HUB_NETWORK.lower())
    folder = tmp_path / "estate"
    first = collect(connection, scope, FolderWriter(folder, now=_now))
    assert status(first)["Microsoft.Network/virtualNetworks", "vnet-hub-weu"][0] == "failed"
    arm.faults.clear()
    resumed = collect(connection, scope, FolderWriter(folder, now=_now), resume=True)
    assert status(resumed)[ADMIN, "vnet-hub-weu"][0] == "denied"
    collect(connection, scope, FolderWriter(tmp_path / "other", now=_now))
    for name in ("manifest.json", "resources.jsonl"):
        assert (folder / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


# -- stopping --------------------------------------------------------------------------------------------


def stop_after(reads: int) -> Callable[[str, int, int], None]:
    """Progress that is interrupted, as by Ctrl-C, once so many reads have ended."""
    left = [reads]

    def tell(phase: str, done: int, total: int) -> None:
        del phase, done, total
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt

    return tell


@pytest.mark.parametrize("reads", [0, 5, 30, 42])
def test_interrupted(arm: ArmServer, connection: Connection, tmp_path: Path, reads: int) -> None:
    """Ctrl-C leaves what was read and says what was not; resuming reads the rest alone, to the same bytes."""
    scope = LiveScope(subscriptions=(HUB, SPOKE))
    folder = tmp_path / "estate"
    stopped = collect(connection, scope, FolderWriter(folder, now=_now), stop_after(reads))
    assert stopped.interrupted
    report = audited(folder)
    assert not report.coverage.complete
    again = signed_in(arm)
    try:
        resumed = collect(again, scope, FolderWriter(folder, now=_now), resume=True)
        collect(again, scope, FolderWriter(tmp_path / "other", now=_now))
    finally:
        again.close()
    assert not resumed.interrupted
    assert resumed.calls < 53
    for name in ("manifest.json", "resources.jsonl"):
        assert (folder / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("virtualnetworks/vnet-hub-weu", "Microsoft.Network/virtualNetworks"),
        ("/servicetags", "Microsoft.Network/locations/serviceTags"),
        ("/agentpools", "Microsoft.ContainerService/managedClusters/agentPools"),
    ],
)
def test_what_failed_is_tried_again(
    arm: ArmServer, connection: Connection, tmp_path: Path, where: str, kind: str
) -> None:
    """A finished snapshot is resumed, too, to the bytes of a run in which nothing failed."""
    scope = LiveScope(subscriptions=(SPOKE,))
    folder = tmp_path / "estate"
    arm.faults.add(refuses(500), where=where)
    assert kind in {found for found, _ in status(collect(connection, scope, FolderWriter(folder, now=_now)))}
    arm.faults.clear()
    assert status(collect(connection, scope, FolderWriter(folder, now=_now), resume=True)) == {}
    collect(connection, scope, FolderWriter(tmp_path / "other", now=_now))
    for name in ("manifest.json", "resources.jsonl"):
        assert (folder / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


def test_calls_grow_with_what_exists(arm: ArmServer, tmp_path: Path) -> None:
    """Each further cluster of a subscription costs as many calls as the last one: lists are made once."""
    calls = []
    for number in (1, 2, 3):
        arm.reset()
        folder = tmp_path / str(number)
        folder.mkdir()
        arm.estate = Estate.of_folder(write_estate(folder, number, 1))
        connection = signed_in(arm)
        subscriptions = [item["subscriptionId"] for item in arm.estate.subscriptions()]
        calls.append(gather(connection, tmp_path / f"estate-{number}", *subscriptions).calls)
        connection.close()
    assert calls[2] - calls[1] == calls[1] - calls[0] > 0
