"""Whether replies to what a public load balancer brings in surely meet a firewall, or surely do not (UDR-51, V-6)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.audit.network import network_of
from auditor.model.finding import Finding, Problem, Status
from auditor.model.reading import Hints, TagMembers
from auditor.model.snapshot import Snapshot
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.problems_load_balancer import asymmetric_paths
from tests.cases_support.case_file import CASES, read_case
from tests.cases_support.estate import load_estate

RULE = "asymmetric-load-balancer-path"
TABLE = "routeTables/rt"
STATE = "properties.provisioningState"
DEFAULT = "properties.routes[default].properties"
SERVICE = "publicIPAddresses/pip-svc"
SPOKE = "virtualNetworks/spoke"
BALANCER = "loadBalancers/kubernetes"
WAY_AROUND = "silent"
"""The case in which a DNAT rule and a route of the firewall's address bring replies back."""
BROKEN = "fires"
"""The case in which nothing does."""
Edit = Mapping[str, Any]


def put(resource: str, path: str, value: Any) -> Edit:
    """An edit that sets one property."""
    return {"set": {"resource": resource, "path": path, "value": value}}


def edited(folder: Path, case: str, *edits: Edit) -> Snapshot:
    """A case's estate after some edits."""
    estate = load_estate("hub-spoke")
    estate.apply([*read_case(CASES / RULE / case / "case.yaml").edits, *edits])
    estate.write(folder / "snapshot")
    return load_snapshot(folder / "snapshot")


def found(folder: Path, case: str, *edits: Edit) -> Finding:
    """The one finding of the rule in a case's estate after some edits."""
    report = check(edited(folder, case, *edits), load_policy())
    (one,) = [finding for finding in report.findings if finding.rule == RULE]
    return one


@pytest.mark.parametrize(("case", "status"), [(WAY_AROUND, Status.PASS), (BROKEN, Status.FAIL)])
def test_what_was_read_decides(tmp_path: Path, case: str, status: Status) -> None:
    """The edits below start from a definite answer."""
    one = found(tmp_path, case)
    assert (one.status, one.reasons) == (status, ())


@pytest.mark.parametrize(
    ("edit", "reason", "told"),
    [
        ({"remove": TABLE}, "unreadable-resource", "route table rt: not in the list"),
        (put(TABLE, STATE, "Updating"), "not-succeeded", "Updating"),
        (put(TABLE, f"{DEFAULT}.nextHopType", "Tomorrow"), "enum-unknown", "0.0.0.0/0 -> tomorrow"),
    ],
)
def test_routes_that_are_not_known_are_no_way_past_the_firewall(
    tmp_path: Path, edit: Edit, reason: str, told: str
) -> None:
    """Not read, not settled and not understood never count as absent (V-6)."""
    one = found(tmp_path, BROKEN, edit)
    assert (one.status, one.reasons) == (Status.UNKNOWN, (reason,))
    assert "nobody can say where the nodes of subnet nodes send" in one.message
    assert told in one.message


def test_an_address_of_the_firewall_that_may_not_serve_translates_perhaps(tmp_path: Path) -> None:
    """Nobody says whether the DNAT rule at an address in update takes anything (V-6)."""
    one = found(tmp_path, WAY_AROUND, put("publicIPAddresses/pip-fw", STATE, "Updating"))
    assert (one.status, one.reasons) == (Status.UNKNOWN, ("not-succeeded",))


def test_without_any_translation_the_state_of_the_firewalls_address_changes_nothing(tmp_path: Path) -> None:
    """No rule leads to the load balancer, whichever addresses the firewall has."""
    one = found(tmp_path, BROKEN, put("publicIPAddresses/pip-fw", STATE, "Updating"))
    assert (one.status, one.reasons) == (Status.FAIL, ())


