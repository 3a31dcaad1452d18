"""Rule collections of Azure Firewall, in policies and in the classic form (FW-9, FW-20, FW-35)."""

from __future__ import annotations

import json

from auditor.model.documents.fields import Fields
from auditor.model.documents.forms import host_name
from auditor.model.firewall import ApplicationRule, NatRule, NetworkRule, Rule, RuleCollection

_ACTIONS = frozenset({"allow", "deny", "dnat"})
_PROTOCOLS = frozenset({"tcp", "udp", "icmp", "any"})
_APPLICATIONS = frozenset({"http", "https", "mssql"})
_FILTER, _NAT = "firewallpolicyfilterrulecollection", "firewallpolicynatrulecollection"
_COLLECTION_TYPES = frozenset({_FILTER, _NAT})
_RULE_TYPES = {"networkrule": "network", "applicationrule": "application", "natrule": "nat"}
_PREVIEW = (
    "sourceKubeSelectorGroups",
    "kubeSelectorGroups",
    "sourceGeoLocations",
    "destinationGeoLocations",
    "afcConfiguration",
    "aiSecurityAddOn",
)
CLASSIC = (
    ("networkRuleCollections", "network"),
    ("applicationRuleCollections", "application"),
    ("natRuleCollections", "nat"),
)


def collection(fields: Fields, kind: str | None) -> RuleCollection:
    """One collection; `kind` is that of all its rules in a classic one, None where each rule says its own."""
    fields.need_success()
    # Each rule of a policy says its own kind, so a collection without one can still be read (FW-11).
    own = fields.enum("ruleCollectionType", _COLLECTION_TYPES, _FILTER) if kind is None else None
    nat = kind == "nat" or own == _NAT
    action = fields.object("action").enum("type", _ACTIONS, "dnat" if nat else "")
    rules = (_rule(item, kind or _own_kind(item, nat=nat)) for item in fields.objects("rules"))
    return RuleCollection(
        name=fields.title(),
        priority=fields.required_integer("priority"),
        action=action,
        rules=tuple(rule for rule in rules if rule is not None),
    )


def _own_kind(item: Fields, *, nat: bool) -> str | None:
    """The kind that a policy's rule gives itself (FW-11); an unknown one is noted."""
    written = item.lower("ruleType", "natrule" if nat else "")
    kind = _RULE_TYPES.get(written)
    if kind is None:
        item.notes.wrong(item.path_of("ruleType"), "NetworkRule, ApplicationRule or NatRule", written or None)
    return kind


def _rule(item: Fields, kind: str | None) -> Rule | None:
    match kind:
        case "network":
            return _network_rule(item)
        case "application":
            return _application_rule(item)
        case "nat":
            return _nat_rule(item)
        case _:
            return None


def _network_rule(item: Fields) -> NetworkRule:
    written = _names(item, "destinationFqdns")
    rule = NetworkRule(
        name=item.title(),
        sources=item.terms("sourceAddresses"),
        source_groups=item.refs("sourceIpGroups"),
        protocols=_protocols(item),
        destinations=item.terms("destinationAddresses"),
        destination_groups=item.refs("destinationIpGroups"),
        fqdns=tuple(name for name in map(host_name, written) if name is not None),
        odd_fqdns=tuple(text for text in written if host_name(text) is None),
        ports=item.ports("destinationPorts", item.texts("destinationPorts")),
        preview_selector=_preview(item),
    )
    _need(item, "ipProtocols", rule.protocols)
    # They do not count for ICMP (FW-37).
    _need(item, "destinationPorts", rule.ports or set(rule.protocols) == {"icmp"})
    named = rule.destinations or rule.destination_groups or written or rule.preview_selector
    _need(item, "destinationAddresses", named)
    return rule


def _application_rule(item: Fields) -> ApplicationRule:
    pairs = (_application_protocol(pair) for pair in item.objects("protocols"))
    rule = ApplicationRule(
        name=item.title(),
        sources=item.terms("sourceAddresses"),
        source_groups=item.refs("sourceIpGroups"),
        protocols=tuple(pair for pair in pairs if pair is not None),
        fqdns=_names(item, "targetFqdns"),
        urls=_names(item, "targetUrls"),
        fqdn_tags=item.texts("fqdnTags"),
        web_categories=item.texts("webCategories"),
        destinations=item.terms("destinationAddresses"),
        terminate_tls=item.on("terminateTLS"),
        preview_selector=_preview(item),
        headers=_headers(item),
    )
    _need(item, "targetFqdns", rule.names_targets or rule.preview_selector)
    return rule


def _need(item: Fields, name: str, value: object) -> None:
    """Note a rule that lacks a field: nobody says whether it then matches nothing or everything (FW-20, FW-35)."""
    if not value:
        item.notes.wrong(item.path_of(name), "a value", None)


def _nat_rule(item: Fields) -> NatRule:
    port = item.raw("translatedPort")
    return NatRule(
        name=item.title(),
        destinations=item.terms("destinationAddresses"),
        ports=item.ports("destinationPorts", item.texts("destinationPorts")),
        protocols=_protocols(item),
        sources=item.texts("sourceAddresses"),
        source_groups=item.refs("sourceIpGroups"),
        translated=item.text("translatedAddress") or item.text("translatedFqdn"),
        translated_port=port.strip() if isinstance(port, str) else None,
    )


def _protocols(item: Fields) -> tuple[str, ...]:
    """IP protocols: `ipProtocols` in a policy, `protocols` in a classic rule (FW-35)."""
    name = "ipProtocols" if item.has("ipProtocols") else "protocols"
    found = tuple(text.lower() for text in item.texts(name))
    for text in found:
        if text not in _PROTOCOLS:
            item.notes.wrong(item.path_of(name), "TCP, UDP, ICMP or Any", text)
    return found


def _application_protocol(pair: Fields) -> tuple[str, int] | None:
    """One (protocol, port) pair (FW-24); what is not understood is noted and left out."""
    protocol = pair.lower("protocolType")
    if protocol not in _APPLICATIONS:
        pair.notes.wrong(pair.path_of("protocolType"), "Http, Https or Mssql", protocol or None)
        return None
    port = pair.integer("port")
    if port is None or not 0 < port <= 65535:
        pair.notes.wrong(pair.path_of("port"), "a port", port)
        return None
    return protocol, port


def _names(item: Fields, name: str) -> tuple[str, ...]:
    return tuple(text.lower() for text in item.texts(name))


def _headers(item: Fields) -> tuple[str, ...]:
    """What the rule writes into requests; no verdict hangs on it, so nothing is noted of odd ones (FW-20)."""
    value = item.raw("httpHeadersToInsert")
    found = value if isinstance(value, list) else [value] if item.has("httpHeadersToInsert") else []
    return tuple(json.dumps(one, sort_keys=True) for one in found)


def _preview(item: Fields) -> bool:
    """Whether the rule uses a selector whose meaning is not documented (FW-55)."""
    return any(item.has(name) for name in _PREVIEW)
