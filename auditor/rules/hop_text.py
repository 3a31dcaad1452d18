"""Hops as sentences: which device, which rule, what it did, and the clause that says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from auditor.model.estate import Estate
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.rules.firewall_chain import firewall_of, policy_chain
from auditor.rules.wording import quoted, shown

STAGES: tuple[Stage, ...] = tuple(Stage)
"""The order of V-3, in which hops are told."""

_STAGE_NOUNS: Mapping[Stage, str] = {
    Stage.ADMIN: "security admin rules",
    Stage.NIC_NSG: "network security group",
    Stage.SUBNET_NSG: "network security group",
    Stage.ROUTE: "route table",
    Stage.PEERING: "peering",
    Stage.HUB: "virtual hub",
    Stage.FIREWALL: "firewall",
    Stage.APPLIANCE: "appliance",
    Stage.PROXY: "HTTP proxy",
    Stage.EXIT: "way out",
}
_KIND_NOUNS: Mapping[str, str] = {
    "microsoft.network/azurefirewalls": "firewall",
    "microsoft.network/firewallpolicies": "firewall policy",
    "microsoft.network/firewallpolicies/rulecollectiongroups": "rule collection group",
    "microsoft.network/loadbalancers": "load balancer",
    "microsoft.network/natgateways": "NAT gateway",
    "microsoft.network/networkinterfaces": "network interface",
    "microsoft.network/networksecuritygroups": "network security group",
    "microsoft.network/publicipaddresses": "public IP address",
    "microsoft.network/publicipprefixes": "public IP prefix",
    "microsoft.network/routetables": "route table",
    "microsoft.network/virtualhubs": "virtual hub",
    "microsoft.network/virtualnetworkgateways": "virtual network gateway",
    "microsoft.network/virtualnetworks": "virtual network",
    "microsoft.network/virtualnetworks/subnets": "subnet",
    "microsoft.network/virtualnetworks/virtualnetworkpeerings": "peering",
    "microsoft.compute/virtualmachinescalesets": "scale set",
    "microsoft.containerservice/managedclusters": "cluster",
}
_VERBS: Mapping[Effect, str] = {
    Effect.ALLOW: "allows",
    Effect.DENY: "denies",
    Effect.DROP: "drops",
    Effect.FORWARD: "forwards",
    Effect.UNKNOWN: "may decide",
}
_FILTERS = frozenset(
    {Stage.ADMIN, Stage.NIC_NSG, Stage.SUBNET_NSG, Stage.FIREWALL, Stage.APPLIANCE, Stage.PROXY}
)


def resource_name(resource: ResourceId) -> str:
    """`firewall fw-hub`, `subnet snet-apps of vnet-spoke`."""
    noun = _KIND_NOUNS.get(resource.kind, "resource")
    parent = resource.parent
    return f"{noun} {shown(resource.name)}" + (f" of {shown(parent.name)}" if parent is not None else "")


def hop_subject(hop: Hop, estate: Estate) -> str:
    """The device that a hop speaks of; rules lie in groups of policies, yet it is the firewall that acts."""
    noun = _STAGE_NOUNS[hop.stage]
    if hop.resource is None:
        return noun
    firewall = firewall_of(estate, hop.resource) if hop.stage is Stage.FIREWALL else None
    if firewall is not None:
        return f"firewall {shown(firewall.id.name)}"
    if not hop.resource.startswith("/"):
        return f"{noun} {shown(hop.resource)}"
    resource = ResourceId(hop.resource)
    named = resource_name(resource) if resource.kind in _KIND_NOUNS else f"{noun} {shown(resource.name)}"
    return f"{named} (on the network interfaces)" if hop.stage is Stage.NIC_NSG else named


def hop_sentence(hop: Hop, estate: Estate) -> str:
    """What one hop does, in one sentence that names the device, the rule and the clause."""
    if hop.outcome is Effect.UNKNOWN:
        return _unknown_sentence(hop, estate)
    text = f"{hop_subject(hop, estate)}: {_deed(hop, estate)}"
    return f"{text} ({shown(hop.clause)})" if hop.clause and f"({hop.clause})" not in text else text


def _deed(hop: Hop, estate: Estate) -> str:
    detail = shown(hop.detail)
    if hop.rule is not None:
        rank = f" (priority {hop.priority})" if hop.priority is not None else ""
        if hop.stage in {Stage.FIREWALL, Stage.APPLIANCE} and shown(hop.rule).rpartition("/")[2] in detail:
            return f"{detail}{rank}"
        noun = "route" if hop.stage in {Stage.ROUTE, Stage.HUB} else "rule"
        told_already = shown(hop.rule) in detail
        more = f": {detail}" if detail and not told_already else ""
        return f"{noun} {quoted(hop.rule)}{rank} {_VERBS[hop.outcome]} it{more}"
    if hop.outcome.stops and hop.stage in _FILTERS:
        why = detail or _nothing_matches(hop, estate)
        return why if "by default" in why else f"{why}; denied by default"
    return detail or ("drops it" if hop.outcome.stops else "lets it through")


def _nothing_matches(hop: Hop, estate: Estate) -> str:
    """`no rule of policy fp-child or its parent fp-base matches`."""
    firewall = estate.firewalls.get(ResourceId(hop.resource)) if hop.resource is not None else None
    if firewall is None or firewall.policy is None:
        return "no rule matches"
    names = [shown(policy.name) for policy in policy_chain(estate, firewall.policy)]
    return (
        f"no rule of policy {names[0]}" + "".join(f" or its parent {name}" for name in names[1:]) + " matches"
    )


def _unknown_sentence(hop: Hop, estate: Estate) -> str:
    subject, detail = hop_subject(hop, estate), shown(hop.detail)
    if not detail:
        text = f"{subject}: what it does is not known"
    else:
        named = hop.resource is None or shown(ResourceId(hop.resource).name).lower() in detail.lower()
        text = detail if named else f"{subject}: {detail}"
    codes = [shown(code) for code in hop.codes if code not in text]
    return f"{text} ({', '.join(codes)})" if codes else text


def deciding_resource(hops: Iterable[Hop]) -> ResourceId | None:
    """The first resource that hops name by an ARM id; a described appliance has none."""
    texts = (hop.resource for hop in hops)
    return next((ResourceId(text) for text in texts if text is not None and text.startswith("/")), None)


def told(hops: Iterable[Hop]) -> tuple[Hop, ...]:
    """Hops that differ in device, rule or outcome, in the order of the stages along a path, then by name."""
    table: dict[tuple[int, str, str, str], Hop] = {}
    for hop in hops:
        resource = ResourceId(hop.resource).key if hop.resource is not None else ""
        table.setdefault((STAGES.index(hop.stage), resource, hop.rule or "", hop.outcome.value), hop)
    return tuple(table[key] for key in sorted(table))
