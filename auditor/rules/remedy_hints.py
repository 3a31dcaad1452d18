"""From the hops that stop an endpoint to what would open the path, in words and as `az` command lines.

Every blocker gets its hint, in the order of the path: an endpoint that a security group and a firewall both stop
needs both. Nothing here was tried against the estate; tested edits are the remedies' work.
"""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.finding import AuditedCluster
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage
from auditor.netset.address import AddressSet
from auditor.rules.destination import Kind, read_destination
from auditor.rules.firewall_hints import firewall_hint
from auditor.rules.hint import Hint, Wish, joined
from auditor.rules.hop_text import hop_subject, told
from auditor.rules.route_hints import exit_hint, forwarding_hint, peering_hint, route_hint
from auditor.rules.security_group_hints import admin_hint, security_group_hint
from auditor.rules.wording import shown

_SECURITY_GROUP = "microsoft.network/networksecuritygroups"
_MOST_PREFIXES = 20
_MOST_ADDRESSES = 1 << 16


def wish_for(
    audited: AuditedCluster,
    to: str,
    subnet: ResourceId | None,
    pieces: Iterable[Piece],
    tags: tuple[str, ...] = (),
) -> Wish:
    """What should get out, with the blocked addresses where they are few, and the service tags that hold it."""
    destination = read_destination(to, audited.estate.service_tags)
    if destination.kind is Kind.TAG:
        tags = (destination.host,)
    return Wish(
        audited=audited, destination=destination, subnet=subnet, addresses=_addresses(pieces), tags=tags
    )


def hint_for(wish: Wish, blockers: Iterable[Hop]) -> Hint:
    """One hint for all blockers of one endpoint."""
    hops = told(blockers)
    hints: list[Hint] = []
    seen: set[tuple[Stage, str | None]] = set()
    for hop in hops:
        key = (hop.stage, ResourceId(hop.resource).key if hop.resource is not None else None)
        if hop.resource is not None and ResourceId(hop.resource).kind == _SECURITY_GROUP:
            if key not in seen:
                same = [other for other in hops if other.stage is hop.stage and _same(other, hop)]
                hints.append(security_group_hint(wish, tuple(same)))
        else:
            hints.append(_hint(wish, hop))
        seen.add(key)
    return joined(hints)


def _same(one: Hop, other: Hop) -> bool:
    return ResourceId(one.resource or "") == ResourceId(other.resource or "")


def _hint(wish: Wish, hop: Hop) -> Hint:
    device, to = hop_subject(hop, wish.estate), shown(wish.destination.to)
    match hop.stage:
        case Stage.ADMIN:
            return admin_hint(hop)
        case Stage.ROUTE:
            return route_hint(wish, hop)
        case Stage.PEERING:
            return peering_hint(wish, hop)
        case Stage.FIREWALL:
            return firewall_hint(wish, hop)
        case Stage.EXIT:
            return exit_hint(wish, hop)
        case Stage.HUB:
            return Hint(
                words=f"{device}: give its route table or routing intent a way to public destinations"
            )
        case Stage.APPLIANCE if hop.outcome is Effect.DROP:
            return forwarding_hint(wish, hop)
        case Stage.APPLIANCE:
            rule = f", before rule {shown(hop.rule)}" if hop.rule is not None else ""
            return Hint(words=f"allow {to} on {device}{rule}, and in its description")
        case Stage.PROXY:
            return Hint(words=f"allow {to} on {device}, or name it in noProxy")
        case Stage.NIC_NSG | Stage.SUBNET_NSG:
            return Hint(words=f"allow {to} in the {device}")


def _addresses(pieces: Iterable[Piece]) -> tuple[str, ...]:
    """Prefixes of what is blocked; empty when they are many, not all listed, or when names stand among them."""
    blocked = {
        piece.destinations: piece for piece in pieces if piece.verdict is Outcome.BLOCKED and not piece.aside
    }
    found: list[AddressSet] = []
    for destinations, piece in blocked.items():
        try:
            found.append(AddressSet.of(*destinations))
        except ValueError:
            return ()
        if found[-1].size != piece.addresses:
            return ()
    addresses = AddressSet.union_all(found)
    if not addresses or addresses.size > _MOST_ADDRESSES:
        return ()
    prefixes = addresses.cidrs()
    return prefixes if len(prefixes) <= _MOST_PREFIXES else ()
