"""Network security groups and the answers about Virtual Network Manager's admin rules."""

from __future__ import annotations

from collections.abc import Iterator

from auditor.model.documents.fields import Fields
from auditor.model.documents.library import Library, read
from auditor.model.documents.notes import Notes
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import AdminRules, SecurityGroup, SecurityRule
from auditor.model.snapshot import Document

KIND = "microsoft.network/networksecuritygroups"
ADMIN_ACTION = "listnetworkmanagereffectivesecurityadminrules"
_DIRECTIONS = frozenset({"inbound", "outbound"})
_DEFAULTS = (
    ("AllowVnetOutBound", 65000, "outbound", "allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowInternetOutBound", 65001, "outbound", "allow", "*", "Internet"),
    ("DenyAllOutBound", 65500, "outbound", "deny", "*", "*"),
    ("AllowVnetInBound", 65000, "inbound", "allow", "VirtualNetwork", "VirtualNetwork"),
    ("AllowAzureLoadBalancerInBound", 65001, "inbound", "allow", "AzureLoadBalancer", "*"),
    ("DenyAllInBound", 65500, "inbound", "deny", "*", "*"),
)


def security_group(document: Document, library: Library) -> SecurityGroup:
    """The group with its custom and its default rules (NSG-4, NSG-8)."""
    root = read(document)
    root.need_success()
    outbound, inbound = root.notes.fork(), root.notes.fork()
    rules = [
        _rule(fields, outbound, inbound, default=default)
        for name, kind, default in (
            ("securityRules", f"{KIND}/securityrules", False),
            ("defaultSecurityRules", f"{KIND}/defaultsecurityrules", True),
        )
        for fields in library.children(root, document.id, name, kind)
    ]
    rules += _missing_defaults(rules)
    return SecurityGroup(
        id=document.id,
        flaws=(*root.notes.flaws, *outbound.flaws),
        inbound_flaws=(*root.notes.flaws, *inbound.flaws),
        rules=tuple(rules),
    )


def _missing_defaults(rules: list[SecurityRule]) -> Iterator[SecurityRule]:
    """The default rules, always in force, that the document does not show (NSG-8, NSG-9)."""
    shown = {(rule.direction, rule.priority) for rule in rules if rule.default}
    for name, priority, direction, access, source, destination in _DEFAULTS:
        if (direction, priority) not in shown:
            yield SecurityRule(
                name=name,
                priority=priority,
                direction=direction,
                access=access,
                protocol="*",
                sources=(source,),
                source_groups=(),
                source_ports=("*",),
                destinations=(destination,),
                destination_groups=(),
                destination_ports=("*",),
                default=True,
            )


def _rule(fields: Fields, outbound: Notes, inbound: Notes, *, default: bool) -> SecurityRule:
    """One rule; what is wrong with it counts against each direction of the group that it may be a rule of."""
    rule = SecurityRule(
        name=fields.title(),
        priority=fields.required_integer("priority"),
        direction=fields.enum("direction", _DIRECTIONS, ""),
        access=fields.lower("access"),
        protocol=_protocol(fields),
        sources=_side(fields, "source"),
        source_groups=fields.refs("sourceApplicationSecurityGroups"),
        source_ports=fields.ports("sourcePortRange", fields.both("sourcePortRange", "sourcePortRanges")),
        destinations=_side(fields, "destination"),
        destination_groups=fields.refs("destinationApplicationSecurityGroups"),
        destination_ports=fields.ports(
            "destinationPortRange", fields.both("destinationPortRange", "destinationPortRanges")
        ),
        default=default,
        unsettled=fields.unsettled(),
    )
    _check_complete(fields, rule)
    for direction, notes in (("outbound", outbound), ("inbound", inbound)):
        if rule.direction == direction or rule.direction not in _DIRECTIONS:
            notes.absorb(fields.notes.flaws)
    return rule


def _protocol(fields: Fields) -> str:
    protocol = fields.lower("protocol")
    return "*" if protocol in {"any", "all"} else protocol


def _side(fields: Fields, side: str) -> tuple[str, ...]:
    """The addresses and tags of one side: the union of the singular and plural form (NSG-15)."""
    name = f"{side}AddressPrefix"
    return tuple(text for text in fields.both(name, name + "es") if fields.is_term(name, text))


def _check_complete(fields: Fields, rule: SecurityRule) -> None:
    """A rule that lacks one of its five values is noted: it would match nothing, or everything (NSG-11)."""
    values = (
        ("access", rule.access),
        ("protocol", rule.protocol),
        ("sourceAddressPrefix", rule.sources or rule.source_groups),
        ("sourcePortRange", rule.source_ports),
        ("destinationAddressPrefix", rule.destinations or rule.destination_groups),
        ("destinationPortRange", rule.destination_ports),
    )
    for name, value in values:
        if not value:
            fields.notes.wrong(fields.path_of(name), "a value", None)


def admin_rules(network: ResourceId, library: Library) -> AdminRules | None:
    """The effective admin rules of a network; None when nobody asked, or no list or not all of it came (NSG-32)."""
    answer = library.answer(network, ADMIN_ACTION)
    if answer is None or answer.has("skipToken") or answer.raw("value") is None:
        return None
    rules = tuple(_admin_rule(fields) for fields in answer.objects("value"))
    return AdminRules(network=network, rules=rules, flaws=tuple(answer.notes.flaws))


def _admin_rule(fields: Fields) -> SecurityRule:
    rule = SecurityRule(
        name=fields.title(),
        priority=fields.required_integer("priority"),
        direction=fields.enum("direction", _DIRECTIONS, ""),
        access=fields.lower("access"),
        protocol=_protocol(fields),
        sources=_admin_side(fields, "sources"),
        source_groups=(),
        source_ports=fields.ports("sourcePortRanges", fields.texts("sourcePortRanges")) or ("*",),
        destinations=_admin_side(fields, "destinations"),
        destination_groups=(),
        destination_ports=fields.ports("destinationPortRanges", fields.texts("destinationPortRanges"))
        or ("*",),
        default=False,
        unsettled=fields.unsettled(),
    )
    _check_complete(fields, rule)
    return rule


def _admin_side(fields: Fields, name: str) -> tuple[str, ...]:
    """The prefixes and tags of one side of an admin rule; each entry is an object (NSG-31)."""
    found: list[str] = []
    for item in fields.objects(name):
        text = item.text("addressPrefix")
        if text is None:
            item.notes.wrong(item.path_of("addressPrefix"), "a prefix or a tag", None)
        elif item.is_term("addressPrefix", text):
            found.append(text)
    return tuple(found)
