"""Reading a firewall's policy chain and putting its rules in order (FW-2, FW-7..FW-10, FW-42, FW-53)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from auditor.errors import InputError
from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall
from auditor.filters.known_addresses import EVERYWHERE, RFC1918
from auditor.filters.parts import NO_CODES, Codes
from auditor.filters.terms import addresses_of, literal
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall, FirewallPolicy, IpGroup
from auditor.model.gap import Gap
from auditor.model.resource_id import ResourceId
from auditor.netset import AddressSet, ServiceSet

_TIERS = ("basic", "standard", "premium")
_MODES = ("off", "alert", "deny")
_KEPT = RFC1918 | AddressSet.of("100.64.0.0/10")
"""Destinations that the platform's default, IANAPrivateRanges, leaves without source translation (FW-44)."""
Problems = list[tuple[str, str, ResourceId]]


def policy_chain(policy: ResourceId, estate: Estate) -> tuple[list[FirewallPolicy], Gap | None]:
    """The policies from the root down to `policy`, and the Gap where the chain breaks.

    Raises InputError for a cycle of parents, which no service would store.
    """
    chain: list[FirewallPolicy] = []
    current: ResourceId | None = policy
    while current is not None:
        found = estate.policy(current)
        if isinstance(found, Gap):
            return chain[::-1], found
        if any(seen.id == found.id for seen in chain):
            names = " -> ".join(item.id.name for item in [*chain, found])
            document = estate.snapshot.documents.get(found.id.key)
            raise InputError(
                f"firewall policies are parents of each other: {names}",
                place=document.places[0] if document else None,
            )
        chain.append(found)
        current = found.base
    return chain[::-1], None


def resolve_firewall(firewall: Firewall, estate: Estate) -> ResolvedFirewall:
    """The firewall with its rules in processing order, and everything that makes its answers unknown."""
    problems: Problems = [(flaw.code, flaw.detail, firewall.id) for flaw in firewall.flaws]
    if firewall.policy is None:
        return _classic(firewall, estate, problems)
    chain, gap = policy_chain(firewall.policy, estate)
    if gap is not None:
        problems.append((gap.code, f"firewall policy {gap.id.name}: {gap.detail}", gap.id))
    if len(chain) > 2:
        problems.append(
            ("uncertain:FW-53", "a policy chain of more than one parent is not documented", firewall.policy)
        )
    if len({policy.location for policy in chain} - {""}) > 1:
        detail = "a policy whose parent is in another region is not documented"
        problems.append(("uncertain:FW-53", detail, firewall.policy))
    if firewall.classic:
        problems.append(("uncertain:FW-2", "the firewall has a policy and classic rules", firewall.id))
    collections = _policy_collections(chain, estate, problems)
    if not chain:
        return ResolvedFirewall(firewall=firewall, no_snat_known=False, problems=tuple(problems))
    own = chain[-1]
    snat = _translation(chain)
    tier = min((firewall.tier, own.tier), key=_tier)
    prevention = _intrusion_prevention(chain, problems)
    return ResolvedFirewall(
        firewall=firewall,
        policies=tuple(policy.id for policy in chain),
        collections=tuple(collections),
        own_public=_own_public(firewall, estate),
        tier=tier,
        threat_intel=max((policy.threat_intel for policy in chain), key=_mode),
        threat_allowed_addresses=addresses_of(
            text for policy in chain for text in policy.threat_allowed_addresses
        ),
        threat_allowed_names=tuple(name for policy in chain for name in policy.threat_allowed_names),
        idps=prevention,
        dns_proxy=bool(own.dns_proxy),
        # Set on a parent only (FW-42), or on a tier that has no DNS proxy (FW-3, FW-4): nobody says what happens.
        dns_proxy_doubt=_proxy_doubt(chain, tier),
        no_snat=snat.kept,
        no_snat_open=snat.open,
        no_snat_doubt=snat.codes,
        no_snat_known=gap is None or bool(own.snat_private_ranges),
        explicit_proxy=_explicit_proxy(chain),
        ip_groups=_ip_groups(collections, estate),
        problems=tuple(problems),
    )


def _classic(firewall: Firewall, estate: Estate, problems: Problems) -> ResolvedFirewall:
    ordered = sorted(firewall.classic, key=lambda item: item.priority)
    collections = [
        PlacedCollection(owner=firewall.id, policy=None, collection=item, order=(0, 0, item.priority))
        for item in ordered
    ]
    written = firewall.classic_private_ranges
    snat = _may_keep((written,) if written else (None, written), None)
    return ResolvedFirewall(
        firewall=firewall,
        collections=tuple(collections),
        own_public=_own_public(firewall, estate),
        tier=firewall.tier,
        threat_intel=firewall.threat_intel,
        threat_allowed_addresses=addresses_of(firewall.classic_threat_allowed_addresses),
        threat_allowed_names=firewall.classic_threat_allowed_names,
        dns_proxy=bool(firewall.classic_dns_proxy),
        no_snat=snat.kept,
        no_snat_open=snat.open,
        no_snat_doubt=snat.codes,
        ip_groups=_ip_groups(collections, estate),
        problems=tuple(problems),
    )


