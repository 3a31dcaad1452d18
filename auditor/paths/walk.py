"""The join of filters along the way: from a source class to every end that its traffic may reach (V-3)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from auditor.filters.admin_rules import skipping
from auditor.filters.known_addresses import GLOBAL
from auditor.filters.next_hop import HopKind, NextHop
from auditor.filters.outbound import Exit, exit_parts
from auditor.filters.parts import Flow, Option, Options, Part, unknown
from auditor.filters.security_group import SecurityGroupFilter
from auditor.filters.terms import literal
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Peering, Subnet, VirtualNetwork
from auditor.model.outbound import Nic
from auditor.model.reading import TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Hop, Stage
from auditor.netset import AddressSet, Traffic
from auditor.paths.exits import firewall_exit, node_exit
from auditor.paths.holders import Holding
from auditor.paths.judge import PathPart, Way
from auditor.paths.network import Network
from auditor.paths.sources import Source

_MAX_DEVICES = 6
Continue = Callable[[Flow], list[PathPart]]


class Walker:
    """Walks the traffic of one source through the compiled network."""

    def __init__(self, network: Network, source: Source, members: TagMembers) -> None:
        self._network = network
        self._estate = network.estate
        self._source = source
        self._members = members
        self._own = source.application_groups

    def walk(self, flow: Flow, security_group: ResourceId | None | Gap | str) -> list[PathPart]:
        """Every part of the flow's traffic with every way that is open.

        `security_group` is the NIC-level group of this variant of the source; the text `unread` when nothing names one.
        """
        subnet = self._source.subnet
        if isinstance(subnet, Gap):
            return _stopped(flow, self._gap_option(Stage.SUBNET_NSG, subnet))
        if self._source.opaque is not None:
            return _stopped(flow, self._opaque(self._source.opaque))
        if subnet.flaws:
            return _stopped(flow, self._opaque(subnet.flaws[0].code, subnet.flaws[0].detail))
        parts = [PathPart(flow.traffic, (Way(),))]
        parts = self._admin(parts, flow, subnet)
        parts = self._refine(parts, flow, lambda part: self._nic_stage(part, security_group, subnet))
        parts = self._refine(parts, flow, lambda part: self._subnet_stage(part, subnet))
        found: list[PathPart] = []
        for part in parts:
            found += _prefixed(part, self._route(flow.over(part.traffic), subnet, node=True, depth=0))
        return found

    # -- filters at the source -------------------------------------------------------------------------

    def _refine(
        self, parts: Sequence[PathPart], flow: Flow, stage: Callable[[Flow], list[Part] | None]
    ) -> list[PathPart]:
        found: list[PathPart] = []
        for part in parts:
            answers = stage(flow.over(part.traffic))
            if answers is None:
                found.append(part)
                continue
            overriding = _always_allowed(part)
            for answer in answers:
                options = _overridden(answer.options, overriding)
                found.append(PathPart(answer.traffic, tuple(way.then(options) for way in part.ways)))
        return found

    def _admin(self, parts: Sequence[PathPart], flow: Flow, subnet: Subnet) -> list[PathPart]:
        return self._refine(parts, flow, self._network.admin_rules(subnet, self._own).parts)

    def _nic_stage(self, flow: Flow, group: ResourceId | None | Gap | str, subnet: Subnet) -> list[Part] | None:
        if group is None:
            return None
        if isinstance(group, Gap):
            return [Part(flow.traffic, (self._gap_option(Stage.NIC_NSG, group),))]
        if isinstance(group, str):
            codes = frozenset({"nic-nsg-unread"})
            passes = Option(
                hop=_hop(Stage.NIC_NSG, None, Effect.ALLOW, "AKS-9", "AKS's own NIC-level group is taken to be open")
            )
            denies = Option(
                hop=_hop(Stage.NIC_NSG, None, Effect.DENY, "AKS-9", "AKS's NIC-level group was not read"),
                unless=frozenset({codes}),
                codes=codes,
            )
            return [Part(flow.traffic, (passes, denies))]
        return self._group_parts(flow, group, subnet, Stage.NIC_NSG)

    def _subnet_stage(self, flow: Flow, subnet: Subnet) -> list[Part] | None:
        if subnet.security_group is None:
            return None
        return self._group_parts(flow, subnet.security_group, subnet, Stage.SUBNET_NSG)

    def _group_parts(
        self, flow: Flow, group: ResourceId, subnet: Subnet, stage: Stage, *, direction: str = "outbound"
    ) -> list[Part]:
        own = self._own if direction == "outbound" else frozenset()
        found = self._network.security_group(group, subnet, stage, own=own, direction=direction)
        if isinstance(found, SecurityGroupFilter):
            return found.parts(flow)
        return [Part(flow.traffic, (self._gap_option(stage, found),))]

    # -- routing ---------------------------------------------------------------------------------------

    def _route(
        self, flow: Flow, subnet: Subnet, *, node: bool, depth: int, device: Firewall | None = None, kinds: str = ""
    ) -> list[PathPart]:
        found: list[PathPart] = []
        for part in self._network.route_filter(subnet).parts(flow):
            branches = []
            for option in part.options:
                following = self._follow(
                    option.target, flow.over(part.traffic), subnet, node=node, depth=depth, device=device, kinds=kinds
                )
                step = replace(option, unless=frozenset(), target=None)
                branches.append(_behind(option, step, following))
            found += _alternatives(branches)
        return found

    def _follow(
        self,
        target: NextHop,
        flow: Flow,
        subnet: Subnet,
        *,
        node: bool,
        depth: int,
        device: Firewall | None,
        kinds: str,
    ) -> list[PathPart]:
        match target.kind:
            case HopKind.PLATFORM:
                return _ended(flow, _hop(Stage.EXIT, None, Effect.ALLOW, "NSG-22", "answered by the host itself"))
            case HopKind.NONE | HopKind.UNKNOWN:
                return [PathPart(flow.traffic, (Way(),))]
            case HopKind.SERVICE_ENDPOINT:
                detail = f"leaves by service endpoint {target.route}"
                return _ended(flow, _hop(Stage.EXIT, subnet.id, Effect.ALLOW, "UDR-10", detail))
            case HopKind.PRIVATE_ENDPOINT:
                return self._private_endpoint(target, flow)
            case HopKind.GATEWAY:
                hop = _hop(
                    Stage.EXIT, target.resource, Effect.UNKNOWN, "UDR-17", "what a gateway leads to is not known"
                )
                return _stopped(flow, unknown(hop, "gateway-onprem"))
            case HopKind.VNET:
                return self._deliver(flow, self._estate.network(subnet.network))
            case HopKind.PEERING:
                return self._peered(target, flow, subnet)
            case HopKind.HUB:
                return self._hub(target, flow, depth)
            case HopKind.APPLIANCE:
                return _alternatives(
                    [self._appliance(address, flow, subnet, depth) for address in target.addresses]
                    or [_stopped(flow, self._no_address(target))]
                )
            case HopKind.INTERNET:
                return self._leave(flow, subnet, device, kinds)

    def _leave(self, flow: Flow, subnet: Subnet | None, device: Firewall | None, kinds: str) -> list[PathPart]:
        if device is None:
            if subnet is None or isinstance(self._source.subnet, Gap):
                return _stopped(flow, self._opaque("unreadable-resource"))
            return _exits(flow, node_exit(self._source, subnet, self._estate))
        kept = Traffic.EMPTY
        if kinds == "network":
            kept = flow.traffic.restrict(self._network.firewall(device, self._members).drops_on_direct_exit())
        found = _exits(flow.over(kept), firewall_exit(device, subnet, self._estate, translated=False)) if kept else []
        rest = flow.traffic - kept
        return found + _exits(flow.over(rest), firewall_exit(device, subnet, self._estate, translated=True))

    # -- private destinations --------------------------------------------------------------------------

    def _peered(self, target: NextHop, flow: Flow, subnet: Subnet) -> list[PathPart]:
        network = self._estate.network(subnet.network)
        peerings = network.peerings if isinstance(network, VirtualNetwork) else ()
        peering = next((item for item in peerings if item.id == target.resource), None)
        if peering is None:
            return _stopped(flow, self._opaque("unreadable-resource"))
        hop = _hop(Stage.PEERING, peering.id, Effect.FORWARD, "UDR-23", f"crosses peering {peering.id.name}")
        return _then(hop, flow, self._deliver(flow, self._estate.network(peering.remote)))

    def _private_endpoint(self, target: NextHop, flow: Flow) -> list[PathPart]:
        endpoint = self._estate.private_endpoints.get(target.resource) if target.resource else None
        hop = _hop(Stage.EXIT, target.resource, Effect.ALLOW, "UDR-7", "reaches the private endpoint")
        host = self._estate.subnet(endpoint.subnet) if endpoint and endpoint.subnet else None
        if not isinstance(host, Subnet) or host.security_group is None:
            return _ended(flow, hop)
        if host.private_endpoint_policies not in {"enabled", "networksecuritygroupenabled"}:
            return _ended(flow, hop)
        return self._inbound(flow, host.security_group, host, hop)

    def _deliver(self, flow: Flow, network: VirtualNetwork | Gap) -> list[PathPart]:
        """Delivery inside a network: the receiver's own groups filter the inbound side (NSG-9)."""
        if isinstance(network, Gap):
            return _stopped(flow, self._gap_option(Stage.EXIT, network))
        hop = _hop(
            Stage.EXIT, network.id, Effect.ALLOW, "UDR-2", f"delivered inside virtual network {network.id.name}"
        )
        found: list[PathPart] = []
        rest = flow.traffic
        for firewall in self._estate.firewalls.values():
            if firewall.subnet is not None and firewall.subnet.parent == network.id:
                itself = rest.restrict(_space(firewall.private_addresses))
                if itself:
                    found += self._firewall(firewall, flow.over(itself), _MAX_DEVICES)
                    rest = rest - itself
        for subnet in network.subnets:
            inside = rest.restrict(_space(subnet.prefixes))
            if inside:
                found += self._into_subnet(flow.over(inside), subnet, hop)
                rest = rest - inside
        return found + (_ended(flow.over(rest), hop) if rest else [])

    def _into_subnet(self, flow: Flow, subnet: Subnet, hop: Hop) -> list[PathPart]:
        parts = (
            self._inbound(flow, subnet.security_group, subnet, None)
            if subnet.security_group
            else [PathPart(flow.traffic, (Way(),))]
        )
        found: list[PathPart] = []
        rest = flow.traffic
        for nic, addresses in self._filtered_nics(subnet):
            at_nic = rest.restrict(addresses)
            if at_nic and nic.security_group is not None:
                inner = self._inbound(flow.over(at_nic), nic.security_group, subnet, None)
                found += _combine(parts, inner)
                rest = rest - at_nic
        found += [PathPart(part.traffic & rest, part.ways) for part in parts if part.traffic & rest]
        return [PathPart(part.traffic, tuple(way.then((Option(hop=hop),)) for way in part.ways)) for part in found]

    def _filtered_nics(self, subnet: Subnet) -> Iterable[tuple[Nic, AddressSet]]:
        for nic in self._estate.nics.values():
            if nic.security_group is not None and not nic.model and subnet.id in nic.subnets:
                yield nic, _space(nic.addresses) & _space(subnet.prefixes)

    def _inbound(self, flow: Flow, group: ResourceId, subnet: Subnet, hop: Hop | None) -> list[PathPart]:
        parts = self._group_parts(flow, group, subnet, Stage.EXIT, direction="inbound")
        end = ((Option(hop=hop),),) if hop is not None else ()
        return [PathPart(part.traffic, (Way(steps=(part.options, *end)),)) for part in parts]

    # -- devices ---------------------------------------------------------------------------------------

    def _appliance(self, address: str, flow: Flow, subnet: Subnet, depth: int) -> list[PathPart]:
        if depth >= _MAX_DEVICES:
            return _stopped(
                flow, self._opaque("uncertain:UDR-55", "the chain of next hops runs in a circle or is too long")
            )
        holding = self._network.holder(address, subnet)
        if isinstance(holding.device, Firewall):
            return self._with_peering(holding, flow, self._firewall(holding.device, flow, depth))
        described = self._network.appliance(address)
        if described is not None:
            parts = described.parts(flow)
            ended = [
                _with_exit(part, _hop(Stage.EXIT, None, Effect.ALLOW, "UDR-16", "leaves by the described appliance"))
                for part in parts
            ]
            return self._with_peering(holding, flow, ended)
        return _stopped(flow, self._undescribed(holding, address))

    def _undescribed(self, holding: Holding, address: str) -> Option:
        device = holding.device
        if holding.code is not None or device is None:
            hop = _hop(
                Stage.APPLIANCE,
                holding.where,
                Effect.UNKNOWN,
                "UDR-16",
                holding.detail or f"next hop {address} is not known",
            )
            return unknown(hop, holding.code or "nva-opaque")
        if isinstance(device, Nic) and not device.model and not device.ip_forwarding:
            detail = f"network interface {device.id.name} at {address} does not forward"
            return Option(hop=_hop(Stage.APPLIANCE, device.id, Effect.DROP, "UDR-16", detail))
        hop = _hop(
            Stage.APPLIANCE,
            device.id,
            Effect.UNKNOWN,
            "UDR-16",
            f"what the appliance {device.id.name} at {address} passes is not known",
        )
        return unknown(hop, "nva-opaque")

    def _with_peering(self, holding: Holding, flow: Flow, parts: list[PathPart]) -> list[PathPart]:
        peering = holding.peering
        if peering is None:
            return parts
        hop = _hop(Stage.PEERING, peering.id, Effect.FORWARD, "UDR-23", f"crosses peering {peering.id.name}")
        return _then(hop, flow, parts, *_reply(peering, hop))

    def _firewall(self, firewall: Firewall, flow: Flow, depth: int) -> list[PathPart]:
        compiled = self._network.firewall(firewall, self._members)
        subnet = self._estate.subnet(firewall.subnet) if firewall.subnet is not None else None
        found: list[PathPart] = []
        for part in compiled.parts(flow):
            kinds = (
                "network"
                if any(option.kind == "network" and option.hop.outcome is Effect.ALLOW for option in part.options)
                else ""
            )
            following = self._beyond(firewall, flow.over(part.traffic), subnet, depth, kinds)
            found += _prefixed(PathPart(part.traffic, (Way(steps=(part.options,)),)), following)
        return found

    def _beyond(
        self, firewall: Firewall, flow: Flow, subnet: Subnet | Gap | None, depth: int, kinds: str
    ) -> list[PathPart]:
        own = flow.traffic.restrict(_space(firewall.private_addresses))
        found = [PathPart(own, (Way(),))] if own else []
        rest = flow.traffic - own
        if not rest:
            return found
        flow = flow.over(rest)
        if firewall.hub is not None:
            return found + self._beyond_hub(firewall, flow, kinds)
        if subnet is None:
            return found + _stopped(flow, self._opaque("unreadable-resource", "the firewall's subnet is not known"))
        if isinstance(subnet, Gap):
            return found + _stopped(flow, self._gap_option(Stage.ROUTE, subnet))
        default = self._network.routes(subnet).user_default
        if default is not None and default.hop != "internet" and not firewall.management:
            detail = "the firewall's own subnet has a 0/0 route and no management interface"
            return found + _stopped(flow, self._opaque("uncertain:FW-45", detail))
        return found + self._route(flow, subnet, node=False, depth=depth + 1, device=firewall, kinds=kinds)

    def _beyond_hub(self, firewall: Firewall, flow: Flow, kinds: str) -> list[PathPart]:
        found: list[PathPart] = []
        public = flow.traffic.restrict(GLOBAL)
        if public:
            found += self._leave(flow.over(public), None, firewall, kinds)
        rest = flow.traffic - public
        hub = self._estate.hubs.get(firewall.hub) if firewall.hub else None
        for connection in (hub.connections or ()) if hub else ():
            network = self._estate.network(connection.network)
            if isinstance(network, VirtualNetwork):
                inside = rest.restrict(_space(network.prefixes))
                if inside:
                    found += self._deliver(flow.over(inside), network)
                    rest = rest - inside
        if rest:
            found += _stopped(
                flow.over(rest),
                self._opaque("hub-routing-opaque", "where the hub sends private traffic is not known"),
            )
        return found

    def _hub(self, target: NextHop, flow: Flow, depth: int) -> list[PathPart]:
        hub = self._estate.hubs.get(target.resource) if target.resource else None
        policy = (
            next((item for item in (hub.intent or ()) if target.route in item.destinations), None) if hub else None
        )
        if hub is None or policy is None:
            return _stopped(flow, self._opaque("hub-routing-opaque"))
        hop = _hop(
            Stage.HUB,
            hub.id,
            Effect.FORWARD,
            "UDR-32",
            f"hub {hub.id.name} sends it to {policy.next_hop.name} (routing intent {policy.name})",
        )
        hop = replace(hop, rule=policy.name)
        if "azurefirewalls" not in policy.next_hop.kind:
            opaque = _hop(
                Stage.APPLIANCE,
                policy.next_hop,
                Effect.UNKNOWN,
                "UDR-32",
                f"what {policy.next_hop.name} passes is not known",
            )
            return _then(hop, flow, _stopped(flow, unknown(opaque, "nva-opaque")))
        firewall = self._estate.firewall(policy.next_hop)
        if isinstance(firewall, Gap):
            return _then(hop, flow, _stopped(flow, self._gap_option(Stage.FIREWALL, firewall)))
        return _then(hop, flow, self._firewall(firewall, flow, depth + 1))

    # -- options that say why nothing is known ---------------------------------------------------------

    def _gap_option(self, stage: Stage, gap: Gap) -> Option:
        return unknown(_hop(stage, gap.id, Effect.UNKNOWN, "V-6", f"{gap.id.name}: {gap.detail}"), gap.code)

    def _opaque(self, code: str, detail: str = "") -> Option:
        where = self._source.subnet_id
        return unknown(
            _hop(Stage.ROUTE, where, Effect.UNKNOWN, "V-6", detail or f"not decided by what was read ({code})"), code
        )

    def _no_address(self, target: NextHop) -> Option:
        hop = _hop(
            Stage.ROUTE,
            target.route_table,
            Effect.UNKNOWN,
            "UDR-16",
            f"route {target.route} names an appliance without an address",
        )
        return unknown(hop, "nva-opaque")