@pytest.mark.parametrize("case", [BROKEN, "fires-pool-of-addresses"])
def test_of_nodes_whose_network_was_not_read_nobody_knows_where_they_answer_to(
    tmp_path: Path, case: str
) -> None:
    """A load balancer names their interfaces or addresses of their network, and their subnet shows no routes (V-6)."""
    policy = load_policy()
    network = network_of(edited(tmp_path, case, {"remove": "virtualNetworks/spoke"}), policy)
    (cluster,) = network.estate.clusters
    paths = ClusterPaths(cluster, network, Hints(), TagMembers(), policy.reading)
    problems: list[Problem] = [
        problem
        for source in paths.sources
        for problem in asymmetric_paths(paths, source, paths.asked_from(source), policy.reading.assumed)
    ]
    (one,) = problems
    assert one.reasons == ("unreadable-resource",)
    assert "nobody can say where the nodes of subnet nodes send what they answer" in one.message


SET = "/subscriptions/app/resourceGroups/nodes/providers/Microsoft.Compute/virtualMachineScaleSets/"
ELSEWHERE = {
    "id": f"{SET}aks-sys-11111111-vmss/virtualMachines/0/networkInterfaces/nic0",
    "properties": {
        "provisioningState": "Succeeded",
        "ipConfigurations": [
            {
                "name": "ip",
                "properties": {
                    "privateIPAddress": "10.1.4.4",
                    "subnet": {"id": "${virtualNetworks/spoke}/subnets/pods"},
                },
            }
        ],
    },
}
WITHOUT_ROUTES = {"subnets": [{"name": "nodes", "properties": {"addressPrefix": "10.1.0.0/24"}}]}


@pytest.mark.parametrize(
    "edit",
    [{"copy": {"resource": SPOKE, "value": WITHOUT_ROUTES}}, {"add": ELSEWHERE}],
    ids=["subnet", "node"],
)
def test_documents_that_disagree_about_where_nodes_stand_decide_nothing(tmp_path: Path, edit: Edit) -> None:
    """One copy shows no route to the firewall, or an interface stands in another subnet than its pool (V-6, AKS-10)."""
    one = found(tmp_path, "fires-pool-of-addresses", edit)
    assert one.status is Status.UNKNOWN
    assert "snapshot-inconsistent" in one.reasons


# -- the frontend's address --------------------------------------------------------------------------------

