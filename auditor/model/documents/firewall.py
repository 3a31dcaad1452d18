"""Azure Firewalls, their policies, rule collection groups and IP groups (ARM-15..ARM-17)."""

from __future__ import annotations

from auditor.model.documents.fields import Fields
from auditor.model.documents.firewall_rules import CLASSIC, collection
from auditor.model.documents.library import Library, read
from auditor.model.documents.notes import INCONSISTENT
from auditor.model.firewall import Firewall, FirewallPolicy, IpGroup, RuleCollectionGroup
from auditor.model.snapshot import Document

FIREWALLS = "microsoft.network/azurefirewalls"
POLICIES = "microsoft.network/firewallpolicies"
GROUPS = f"{POLICIES}/rulecollectiongroups"
IP_GROUPS = "microsoft.network/ipgroups"
_TIERS = frozenset({"basic", "standard", "premium", ""})
_PLACES = frozenset({"azfw_vnet", "azfw_hub", ""})
_MODES = frozenset({"off", "alert", "deny"})
_PREVIEWS = ("afcConfiguration", "aiSecurityAddOn")
_PRIVATE_RANGES = "Network.SNAT.PrivateRanges"
_DNS_PROXY = "Network.DNS.EnableProxy"
_THREAT_ADDRESSES = "ThreatIntel.Whitelist.IpAddresses"
_THREAT_NAMES = "ThreatIntel.Whitelist.FQDNs"


def firewall(document: Document) -> Firewall:
    """A firewall of a virtual network or of a hub; a stopped one has no address (FW-1, FW-5)."""
    root = read(document)
    root.need_success()
    _note_previews(root)
    configurations = root.objects("ipConfigurations")
    for item in (*configurations, root.object("managementIpConfiguration")):
        item.need_success()
    hub_addresses = root.object("hubIPAddresses")
    private = [item.address("privateIPAddress") for item in (*configurations, hub_addresses)]
    subnets = (item.ref("subnet") for item in configurations)
    public_ids = (item.ref("publicIPAddress") for item in configurations)
    extra = root.object("additionalProperties")
    _need_kind(root)
    return Firewall(
        id=document.id,
        tier=root.object("sku").enum("tier", _TIERS, ""),
        hub=root.ref("virtualHub"),
        private_addresses=tuple(dict.fromkeys(found for found in private if found is not None)),
        public_addresses=_hub_public(hub_addresses),
        public_ip_ids=tuple(found for found in public_ids if found is not None),
        subnet=next((found for found in subnets if found is not None), None),
        management=root.has("managementIpConfiguration"),
        policy=root.ref("firewallPolicy"),
        classic=tuple(collection(item, kind) for name, kind in CLASSIC for item in root.objects(name)),
        threat_intel=root.enum("threatIntelMode", _MODES, "alert"),
        classic_threat_allowed_addresses=tuple(
            text
            for text in _comma_list(extra, _THREAT_ADDRESSES) or ()
            if extra.is_prefix(_THREAT_ADDRESSES, text)
        ),
        classic_threat_allowed_names=tuple(text.lower() for text in _comma_list(extra, _THREAT_NAMES) or ()),
        classic_private_ranges=_private_ranges(extra),
        classic_dns_proxy=_spelt_flag(extra, _DNS_PROXY),
        flaws=tuple(root.notes.flaws),
    )


def _need_kind(root: Fields) -> None:
    """Note a kind that nobody knows, and one that the rest of the document contradicts (FW-1, ARM-2)."""
    kind = root.object("sku").enum("name", _PLACES, "")
    for name, where in (("virtualHub", "azfw_hub"), ("ipConfigurations", "azfw_vnet")):
        if root.has(name) and kind in _PLACES - {"", where}:
            root.notes.add(INCONSISTENT, f"{root.path_of(name)} is set on a firewall of kind {kind}")


def _note_previews(root: Fields) -> None:
    """Note what is switched on and may act on any traffic, for all that is documented (FW-55)."""
    for name in _PREVIEWS:
        if root.raw(name) is not False:
            root.unknown(name, "a preview whose effect is not documented (FW-55)")


