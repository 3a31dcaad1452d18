"""Where nodes send what they answer to clients on the Internet, and whether a firewall stands there (UDR-51)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.parts import NO_CODES, Codes, Flow, Option
from auditor.filters.terms import addresses_of
from auditor.model.firewall import Firewall
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop
from auditor.netset import AddressSet, Traffic
from auditor.netset.service import ANY
from auditor.paths.network import Network
from auditor.paths.sources import Source
from auditor.paths.ways import undecided

_DEVICES = frozenset({HopKind.APPLIANCE, HopKind.HUB})
_OPEN = "uncertain:UDR-51"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyWay:
    """Where replies go, if not surely past every device."""

    hop: Hop
    firewall: Firewall | None = None
    reasons: tuple[str, ...] = ()
    """Why it is not known whether a firewall drops them; never empty without a `firewall`."""

    def told(self, source: Source) -> str:
        """The way in words."""
        nodes = f"the nodes of subnet {source.subnet_id.name}"
        if self.hop.outcome is Effect.UNKNOWN:
            return (
                f"nobody can say where {nodes} send what they answer: {self.hop.detail} ({self.hop.clause})"
            )
        by = f"what {nodes} answer goes by route {self.hop.rule or self.hop.detail} to "
        if self.firewall is None:
            return f"{by}a device that may not know them (UDR-51)"
        return f"{by}firewall {self.firewall.id.name}, which drops replies to connections it has not seen (UDR-51)"


def reply_way(
    network: Network, source: Source, space: AddressSet, assumed: frozenset[str]
) -> ReplyWay | None:
    """What the route of most clients in `space` leads to, if that is or may be a device in between."""
    subnet = source.subnet
    if not isinstance(subnet, Subnet):
        return _hidden(subnet.id, subnet.code, f"subnet {subnet.id.name}: {subnet.detail}")
    if source.opaque is not None:
        return _hidden(subnet.id, source.opaque)
    if subnet.flaws:
        return _hidden(subnet.id, subnet.flaws[0].code, subnet.flaws[0].detail)
    parts = network.route_filter(subnet).parts(_flow(space))
    largest = max(parts, key=lambda part: part.traffic.addresses.size)
    alive = _alive(largest.options, assumed)
    between = [option for option in alive if option.target.kind in _DEVICES]
    if len(between) < len(alive):
        first = next(iter((*between, *filter(_is_unknown, alive))), None)
        codes = _codes(alive, assumed)
        return ReplyWay(hop=first.hop, reasons=tuple(sorted(codes)) or (_OPEN,)) if first else None
    hop = between[0].hop
    found = [one for option in between for one in _devices(network, subnet, option)]
    firewalls = {device.id: device for device, _ in found if device is not None}
    reasons = tuple(sorted({code for device, code in found if device is None}))
    if reasons or len(firewalls) != 1:
        return ReplyWay(hop=hop, reasons=reasons or (_OPEN,))
    (firewall,) = firewalls.values()
    # One that is not settled may run other rules or none (FW-47).
    return ReplyWay(hop=hop, firewall=firewall, reasons=tuple(sorted({flaw.code for flaw in firewall.flaws})))


def not_to_internet(
    network: Network, subnet: Subnet, addresses: Sequence[str], assumed: frozenset[str]
) -> tuple[tuple[str, ...], Codes]:
    """Those of some addresses that the subnet surely does not send straight to the Internet.

    With the codes that leave it open of others: a route that may be in force, one that is not understood (V-6).
    """
    lacking: list[str] = []
    unsure: Codes = NO_CODES
    for text in addresses:
        parts = network.route_filter(subnet).parts(_flow(addresses_of((text,))))
        answers = [_alive(part.options, assumed) for part in parts]
        if any(not any(_is_direct(one) or _is_unknown(one) for one in options) for options in answers):
            lacking.append(text)
            continue
        for options in answers:
            if not all(map(_is_direct, options)):
                unsure |= _codes(options, assumed) or {_OPEN}
    return tuple(lacking), unsure


def _hidden(subnet: ResourceId, code: str, detail: str = "") -> ReplyWay:
    return ReplyWay(hop=undecided(subnet, code, detail).hop, reasons=(code,))


def _flow(addresses: AddressSet) -> Flow:
    return Flow(source=AddressSet.of(), traffic=Traffic.box(addresses, ANY))


def _alive(options: Sequence[Option], assumed: frozenset[str]) -> list[Option]:
    return [option for option in options if option.holds(assumed)] or list(options)


def _is_direct(option: Option) -> bool:
    return option.target.kind is HopKind.INTERNET


def _is_unknown(option: Option) -> bool:
    """Whether a route leads nobody knows where: one that was not read or not understood (V-6)."""
    return option.target.kind is HopKind.UNKNOWN


def _codes(options: Iterable[Option], assumed: frozenset[str]) -> Codes:
    """Why it is open which of some routes is taken, or where it leads."""
    found = (option.codes.union(option.hop.codes if _is_unknown(option) else ()) for option in options)
    return NO_CODES.union(*found) - assumed


def _devices(network: Network, subnet: Subnet, option: Option) -> Iterator[tuple[Firewall | None, str]]:
    """The firewalls behind a route; a code for each device that may or may not keep state."""
    target: NextHop = option.target
    if target.kind is HopKind.HUB:
        hub = network.estate.hubs.get(target.resource) if target.resource is not None else None
        hops = (
            [item.next_hop for item in (hub.intent or ()) if "internet" in item.destinations] if hub else []
        )
        for reference in hops:
            yield network.estate.firewalls.get(reference), "hub-routing-opaque"
        if not hops:
            yield None, "hub-routing-opaque"
    for address in target.addresses:
        holding = network.holder(address, subnet)
        device = holding.device
        yield device if isinstance(device, Firewall) else None, holding.code or "nva-opaque"
