"""Azure Firewall: the device, its policy chain and its rules (FW-1..FW-57)."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.gap import Flaw
from auditor.model.resource_id import ResourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRule:
    """Matches by address, port and IP protocol (FW-35..FW-41)."""

    name: str
    sources: tuple[str, ...]
    source_groups: tuple[ResourceId, ...]
    protocols: tuple[str, ...]
    """`tcp`, `udp`, `icmp`, `any`, lower case."""
    destinations: tuple[str, ...]
    """`*`, addresses, CIDRs, ranges and service tags."""
    destination_groups: tuple[ResourceId, ...]
    fqdns: tuple[str, ...]
    """Plain names in lower case without a trailing dot."""
    ports: tuple[str, ...]
    preview_selector: bool
    """Uses a selector whose meaning is not documented (FW-55)."""
    odd_fqdns: tuple[str, ...] = ()
    """Texts that stand among the names and are none: what they match is not known (FW-41)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationRule:
    """Matches by name: Host header or TLS SNI (FW-20..FW-34)."""

    name: str
    sources: tuple[str, ...]
    source_groups: tuple[ResourceId, ...]
    protocols: tuple[tuple[str, int], ...]
    """(`http` | `https` | `mssql`, port) pairs, OR-ed (FW-24); none: any, for all that is known (FW-20)."""
    fqdns: tuple[str, ...]
    urls: tuple[str, ...]
    fqdn_tags: tuple[str, ...]
    web_categories: tuple[str, ...]
    destinations: tuple[str, ...]
    terminate_tls: bool
    preview_selector: bool
    headers: tuple[str, ...] = ()
    """Each HTTP header that it inserts, as text that is equal for equal ones (FW-20)."""

    @property
    def names_targets(self) -> bool:
        """Whether it says by any of its lists what it is about; a preview selector may stand in their place (FW-55)."""
        return bool(self.fqdns or self.urls or self.fqdn_tags or self.web_categories)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatRule:
    """Translates traffic addressed to the firewall itself (FW-17)."""

    name: str
    destinations: tuple[str, ...]
    ports: tuple[str, ...]
    protocols: tuple[str, ...]
    sources: tuple[str, ...] = ()
    source_groups: tuple[ResourceId, ...] = ()
    """IP groups; with no sources at all it matches nothing (FW-25)."""
    translated: str | None = None
    """The address, or the name, that it is translated to."""
    translated_port: str | None = None


Rule = NetworkRule | ApplicationRule | NatRule


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCollection:
    """Rules with one action; they run top-down in array order (FW-9)."""

    name: str
    priority: int
    action: str
    """`allow`, `deny` or `dnat`, lower case."""
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleCollectionGroup:
    """A child resource of a policy that holds rule collections (FW-8, FW-54)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    priority: int
    collections: tuple[RuleCollection, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallPolicy:
    """A firewall policy; `groups` are ids, each group is read apart (FW-54)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    tier: str
    """`basic`, `standard` or `premium`, lower case; empty where the document does not say."""
    base: ResourceId | None
    groups: tuple[ResourceId, ...]
    lists_groups: bool = False
    """Its document has a list of them, and no document below it is missing there (FW-54, V-6)."""
    threat_intel: str
    """`off`, `alert` or `deny`, lower case; Azure's default is alert."""
    threat_allowed_addresses: tuple[str, ...]
    threat_allowed_names: tuple[str, ...]
    dns_proxy: bool | None
    """`dnsSettings.enableProxy`; None when the policy does not say (FW-42)."""
    dns_servers: tuple[str, ...]
    idps: str
    """`off`, `alert` or `deny`, lower case (FW-19)."""
    snat_private_ranges: tuple[str, ...] | None
    """`snat.privateRanges`; None when the policy does not say, empty when it has an empty list (FW-44)."""
    snat_learned: str | None
    """`snat.autoLearnPrivateRanges`, lower case; None when it is not set (FW-44)."""
    certificate_authority: bool
    explicit_proxy: bool
    location: str = ""
    """Its region in lower case without spaces; empty where the document does not say."""
    idps_overrides: tuple[str, ...] = ()
    """The modes that signatures have of their own, lower case; an empty one where none is written (FW-19)."""
    explicit_proxy_ports: tuple[int, ...] = ()
    """Ports that the explicit proxy listens on; empty with the proxy on means that they are not known (FW-51)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firewall:
    """An Azure Firewall in a virtual network or a Virtual WAN hub (FW-1)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    tier: str
    """As of a policy."""
    hub: ResourceId | None
    """The virtual hub, for a hub firewall."""
    private_addresses: tuple[str, ...]
    public_addresses: tuple[str, ...]
    """Public addresses known by value (hub firewalls); VNet firewalls name public IP resources."""
    public_ip_ids: tuple[ResourceId, ...]
    subnet: ResourceId | None
    management: bool
    """Has a management IP configuration (FW-45)."""
    policy: ResourceId | None
    classic: tuple[RuleCollection, ...]
    """Classic rule collections on the firewall itself (FW-2, FW-10)."""
    threat_intel: str
    classic_private_ranges: tuple[str, ...] | None
    classic_dns_proxy: bool | None
    classic_threat_allowed_addresses: tuple[str, ...] = ()
    """What threat intelligence spares without a policy (FW-18)."""
    classic_threat_allowed_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IpGroup:
    """A named list of addresses that rules refer to (FW-40)."""

    id: ResourceId
    flaws: tuple[Flaw, ...]
    addresses: tuple[str, ...]
