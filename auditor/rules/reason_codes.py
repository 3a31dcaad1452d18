"""Every reason of an `unknown` for people: what it means, and how to supply what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.rules.wording import shown


@dataclass(frozen=True, slots=True)
class Supply:
    """One reason code for people."""

    meaning: str
    how: str
    """May name `{address}` (of the next hop), `{resource}` and `{name}` (of the endpoint)."""


SUPPLIES: Mapping[str, Supply] = {
    "unreadable-resource": Supply(
        "a resource on the path was not read",
        "collect {resource} with an identity that may read it, or add a snapshot that holds it with --snapshot",
    ),
    "snapshot-inconsistent": Supply(
        "two copies of one resource disagree", "collect {resource} again, so that one copy of it remains"
    ),
    "not-succeeded": Supply(
        "the last change of a resource did not succeed",
        "bring {resource} to the provisioning state Succeeded, then collect again",
    ),
    "enum-unknown": Supply(
        "a property holds a value that this version does not know",
        "use a newer egress-audit, or mend {resource}",
    ),
    "tag-snapshot-missing": Supply(
        "a rule names a service tag whose addresses were not read",
        "--service-tags FILE with the list that the command prints",
    ),
    "nva-opaque": Supply(
        "the next hop is a device that Azure cannot describe",
        "--appliance FILE describing {address}, or collect the subscription that holds it",
    ),
    "next-hop-dangling": Supply(
        "nothing holds the next hop's address",
        "point the route to a device that exists, or collect the subscription that holds {address}",
    ),
    "fqdn-dns-consistency": Supply(
        "a network rule names it, and the nodes may resolve another address than the firewall does",
        "turn on the firewall's DNS proxy and make it the network's only DNS server, or use an application rule",
    ),
    "fqdn-address-unknown": Supply(
        "the name's addresses are not known, and the path treats addresses differently",
        "--addresses FILE with the addresses of {name}",
    ),
    "condition-unknown": Supply(
        "whether the cluster needs it depends on a fact that was not read", "collect what the condition reads"
    ),
    "web-category-opaque": Supply(
        "a firewall rule decides by web category, whose members are not published",
        "allow {name} by an application rule that names it, before the category rule",
    ),
    "gateway-onprem": Supply(
        "the traffic leaves through a gateway to a network outside Azure",
        "no document of Azure tells what that network does: probe {name} from a node",
    ),
    "hub-routing-opaque": Supply(
        "how the Virtual WAN hub routes cannot be told from what was read",
        "collect {resource} with its connections, route tables and routing intent, or add them with --snapshot",
    ),
    "tls-inspection": Supply(
        "the firewall opens TLS, and what it then matches is not known",
        "exempt {name} from TLS inspection by an application rule of its own",
    ),
    "ipv6": Supply("how the path treats IPv6 is not documented", "probe {name} over IPv6 from a node"),
    "asg-members-unknown": Supply(
        "a rule names an application security group whose members were not read",
        "collect the network interfaces of the node resource group",
    ),
    "protocol-coverage": Supply(
        "whether a rule covers this protocol is not documented", "name the protocol in the rule of {resource}"
    ),
    "pe-route-override": Supply(
        "a route and a private endpoint compete for the address",
        "probe {name} from a node to see which one wins",
    ),
    "se-override": Supply(
        "a route and a service endpoint compete for the address",
        "probe {name} from a node to see which one wins",
    ),
    "nat-unverified": Supply(
        "the NAT gateway's public addresses were not read", "collect {resource} and its public addresses"
    ),
    "same-region-storage": Supply(
        "a private subnet may still reach storage of its own region", "probe {name} from a node"
    ),
    "smtp-platform": Supply(
        "the platform blocks mail on port 25 for some subscriptions",
        "ask Azure support whether port 25 is open",
    ),
    "fw-feature-tier": Supply(
        "the firewall's tier does not support what its rule asks for",
        "mend the rule or change the tier of {resource}",
    ),
    "ordering-undocumented": Supply(
        "two rule collections have one priority, and their order is not documented",
        "give the collections of {resource} different priorities",
    ),
    "pool-coverage": Supply(
        "nodes may come up in subnets that no node pool lists", "name the subnets of auto-provisioned nodes"
    ),
    "gateway-pool": Supply(
        "some pods may leave through the static egress gateway",
        "probe {name} from a pod that uses the gateway",
    ),
    "preview-selector": Supply(
        "a firewall rule uses a preview selector that is not documented",
        "write the rule of {resource} without it",
    ),
    "admin-rules-not-read": Supply(
        "Virtual Network Manager's admin rules were not read",
        "collect the admin rules of the virtual network",
    ),
    "nic-nsg-unread": Supply(
        "the network interfaces' security groups were not read", "collect the node resource group"
    ),
    "internet-tag-ambiguous": Supply(
        "what the Internet tag means beside a default route is not documented",
        "deny `*` instead of Internet, or probe {name} from a node",
    ),
    "vnet-tag-default-route": Supply(
        "beside a default route the VirtualNetwork tag may hold every address",
        "name the network's prefixes instead of VirtualNetwork in the rule of {resource}",
    ),
    "bgp-routes-unknown": Supply(
        "routes learned from a gateway were not read",
        "turn off gateway route propagation in the subnet's route table, or compare the effective routes of a node",
    ),
    "none-route-undocumented": Supply(
        "the platform may drop some public addresses",
        "no document settles it: probe {name} from a node",
    ),
    "default-outbound-unverified": Supply(
        "whether the platform gives a way out was not read",
        "collect the network interfaces and load balancers of the nodes",
    ),
    "infrastructure-rules": Supply(
        "the firewall's built-in rules may serve the name", "allow {name} by a rule of its own"
    ),
    "threat-intel-deny": Supply(
        "threat intelligence may deny it", "add {name} to the threat intelligence allow list of {resource}"
    ),
    "idps-deny": Supply("intrusion prevention may drop it", "add a bypass for {name} to {resource}"),
    "peering-forwarding": Supply(
        "a peering does not allow forwarded traffic", "set allowForwardedTraffic on {resource}"
    ),
    "fqdn-tag-opaque": Supply(
        "whether an FQDN tag in a rule of the firewall holds this name is not published",
        "allow {name} by a rule that names it",
    ),
    "fqdn-rule-address": Supply(
        "a network rule with another name may share its addresses",
        "--addresses FILE with the addresses of both names",
    ),
    "address-unlisted": Supply(
        "a few of the addresses that the name may have are treated differently",
        "--addresses FILE with the addresses of {name}",
    ),
    "address-by-tag": Supply(
        "the name's addresses are known by its service tag only",
        "--addresses FILE with the addresses of {name}",
    ),
    "address-pinned": Supply(
        "the name's addresses are known by the pins of the user only",
        "drop --strict to take the pins as given",
    ),
    "dns-proxy-tcp": Supply(
        "whether the firewall's DNS proxy answers TCP is not documented",
        "allow TCP 53 by a rule, or probe it from a node",
    ),
    "proxy-destination": Supply(
        "what the HTTP proxy admits is not known", "probe {name} through the proxy from a node"
    ),
}
"""Every reason code; `uncertain:<clause>` is answered apart."""


def meaning_of(code: str) -> str:
    """What a reason code says, for people."""
    if code in SUPPLIES:
        return SUPPLIES[code].meaning
    if code.startswith("uncertain:"):
        return f"Azure's documents leave {shown(code.partition(':')[2])} open"
    return shown(code)
