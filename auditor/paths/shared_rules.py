"""Allow rules on the way of a source that name what anybody can rent a place in (NSG-27)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from auditor.filters.application_rules import pattern_of
from auditor.filters.firewall import FirewallFilter
from auditor.filters.firewall_rules import RuleTerms, address_term
from auditor.filters.known_addresses import ALL_IPV4
from auditor.filters.services import ALL_PORTS, ports_of, services_of, with_ports
from auditor.filters.terms import literal
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.model.need import Need
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.shared_destinations import SharedDestinations, SharedNames, SharedTag
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, NamePattern, ServiceSet
from auditor.paths.hint_sets import public_addresses
from auditor.paths.network import Network
from auditor.paths.sources import Source

_BOTH = ("tcp", "udp")
_UNREAD = "tag-snapshot-missing"
_FEW = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedRule:
    """One destination of one allow rule that serves every tenant."""

    resource: ResourceId
    rule: str
    """As hops name it."""
    kind: str
    """`security`, `network` or `application`."""
    text: str
    """The destination as the rule has it."""
    holds: str
    whole: bool
    """A whole cloud, or every name: no need excuses it."""
    services: ServiceSet
    addresses: AddressSet | None = None
    """Of a destination by address; None where it is a name, or a tag or an IP group that was not read."""
    names: SharedNames | None = None
    pattern: NamePattern | None = None
    protocols: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """The rule, as hops name it."""
        return self.resource.key, self.rule


def documented_of(needs: Sequence[Need]) -> Mapping[str, ServiceSet]:
    """The destinations that rows which apply, or may, name as they are, with the services they are needed for."""
    found: dict[str, ServiceSet] = {}
    for need in needs:
        for asked in need.alternatives if need.applies is not False else ():
            host = asked.tag or (str(asked.name) if asked.name is not None else "")
            found[host.lower()] = found.get(host.lower(), ServiceSet.protocols()) | services_of(asked)
    return found


class SharedRules:
    """Such rules of security groups and firewalls, each device read once."""

    def __init__(
        self, network: Network, shared: SharedDestinations, documented: Mapping[str, ServiceSet]
    ) -> None:
        self._network = network
        self._shared = shared
        self._documented = documented
        self._firewalls: dict[ResourceId, tuple[SharedRule, ...]] = {}

    def of(self, source: Source, subnet: Subnet, devices: Sequence[FirewallFilter]) -> Iterator[SharedRule]:
        """Every such rule on the way of a source, without those that name what the cluster's own needs name."""
        public = public_addresses(self._network.estate)
        yield from filter(self._counts, _of_groups(self._network, source, subnet, self._shared, public))
        for device in devices:
            firewall = device.resolved.firewall.id
            if firewall not in self._firewalls:
                found = _of_firewall(device, self._network, self._shared, public)
                self._firewalls[firewall] = tuple(filter(self._counts, found))
            yield from self._firewalls[firewall]

    def _counts(self, found: SharedRule) -> bool:
        needed = self._documented.get(found.text.lower())
        return found.whole or needed is None or not found.services <= needed


# -- network security groups -------------------------------------------------------------------------------


def _of_groups(
    network: Network, source: Source, subnet: Subnet, shared: SharedDestinations, public: AddressSet
) -> Iterator[SharedRule]:
    references = (*source.security_groups, subnet.security_group)
    for reference in dict.fromkeys(item for item in references if isinstance(item, ResourceId)):
        group = network.estate.security_group(reference)
        if not isinstance(group, SecurityGroup):
            continue
        for rule in group.rules:
            if rule.direction != "outbound" or rule.access != "allow" or rule.default:
                continue
            for text in rule.destinations:
                tag = shared.of_address(text)
                if tag is not None:
                    services = _security_services(rule)
                    yield _by_address(network, group.id, rule.name, "security", text, tag, services)
            named = [
                (text, found)
                for text in rule.destinations
                if (found := literal(text) or network.estate.service_tags.get(text)) is not None
            ]
            if _spelt_out(rule.destinations, named, shared, public):
                yield _wide(group.id, rule.name, "security", named, _security_services(rule), public)


def _security_services(rule: SecurityRule) -> ServiceSet:
    try:
        ports = ports_of(rule.destination_ports or ("*",))
        return with_ports(_BOTH if rule.protocol == "*" else (rule.protocol,), ports)
    except (ValueError, KeyError):
        return with_ports(_BOTH, ALL_PORTS)


# -- firewalls ---------------------------------------------------------------------------------------------


