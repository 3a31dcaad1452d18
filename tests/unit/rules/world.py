"""A small hub and spoke in records, for the tests of rules: build it, then change what a test is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster, Endpoint, Finding, From
from auditor.model.firewall import (
    ApplicationRule,
    Firewall,
    FirewallPolicy,
    IpGroup,
    NetworkRule,
    RuleCollection,
    RuleCollectionGroup,
)
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import Route, RouteTable
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage, Verdict
from tests.unit.plain_records import plain_cluster, plain_firewall

SUBSCRIPTION = "00000000-0000-0000-0000-000000000001"


def rid(path: str, group: str = "rg-net") -> ResourceId:
    return ResourceId(f"/subscriptions/{SUBSCRIPTION}/resourceGroups/{group}/providers/{path}")


CLUSTER = rid("Microsoft.ContainerService/managedClusters/aks-payments", "rg-aks")
VNET = rid("Microsoft.Network/virtualNetworks/vnet-spoke")
APPS = ResourceId(f"{VNET}/subnets/snet-apps")
SYS = ResourceId(f"{VNET}/subnets/snet-sys")
NSG = rid("Microsoft.Network/networkSecurityGroups/nsg-apps")
TABLE = rid("Microsoft.Network/routeTables/rt-spoke")
FIREWALL = rid("Microsoft.Network/azureFirewalls/fw-hub", "rg-hub")
CHILD = rid("Microsoft.Network/firewallPolicies/fp-child", "rg-hub")
BASE = rid("Microsoft.Network/firewallPolicies/fp-base", "rg-hub")
GROUP = ResourceId(f"{CHILD}/ruleCollectionGroups/rcg-aks")
IP_GROUP = rid("Microsoft.Network/ipGroups/ipg-nodes", "rg-hub")

FROM_APPS = From(pool="apps", subnet=APPS)
FROM_SYS = From(pool="sys", subnet=SYS)

MCR = "mcr.microsoft.com:443/https"
DATA = "*.data.mcr.microsoft.com:443/https"


def cluster(**changes: Any) -> Cluster:
    """A cluster behind its own routes, of which every dependency was read."""
    values: dict[str, Any] = {
        "id": CLUSTER,
        "name": "aks-payments",
        "node_resource_group": "MC_rg-aks_aks-payments_westeurope",
        "dependencies": (),
    }
    return plain_cluster(**(values | changes))


def subnet(identity: ResourceId, prefix: str, **changes: Any) -> Subnet:
    values: dict[str, Any] = {
        "id": identity,
        "flaws": (),
        "prefixes": (prefix,),
        "security_group": NSG,
        "route_table": TABLE,
        "nat_gateway": None,
        "service_endpoints": (),
        "default_outbound": None,
        "delegations": (),
        "private_endpoint_policies": "disabled",
        "service_gateway": False,
    }
    return Subnet(**(values | changes))


def network(*subnets: Subnet, dns_servers: tuple[str, ...] = ()) -> VirtualNetwork:
    return VirtualNetwork(
        id=VNET,
        flaws=(),
        location="westeurope",
        prefixes=("10.1.0.0/16",),
        dns_servers=dns_servers,
        subnets=subnets,
        peerings=(),
        public_nat_gateway=False,
    )


def application_rule(name: str, *fqdns: str, source_groups: tuple[ResourceId, ...] = ()) -> ApplicationRule:
    return ApplicationRule(
        name=name,
        sources=() if source_groups else ("10.1.0.0/16",),
        source_groups=source_groups,
        protocols=(("https", 443),),
        fqdns=fqdns,
        urls=(),
        fqdn_tags=(),
        web_categories=(),
        destinations=(),
        terminate_tls=False,
        preview_selector=False,
    )


def network_rule(name: str, *destinations: str, fqdns: tuple[str, ...] = ()) -> NetworkRule:
    return NetworkRule(
        name=name,
        sources=("10.1.0.0/16",),
        source_groups=(),
        protocols=("udp",),
        destinations=destinations,
        destination_groups=(),
        fqdns=fqdns,
        ports=("123",),
        preview_selector=False,
    )


def collection(
    name: str, priority: int, *rules: ApplicationRule | NetworkRule, action: str = "allow"
) -> RuleCollection:
    return RuleCollection(name=name, priority=priority, action=action, rules=rules)


REQUIRED = collection(
    "aks-required", 200, application_rule("mcr", "mcr.microsoft.com", "login.microsoftonline.com")
)
OTHER = collection("other", 150, application_rule("web", "example.com"))
NETWORK = collection("aks-network", 210, network_rule("ntp", "*"))


def group(*collections: RuleCollection, identity: ResourceId = GROUP) -> RuleCollectionGroup:
    return RuleCollectionGroup(id=identity, flaws=(), priority=300, collections=collections)


def policy(identity: ResourceId, base: ResourceId | None = None, *groups: ResourceId) -> FirewallPolicy:
    return FirewallPolicy(
        id=identity,
        flaws=(),
        tier="standard",
        base=base,
        groups=groups,
        threat_intel="alert",
        threat_allowed_addresses=(),
        threat_allowed_names=(),
        dns_proxy=None,
        dns_servers=(),
        idps="off",
        snat_private_ranges=None,
        snat_learned=None,
        certificate_authority=False,
        explicit_proxy=False,
    )


def firewall(**changes: Any) -> Firewall:
    values: dict[str, Any] = {"id": FIREWALL, "private_addresses": ("10.0.0.4",), "policy": CHILD}
    return plain_firewall(**(values | changes))


def security_rule(name: str, priority: int, access: str = "deny", *, default: bool = False) -> SecurityRule:
    return SecurityRule(
        name=name,
        priority=priority,
        direction="outbound",
        access=access,
        protocol="*",
        sources=("*",),
        source_groups=(),
        source_ports=("*",),
        destinations=("Internet",),
        destination_groups=(),
        destination_ports=("*",),
        default=default,
    )


def route(name: str, prefix: str, hop: str, *addresses: str) -> Route:
    return Route(name=name, prefix=prefix, hop=hop, addresses=addresses, bgp_override=False)


DEFAULT_ROUTE = route("default", "0.0.0.0/0", "virtualappliance", "10.0.0.4")


def table(*routes: Route, identity: ResourceId = TABLE) -> RouteTable:
    return RouteTable(id=identity, flaws=(), routes=routes, propagation_off=True, peering_routes_off=False)


def estate(**changes: Any) -> Estate:
    """The hub and spoke; a keyword replaces one table of the Estate."""
    values: dict[str, Any] = {
        "snapshot": Snapshot(
            documents={}, reads=(), has_manifest=False, cloud="public", collected=None, sources=("test",)
        ),
        "networks": {VNET: network(subnet(APPS, "10.1.1.0/24"), subnet(SYS, "10.1.0.0/24"))},
        "security_groups": {
            NSG: SecurityGroup(id=NSG, flaws=(), rules=(security_rule("deny-internet", 4000),))
        },
        "route_tables": {TABLE: table(DEFAULT_ROUTE)},
        "firewalls": {FIREWALL: firewall()},
        "policies": {CHILD: policy(CHILD, BASE, GROUP), BASE: policy(BASE)},
        "groups": {GROUP: group(OTHER, REQUIRED, NETWORK)},
        "ip_groups": {IP_GROUP: IpGroup(id=IP_GROUP, flaws=(), addresses=("10.1.0.0/16",))},
    }
    return Estate(**(values | changes))


def hop(stage: Stage, outcome: Effect, **changes: Any) -> Hop:
    values: dict[str, Any] = {
        "stage": stage,
        "resource": None,
        "rule": None,
        "priority": None,
        "outcome": outcome,
        "clause": "",
    }
    return Hop(**(values | changes))


FIREWALL_DENY = hop(Stage.FIREWALL, Effect.DENY, resource=str(FIREWALL), clause="FW-6")
NSG_DENY = hop(
    Stage.SUBNET_NSG, Effect.DENY, resource=str(NSG), rule="deny-internet", priority=4000, clause="NSG-4"
)
ROUTE_HOP = hop(Stage.ROUTE, Effect.FORWARD, resource=str(TABLE), rule="default", clause="UDR-2")
OPAQUE = hop(
    Stage.APPLIANCE,
    Effect.UNKNOWN,
    clause="UDR-16",
    detail='next hop 10.9.0.4 of route "default" (rt-gpu) is no device in this snapshot',
    codes=("nva-opaque",),
)
LOAD_BALANCER_EXIT = hop(
    Stage.EXIT,
    Effect.ALLOW,
    resource=str(rid("Microsoft.Network/loadBalancers/kubernetes", "mc_rg")),
    clause="UDR-41",
)


def piece(outcome: Outcome, *hops: Hop, **changes: Any) -> Piece:
    values: dict[str, Any] = {
        "sources": ("10.1.1.0/24",),
        "destinations": ("1.0.0.0/8",),
        "addresses": 1 << 24,
        "verdict": outcome,
        "hops": hops,
        "blockers": tuple(item for item in hops if item.outcome.stops),
    }
    return Piece(**(values | changes))


def verdict(*pieces: Piece, outcome: Outcome | None = None, **changes: Any) -> Verdict:
    values: dict[str, Any] = {"assumptions": (), "reasons": (), "pieces": pieces}
    return Verdict(outcome=outcome if outcome is not None else pieces[0].verdict, **(values | changes))


ALLOWED = verdict(piece(Outcome.ALLOWED, ROUTE_HOP))
BLOCKED = verdict(piece(Outcome.BLOCKED, ROUTE_HOP, FIREWALL_DENY))
UNKNOWN = verdict(piece(Outcome.UNKNOWN, OPAQUE, reasons=("nva-opaque",)), reasons=("nva-opaque",))


def endpoint(to: str = MCR, answer: Verdict | None = BLOCKED, **changes: Any) -> Endpoint:
    values: dict[str, Any] = {
        "id": to,
        "to": to,
        "level": "required",
        "applies": True,
        "condition": "always",
        "purpose": "pull images",
        "breaks": "nodes do not start",
        "origin": ("aks-2026-06-18",),
        "asked_from": FROM_APPS,
        "verdict": answer,
    }
    return Endpoint(**(values | changes))


def audited(*endpoints: Endpoint, **changes: Any) -> AuditedCluster:
    values: dict[str, Any] = {
        "cluster": cluster(),
        "estate": estate(),
        "sources": (FROM_SYS, FROM_APPS),
        "endpoints": endpoints,
    }
    return AuditedCluster(**(values | changes))


def statuses(findings: Sequence[Finding]) -> list[tuple[str, str | None]]:
    return [(finding.status.value, finding.endpoint) for finding in findings]