# -- small algebra of paths ----------------------------------------------------------------------------


def _hop(stage: Stage, resource: ResourceId | None, effect: Effect, clause: str, detail: str) -> Hop:
    return Hop(
        stage=stage,
        resource=resource.text if resource else None,
        rule=None,
        priority=None,
        outcome=effect,
        clause=clause,
        detail=detail,
    )


def _stopped(flow: Flow, option: Option) -> list[PathPart]:
    return [PathPart(flow.traffic, (Way(steps=((option,),)),))] if flow.traffic else []


def _ended(flow: Flow, hop: Hop) -> list[PathPart]:
    return _stopped(flow, Option(hop=hop))


def _exits(flow: Flow, way_out: Exit) -> list[PathPart]:
    return [PathPart(part.traffic, (Way(steps=(part.options,)),)) for part in exit_parts(flow, way_out)]


def _with_exit(part: Part, hop: Hop) -> PathPart:
    return PathPart(part.traffic, (Way(steps=(part.options, (Option(hop=hop),))),))


def _then(hop: Hop, flow: Flow, parts: list[PathPart], *more: Option) -> list[PathPart]:
    return _prefixed(PathPart(flow.traffic, (Way(steps=((Option(hop=hop), *more),)),)), parts)


def _prefixed(first: PathPart, rest: Sequence[PathPart]) -> list[PathPart]:
    """What follows a part, with the stages before it in front of every way."""
    return [
        PathPart(
            part.traffic,
            tuple(
                Way(
                    steps=(*before.steps, *after.steps),
                    unless=before.unless | after.unless,
                    codes=before.codes | after.codes,
                )
                for before in first.ways
                for after in part.ways
            ),
        )
        for part in rest
    ]