def _of_firewall(
    device: FirewallFilter, network: Network, shared: SharedDestinations, public: AddressSet
) -> Iterator[SharedRule]:
    for place in device.resolved.collections:
        if place.effect is not Effect.ALLOW:
            continue
        for rule in place.collection.rules:
            name = f"{place.collection.name}/{rule.name}"
            if isinstance(rule, NetworkRule):
                for text in rule.destinations:
                    tag = shared.of_address(text)
                    if tag is not None:
                        services = _network_services(rule)
                        yield _by_address(network, place.owner, name, "network", text, tag, services)
                yield from _by_lists(place.owner, name, rule, device.terms, network, shared, public)
            elif isinstance(rule, ApplicationRule):
                yield from _by_name(place.owner, name, rule, shared)


def _by_lists(
    owner: ResourceId,
    name: str,
    rule: NetworkRule,
    terms: RuleTerms,
    network: Network,
    shared: SharedDestinations,
    public: AddressSet,
) -> Iterator[SharedRule]:
    """What all texts and IP groups of a rule hold together, and those of which nobody knows what they hold."""
    found = [(text, address_term(text, network.estate.service_tags)) for text in rule.destinations]
    found += [(f"IP group {group.name}", terms.group(group)) for group in rule.destination_groups]
    named = [(text, term.sure) for text, term in found]
    services = _network_services(rule)
    if _spelt_out(rule.destinations, named, shared, public):
        yield _wide(owner, name, "network", named, services, public)
    for text, term in found:
        # What a tag serves its name tells, read or not; of anything else that is open, any address may be meant.
        if any(_UNREAD not in maybe.codes for maybe in term.maybe) and shared.of_address(text) is None:
            yield SharedRule(
                resource=owner,
                rule=name,
                kind="network",
                text=text,
                holds="what it holds is not known",
                whole=True,
                services=services,
            )


def _network_services(rule: NetworkRule) -> ServiceSet:
    try:
        ports = ports_of(rule.ports or ("*",))
        named = [_BOTH if text in {"any", "*"} else (text,) for text in rule.protocols]
        return with_ports([text for texts in named for text in texts], ports)
    except (ValueError, KeyError):
        return with_ports(_BOTH, ALL_PORTS)


def _by_name(
    owner: ResourceId, name: str, rule: ApplicationRule, shared: SharedDestinations
) -> Iterator[SharedRule]:
    """A URL admits the hosts in front of its path; which paths a tenant may fill is the tenant's to say."""
    texts = (*rule.fqdns, *(url.partition("/")[0] for url in rule.urls))
    for text in dict.fromkeys(texts):
        pattern = pattern_of(text)
        names = shared.of_name(pattern) if pattern is not None else None
        if names is not None and rule.protocols:
            yield SharedRule(
                resource=owner,
                rule=name,
                kind="application",
                text=text,
                holds=names.holds,
                whole=names.whole,
                services=ServiceSet.tcp(*(port for _, port in rule.protocols)),
                names=names,
                pattern=pattern,
                protocols=rule.protocols,
            )


def _by_address(
    network: Network,
    resource: ResourceId,
    rule: str,
    kind: str,
    text: str,
    tag: SharedTag,
    services: ServiceSet,
) -> SharedRule:
    everywhere = tag.reach == "everywhere"
    addresses = ALL_IPV4 if everywhere else network.estate.service_tags.get(text)
    return SharedRule(
        resource=resource,
        rule=rule,
        kind=kind,
        text=text,
        holds=tag.holds,
        whole=tag.reach != "service",
        services=services,
        addresses=addresses,
    )


# -- addresses that are spelt out --------------------------------------------------------------------------


def _spelt_out(
    texts: Sequence[str],
    named: Sequence[tuple[str, AddressSet]],
    shared: SharedDestinations,
    public: AddressSet,
) -> bool:
    """Whether destinations none of which says so itself hold most public addresses, as two halves of them do."""
    found = [tag for text in texts if (tag := shared.of_address(text)) is not None]
    if any(tag.reach == "everywhere" for tag in found):
        return False
    # To unite long lists costs more than to count them.
    if 2 * sum(addresses.size for _, addresses in named) < public.size:
        return False
    together = AddressSet.union_all(addresses for _, addresses in named) & public
    return 2 * together.size >= public.size


def _wide(
    resource: ResourceId,
    rule: str,
    kind: str,
    named: Sequence[tuple[str, AddressSet]],
    services: ServiceSet,
    public: AddressSet,
) -> SharedRule:
    texts = [text for text, _ in sorted(named, key=lambda item: -item[1].size)]
    told = ", ".join(texts[:_FEW]) + (f" and {len(texts) - _FEW} more" if len(texts) > _FEW else "")
    together = AddressSet.union_all(addresses for _, addresses in named)
    return SharedRule(
        resource=resource,
        rule=rule,
        kind=kind,
        text=told,
        holds="every public address" if public <= together else "most public addresses",
        whole=True,
        services=services,
        addresses=together,
    )