def _hub_public(addresses: Fields) -> tuple[str, ...]:
    """Public addresses of a hub firewall, in the current and in an older form."""
    items = (*addresses.object("publicIPs").objects("addresses"), *addresses.objects("publicIPAddresses"))
    found = (item.address("address") for item in items)
    return tuple(dict.fromkeys(address for address in found if address is not None))


def _comma_list(extra: Fields, name: str) -> tuple[str, ...] | None:
    """A comma separated list in `additionalProperties`, None when it is not set (FW-18, FW-44)."""
    text = extra.text(name)
    return None if text is None else tuple(part.strip() for part in text.split(",") if part.strip())


def _private_ranges(extra: Fields) -> tuple[str, ...] | None:
    found = _comma_list(extra, _PRIVATE_RANGES)
    return None if found is None else tuple(part for part in found if extra.is_term(_PRIVATE_RANGES, part))


def _spelt_flag(extra: Fields, name: str) -> bool | None:
    """`additionalProperties` holds texts: a boolean is spelt `true` there (FW-42)."""
    value = extra.raw(name)
    if value is None or isinstance(value, bool):
        return value
    text = extra.enum(name, frozenset({"true", "false"}), "false")
    return text == "true"


def policy(document: Document, library: Library) -> FirewallPolicy:
    """A policy; its groups are those it lists and those whose id lies below it (FW-54)."""
    root = read(document)
    root.need_success()
    _note_previews(root)
    listed = (*root.refs("ruleCollectionGroups"), *root.refs("ruleGroups"))
    below = tuple(item.id for item in library.under(document.id, GROUPS))
    allowed = root.object("threatIntelWhitelist")
    dns = root.object("dnsSettings")
    snat = root.object("snat")
    detection = root.object("intrusionDetection")
    overrides = detection.object("configuration").objects("signatureOverrides")
    proxy = root.object("explicitProxy")
    listening = (proxy.integer("httpPort"), proxy.integer("httpsPort"))
    return FirewallPolicy(
        id=document.id,
        tier=root.object("sku").enum("tier", _TIERS, ""),
        location=root.lower("location").replace(" ", ""),
        base=root.ref("basePolicy"),
        groups=tuple(dict.fromkeys((*listed, *below))),
        # A list that is null or lacks one that exists is no list of all.
        lists_groups="rulecollectiongroups" in root.names() and set(below) <= set(listed),
        threat_intel=root.enum("threatIntelMode", _MODES, "alert"),
        threat_allowed_addresses=allowed.prefixes("ipAddresses"),
        threat_allowed_names=tuple(text.lower() for text in allowed.texts("fqdns")),
        dns_proxy=dns.flag("enableProxy"),
        dns_servers=dns.addresses("servers"),
        idps=detection.enum("mode", _MODES, "off"),
        idps_overrides=tuple(dict.fromkeys(item.lower("mode") for item in overrides)),
        snat_private_ranges=None if snat.raw("privateRanges") is None else snat.terms("privateRanges"),
        snat_learned=snat.lower("autoLearnPrivateRanges") or None,
        certificate_authority=root.object("transportSecurity").has("certificateAuthority"),
        explicit_proxy=proxy.on("enableExplicitProxy"),
        explicit_proxy_ports=tuple(port for port in listening if port is not None and 0 < port < 65536),
        flaws=tuple(root.notes.flaws),
    )


def group(document: Document) -> RuleCollectionGroup:
    """A rule collection group; the order of rules in a collection is kept (FW-9)."""
    root = read(document)
    root.need_success()
    return RuleCollectionGroup(
        id=document.id,
        priority=root.required_integer("priority"),
        collections=tuple(collection(item, None) for item in root.objects("ruleCollections")),
        flaws=tuple(root.notes.flaws),
    )


def ip_group(document: Document) -> IpGroup:
    """An IP group: addresses, CIDRs and ranges (FW-38); only an empty list says that it was emptied (FW-40)."""
    root = read(document)
    root.need_success()
    addresses = root.prefixes("ipAddresses")
    listed = root.raw("ipAddresses")
    if listed is None or (isinstance(listed, list) and any(text == "" for text in map(_bare, listed))):
        root.notes.wrong(root.path_of("ipAddresses"), "addresses, CIDRs and ranges", listed)
    return IpGroup(id=document.id, addresses=addresses, flaws=tuple(root.notes.flaws))


def _bare(value: object) -> object:
    return value.strip() if isinstance(value, str) else value