def _behind(option: Option, step: Option, following: Sequence[PathPart]) -> list[PathPart]:
    """A branch that is taken only when its route option holds."""
    return [
        PathPart(
            part.traffic,
            tuple(
                Way(steps=((step,), *way.steps), unless=way.unless | option.unless, codes=way.codes | option.codes)
                for way in part.ways
            ),
        )
        for part in following
    ]


def _alternatives(branches: Sequence[list[PathPart]]) -> list[PathPart]:
    """Several branches for the same traffic: their common refinement, with the ways of all (V-4, UDR-15)."""
    found = branches[0]
    for branch in branches[1:]:
        found = _combine_alternatives(found, branch)
    return found


def _combine_alternatives(first: Sequence[PathPart], second: Sequence[PathPart]) -> list[PathPart]:
    found: list[PathPart] = []
    for left in first:
        for right in second:
            common = left.traffic & right.traffic
            if common:
                found.append(PathPart(common, left.ways + right.ways))
    return found


def _combine(first: Sequence[PathPart], second: Sequence[PathPart]) -> list[PathPart]:
    """Both filters apply, one after the other."""
    found: list[PathPart] = []
    for left in first:
        for right in second:
            common = left.traffic & right.traffic
            if common:
                found += _prefixed(PathPart(common, left.ways), [PathPart(common, right.ways)])
    return found