SIXTH = {
    "merge": {"resource": SERVICE, "value": {"ipAddress": "2001:db8::5", "publicIPAddressVersion": "IPv6"}}
}
BOTH_FAMILIES = put(
    SPOKE, "properties.subnets[nodes].properties.addressPrefixes", ["10.1.0.0/24", "fd00:1::/64"]
)
PAST_THE_FIREWALL = put(TABLE, DEFAULT, {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"})
PREFIX = "/subscriptions/app/resourceGroups/nodes/providers/Microsoft.Network/publicIPPrefixes/six"
OF_A_PREFIX = put(
    BALANCER, "properties.frontendIPConfigurations[svc].properties", {"publicIPPrefix": {"id": PREFIX}}
)
SIXTH_PREFIX = {
    "provisioningState": "Succeeded",
    "ipPrefix": "2001:db8::/124",
    "publicIPAddressVersion": "IPv6",
}


@pytest.mark.parametrize(
    "edits",
    [
        (SIXTH,),
        (SIXTH, BOTH_FAMILIES),
        (SIXTH, PAST_THE_FIREWALL),
        ({"add": {"id": PREFIX, "properties": SIXTH_PREFIX}}, OF_A_PREFIX),
    ],
)
def test_a_route_for_0_0_0_0_says_nothing_of_an_ipv6_frontend(
    tmp_path: Path, edits: tuple[Edit, ...]
) -> None:
    """Replies to IPv6 clients take ::/0, whatever the route of IPv4 is (UDR-22)."""
    one = found(tmp_path, BROKEN, *edits)
    assert (one.status, one.reasons) == (Status.UNKNOWN, ("ipv6",))
    assert "(UDR-22)" in one.message


@pytest.mark.parametrize("families", [1, 2])
def test_an_unread_frontend_may_be_of_either_family_where_nodes_have_both(
    tmp_path: Path, families: int
) -> None:
    """Nodes without an IPv6 address answer by IPv4, and their way leads past the firewall."""
    edits = [{"remove": SERVICE}, PAST_THE_FIREWALL, BOTH_FAMILIES]
    one = found(tmp_path, BROKEN, *edits[: families + 1])
    assert one.status is (Status.PASS if families == 1 else Status.UNKNOWN)


# -- what a failure needs ----------------------------------------------------------------------------------

FIREWALL_ROUTE = "properties.routes[fw].properties"


def no_address(resource: str) -> Edit:
    return put(resource, "properties", {"provisioningState": "Succeeded"})


@pytest.mark.parametrize(
    ("case", "edit", "reason"),
    [
        (WAY_AROUND, put(TABLE, f"{FIREWALL_ROUTE}.provisioningState", "Failed"), "not-succeeded"),
        (WAY_AROUND, put(TABLE, f"{FIREWALL_ROUTE}.nextHopType", "Tomorrow"), "enum-unknown"),
        (BROKEN, put(SERVICE, STATE, "Failed"), "not-succeeded"),
        (WAY_AROUND, put(SERVICE, STATE, "Failed"), "not-succeeded"),
        (BROKEN, no_address(SERVICE), "unreadable-resource"),
        (BROKEN, {"remove": SERVICE}, "unreadable-resource"),
        (BROKEN, put("azureFirewalls/fw", STATE, "Failed"), "not-succeeded"),
        (WAY_AROUND, put("azureFirewalls/fw", STATE, "Failed"), "not-succeeded"),
        ("fires-translation-without-route", put("azureFirewalls/fw", STATE, "Failed"), "not-succeeded"),
    ],
)
def test_what_replies_need_and_nobody_knows_is_no_failure(
    tmp_path: Path, case: str, edit: Edit, reason: str
) -> None:
    """A route in no certain force, a frontend that may take nothing, a firewall that may drop nothing (V-6, FW-47)."""
    one = found(tmp_path, case, edit)
    assert (one.status, one.reasons) == (Status.UNKNOWN, (reason,))


@pytest.mark.parametrize("path", ["provisioningState", "nextHopType"])
def test_a_route_that_may_bring_replies_back_mends_no_missing_translation(tmp_path: Path, path: str) -> None:
    """Only what hangs on the route is open (V-6)."""
    edit = put(TABLE, f"{FIREWALL_ROUTE}.{path}", "Tomorrow")
    one = found(tmp_path, "fires-translation-of-another-service", edit)
    assert (one.status, one.reasons) == (Status.FAIL, ())


def test_a_frontend_that_may_take_nothing_is_told_so(tmp_path: Path) -> None:
    """The message does not say that clients get in."""
    one = found(tmp_path, BROKEN, put(SERVICE, STATE, "Failed"))
    assert "load balancer kubernetes may take connections to 20.50.9.1" in one.message
    assert "Failed" in one.message


def test_where_no_device_is_on_the_way_the_frontend_may_be_in_any_state(tmp_path: Path) -> None:
    """Replies to IPv4 clients leave directly, whatever they answer to."""
    one = found(tmp_path, BROKEN, put(SERVICE, STATE, "Failed"), PAST_THE_FIREWALL)
    assert one.status is Status.PASS


def test_a_balancer_that_is_not_understood_counts_where_it_serves_the_nodes(tmp_path: Path) -> None:
    """What it does with connections to them is open (V-6); one that serves others says nothing of these."""
    odd = put(BALANCER, "properties.outboundRules", [{"name": "odd", "properties": {"protocol": "All"}}])
    assert found(tmp_path / "serving", BROKEN, odd).status is Status.UNKNOWN
    others = {"id": "${loadBalancers/kubernetes}/backendAddressPools/others"}
    moved = put(BALANCER, "properties.loadBalancingRules[svc-TCP-80].properties.backendAddressPool", others)
    assert found(tmp_path / "other", BROKEN, odd, moved).status is Status.PASS


def test_of_two_routes_of_which_either_may_be_in_force_the_first_is_told(tmp_path: Path) -> None:
    """Which of them holds is open (UDR-20); the one that is told stands first in the table."""
    other = {"nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.1.9", "addressPrefix": "0.0.0.0/0"}
    again = {
        "append": {
            "resource": TABLE,
            "path": "properties.routes",
            "value": {"name": "again", "properties": other},
        }
    }
    one = found(tmp_path, BROKEN, again)
    assert one.status is Status.UNKNOWN
    assert [hop.rule for hop in one.evidence] == ["default"]