def _policy_collections(
    chain: list[FirewallPolicy], estate: Estate, problems: Problems
) -> list[PlacedCollection]:
    found: list[PlacedCollection] = []
    for depth, policy in enumerate(chain):
        problems += [(flaw.code, flaw.detail, policy.id) for flaw in policy.flaws]
        if not _groups_read(policy, estate):
            detail = f"the rule collection groups of firewall policy {policy.id.name} were not read"
            problems.append(("unreadable-resource", detail, policy.id))
        for reference in policy.groups:
            group = estate.group(reference)
            if isinstance(group, Gap):
                problems.append(
                    (group.code, f"rule collection group {group.id.name}: {group.detail}", group.id)
                )
                continue
            problems += [(flaw.code, flaw.detail, group.id) for flaw in group.flaws]
            for collection in group.collections:
                order = (depth, group.priority, collection.priority)
                found.append(
                    PlacedCollection(
                        owner=group.id,
                        policy=policy.id,
                        collection=collection,
                        order=order,
                    )
                )
    # Groups that tie stay apart: their collections have no common order (FW-12).
    return sorted(found, key=lambda place: (*place.order[:2], place.owner.key, place.order[2]))


def _intrusion_prevention(chain: Sequence[FirewallPolicy], problems: Problems) -> str:
    """The strictest mode of the chain; where it is on, a signature may have a stricter one of its own (FW-19)."""
    mode = max((policy.idps for policy in chain), key=_mode)
    if mode == "off":
        return mode
    for policy in chain:
        for own in policy.idps_overrides:
            if own not in _MODES:
                detail = f"a signature override of firewall policy {policy.id.name} has no mode that is known"
                problems.append(("enum-unknown", detail, policy.id))
    return max((mode, *(own for policy in chain for own in policy.idps_overrides)), key=_mode)


def _proxy_doubt(chain: list[FirewallPolicy], tier: str) -> bool:
    if chain[-1].dns_proxy:
        return tier not in {"standard", "premium"}
    return any(policy.dns_proxy for policy in chain[:-1])


def _explicit_proxy(chain: list[FirewallPolicy]) -> ServiceSet | None:
    on = [policy for policy in chain if policy.explicit_proxy]
    if not on:
        return None
    ports = [port for policy in on for port in policy.explicit_proxy_ports]
    return ServiceSet.tcp(*ports) if ports else ServiceSet.tcp()


def _groups_read(policy: FirewallPolicy, estate: Estate) -> bool:
    """Whether nothing but the known groups is the policy's: it lists them, or all below it were read (FW-54).

    Groups that merely lie below it prove no others absent (V-6).
    """
    read = estate.read_of("microsoft.network/firewallpolicies/rulecollectiongroups", policy.id)
    if read is None:
        return policy.lists_groups
    if read.complete:
        return True
    return (
        policy.lists_groups and bool(policy.groups) and all(group in estate.groups for group in policy.groups)
    )


def _own_public(firewall: Firewall, estate: Estate) -> AddressSet:
    """The addresses by which the Internet, and a DNAT rule, knows the firewall (FW-17, FW-43)."""
    records = [estate.public_ips.get(reference) for reference in firewall.public_ip_ids]
    read = [record.address for record in records if record is not None and record.address is not None]
    return addresses_of((*firewall.public_addresses, *read)) if len(read) == len(records) else EVERYWHERE


def _ip_groups(collections: list[PlacedCollection], estate: Estate) -> dict[ResourceId, IpGroup | Gap]:
    found: dict[ResourceId, IpGroup | Gap] = {}
    for place in collections:
        for rule in place.collection.rules:
            destinations = getattr(rule, "destination_groups", ())
            for reference in (*rule.source_groups, *destinations):
                found.setdefault(reference, estate.ip_group(reference))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Translation:
    """To where network-rule traffic keeps its source, and where it may, for which reasons (FW-44)."""

    kept: AddressSet
    open: AddressSet
    codes: Codes


def _translation(chain: Sequence[FirewallPolicy]) -> _Translation:
    """The ranges of the policy; where it writes none, nobody says whether those of its parent hold (FW-44)."""
    own, parents = chain[-1], chain[:-1]
    learned = next((item.snat_learned for item in (own, *parents) if item.snat_learned is not None), None)
    if own.snat_private_ranges:
        return _may_keep((own.snat_private_ranges,), learned)
    # An empty list may mean the default or no range at all.
    return _may_keep(
        (None, own.snat_private_ranges, *(item.snat_private_ranges for item in parents)), learned
    )


def _may_keep(readings: Iterable[tuple[str, ...] | None], learned: str | None) -> _Translation:
    found = list(readings)
    sets = [_no_snat(ranges) for ranges in found]
    kept = reduce(and_, sets)
    words = frozenset().union(*(_no_snat_doubt(ranges, learned) for ranges in found))
    differing = AddressSet.union_all(sets) - kept
    if words:
        return _Translation(kept=kept, open=EVERYWHERE - kept, codes=words)
    return _Translation(
        kept=kept, open=differing, codes=frozenset({"uncertain:FW-44"}) if differing else NO_CODES
    )


def _no_snat(ranges: tuple[str, ...] | None) -> AddressSet:
    """Addresses that keep their source: private ones by default, whatever is configured otherwise (FW-44)."""
    if ranges is None:
        return _KEPT
    return AddressSet.union_all(known for known in map(_private_range, ranges) if known is not None)


def _no_snat_doubt(ranges: tuple[str, ...] | None, learned: str | None) -> Codes:
    """Why it may keep the source elsewhere, too: a word that is not known, or ranges that it learns (V-6, FW-44)."""
    codes: set[str] = set()
    if any(_private_range(text) is None for text in ranges or ()) or learned not in {
        None,
        "enabled",
        "disabled",
    }:
        codes.add("enum-unknown")
    if learned == "enabled":
        codes.add("uncertain:FW-44")
    return frozenset(codes)


def _private_range(text: str) -> AddressSet | None:
    return _KEPT if text.lower() == "ianaprivateranges" else literal(text)


def _tier(text: str) -> int:
    return _TIERS.index(text) if text in _TIERS else 0


def _mode(text: str) -> int:
    return _MODES.index(text) if text in _MODES else len(_MODES)