def _always_allowed(part: PathPart) -> list[Option]:
    """Admin options under which security groups are skipped, on the way so far (NSG-30)."""
    return [option for way in part.ways for options in way.steps[:1] for option in skipping(options)]


def _overridden(options: Options, overriding: Sequence[Option]) -> Options:
    if not overriding:
        return options
    if any(option.target == "alwaysallow" and not option.unless and not option.codes for option in overriding):
        hop = replace(
            options[0].hop,
            outcome=Effect.ALLOW,
            rule=None,
            priority=None,
            clause="NSG-30",
            detail="skipped: an admin rule always allows it",
        )
        return (Option(hop=hop),)
    extra = tuple(
        replace(
            option,
            hop=replace(
                options[0].hop,
                outcome=Effect.ALLOW,
                rule=None,
                priority=None,
                clause="NSG-30",
                detail="an admin rule may always allow it",
            ),
            target=None,
        )
        for option in overriding
    )
    return (*options, *extra)


def _reply(peering: Peering, hop: Hop) -> tuple[Option, ...]:
    """Replies of a firewall enter the spoke as forwarded traffic (UDR-26)."""
    if peering.allow_forwarded:
        return ()
    codes = frozenset({"peering-forwarding"})
    dropped = replace(
        hop, outcome=Effect.DROP, clause="UDR-26", detail=f"peering {peering.id.name} may refuse forwarded replies"
    )
    return (Option(hop=dropped, unless=frozenset({codes}), codes=codes),)


def _space(prefixes: Iterable[str]) -> AddressSet:
    return AddressSet.union_all(found for found in map(literal, prefixes) if found is not None)
