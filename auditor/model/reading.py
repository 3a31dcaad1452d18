"""What is assumed, what is hinted and what the user described: the plain records that policy hands to paths."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from auditor.netset.address import AddressSet

ASSUMABLE: tuple[str, ...] = (
    "admin-rules-not-read",
    "nic-nsg-unread",
    "internet-tag-ambiguous",
    "vnet-tag-default-route",
    "bgp-routes-unknown",
    "none-route-undocumented",
    "default-outbound-unverified",
    "infrastructure-rules",
    "threat-intel-deny",
    "idps-deny",
    "peering-forwarding",
    "fqdn-tag-opaque",
    "fqdn-rule-address",
    "address-unlisted",
    "address-by-tag",
    "address-pinned",
    "dns-proxy-tcp",
    "proxy-destination",
)
"""Every code that a reading may assume, in the order in which a minimal set is looked for (design: verdicts)."""

ASSUMPTIONS: Mapping[str, str] = {
    "admin-rules-not-read": "no Virtual Network Manager admin rule changes the answer",
    "nic-nsg-unread": "AKS's own NIC-level network security group does not restrict egress",
    "internet-tag-ambiguous": "a rule that names the Internet tag works for what user routes name, 0.0.0.0/0 included",
    "vnet-tag-default-route": "AllowVnetOutBound also admits private destinations that a 0/0 route carries",
    "bgp-routes-unknown": "no learned route takes public destinations away from the route chosen from what was read",
    "none-route-undocumented": "the undocumented None routes of the platform do not exist",
    "default-outbound-unverified": "an exit that was not read exists",
    "infrastructure-rules": "the firewall's built-in collection does not serve the name asked",
    "threat-intel-deny": "the firewall's threat intelligence does not block the destination",
    "idps-deny": "the firewall's intrusion prevention does not block the flow",
    "peering-forwarding": "replies pass a peering without allowForwardedTraffic",
    "fqdn-tag-opaque": "the firewall's AzureKubernetesService tag holds exactly the FQDN rows of the newest edition",
    "fqdn-rule-address": "an FQDN network rule matches its own name only",
    "address-unlisted": "the name's addresses are not among the few addresses that are treated differently",
    "address-by-tag": "the name's addresses are those of its service tag",
    "address-pinned": "the name's addresses are those that the user pinned",
    "dns-proxy-tcp": "the firewall's DNS proxy answers TCP 53 without a rule",
    "proxy-destination": "the cluster's HTTP proxy admits the endpoint",
}
"""What each code says, for people."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The codes that are assumed; everything else that is open makes an answer `unknown`."""

    assumed: frozenset[str] = frozenset(ASSUMABLE)

    def without(self, *codes: str) -> Reading:
        """The reading that does not assume `codes`."""
        return Reading(self.assumed.difference(codes))


DEFAULT = Reading()
STRICT = Reading(frozenset())


@dataclass(frozen=True, slots=True)
class NameHint:
    """Where a name's addresses may lie (design: names and addresses)."""

    tags: tuple[str, ...] = ()
    """Service tags whose union holds the addresses; empty when no map row fits."""
    grade: str = "none"
    """`named`, `service`, `description` or `none`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplianceRule:
    """One rule of a third-party appliance as the user describes it; first match decides."""

    name: str
    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    """Addresses, CIDRs, ranges, `*`, or names and name patterns."""
    protocols: tuple[str, ...]
    """`tcp`, `udp`, `icmp`, `http`, `https`, `mssql`, `any`."""
    ports: tuple[str, ...]
    allow: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """A next hop that Azure cannot describe, described by the user."""

    address: str
    name: str
    rules: tuple[ApplianceRule, ...]
    default_allow: bool
    place: str
    """The file that describes it."""


@dataclass(frozen=True, slots=True)
class TagMembers:
    """The names that the AzureKubernetesService FQDN tag is taken to hold (code `fqdn-tag-opaque`)."""

    definite: tuple[str, ...] = ()
    """Name patterns of the required and recommended rows of the newest edition, for the cluster's cloud and region."""
    doubtful: tuple[str, ...] = ()
    """Name patterns of add-on rows: never assumed either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """Everything that policy fills from files for the questions of one audit."""

    names: Mapping[str, NameHint] = field(default_factory=dict)
    """By name or pattern as asked, in lower case, with the region filled in."""
    pins: Mapping[str, AddressSet] = field(default_factory=dict)
    """The user's `--addresses`: by name in lower case."""
    appliances: Mapping[str, Appliance] = field(default_factory=dict)
    """By next-hop address."""
