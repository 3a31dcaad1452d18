"""NAT gateways, public addresses, load balancers, network interfaces and scale sets (ARM-10..ARM-13)."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping
from dataclasses import replace

from auditor.model.documents.fields import Fields
from auditor.model.documents.library import Library, read
from auditor.model.outbound import (
    InboundRule,
    LoadBalancer,
    NatGateway,
    Nic,
    OutboundRule,
    PooledAddress,
    PublicAddress,
    ScaleSet,
    SnatPool,
)
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document

NAT_GATEWAYS = "microsoft.network/natgateways"
PREFIXES = "microsoft.network/publicipprefixes"
LOAD_BALANCERS = "microsoft.network/loadbalancers"
_FRONTENDS = "frontendIPConfigurations"
_POOLS = "backendAddressPools"
_TRANSLATED = frozenset({"tcp", "udp", "all"})
SCALE_SETS = "microsoft.compute/virtualmachinescalesets"

_SCALE_SET_OF = re.compile(r"^(.*/virtualmachinescalesets/[^/]+)/", re.IGNORECASE)
_POOL_OF_SET = re.compile(r"aks-(.+)-\d+-vmss", re.IGNORECASE)
_POOL_OF_MACHINE = re.compile(r"aks-(.+?)-\d+(?:-vmss.*|-nic-\d+|-vms\d+.*|-\d+)", re.IGNORECASE)
_FAMILIES = frozenset({"ipv4", "ipv6"})
_V4_LISTS = ("publicIpAddresses", "publicIpPrefixes")
_V6_LISTS = ("publicIpAddressesV6", "publicIpPrefixesV6")


def nat_gateway(document: Document) -> NatGateway:
    """A NAT gateway; without an address it cannot translate (UDR-39)."""
    root = read(document)
    root.need_success()
    addresses = tuple(found for name in _V4_LISTS for found in root.refs(name))
    for name in _V6_LISTS:
        root.refs(name)  # what is wrong there is a flaw of the gateway
    # both are undocumented ways out of the same kind (UDR-50)
    undocumented = root.has("sourceVirtualNetwork") or root.has("serviceGateway")
    return NatGateway(
        id=document.id,
        flaws=tuple(root.notes.flaws),
        has_addresses=bool(addresses),
        has_source_network=undocumented,
        address_ids=addresses,
    )


def public_address(document: Document) -> PublicAddress:
    """A public IP address or prefix; one that is malformed reads as not allocated."""
    root = read(document)
    root.need_success()
    name = "ipPrefix" if document.kind == PREFIXES else "ipAddress"
    text = root.text(name)
    valid = text is not None and root.is_prefix(name, text)
    sixth = root.enum("publicIPAddressVersion", _FAMILIES, "ipv4") == "ipv6" or (
        valid and ":" in (text or "")
    )
    return PublicAddress(
        id=document.id, address=text if valid else None, sixth=sixth, flaws=tuple(root.notes.flaws)
    )


def load_balancer(document: Document, library: Library) -> LoadBalancer:
    """A load balancer: its private frontends, and the pools that it translates (UDR-41, UDR-42)."""
    root = read(document)
    frontends, rules, outbound = (
        list(library.children(root, document.id, name, f"{LOAD_BALANCERS}/{name.lower()}"))
        for name in (_FRONTENDS, "loadBalancingRules", "outboundRules")
    )
    public = {
        _child_key(item, document, _FRONTENDS): item
        for item in frontends
        if item.has("publicIPAddress") or item.has("publicIPPrefix")
    }
    pools = library.children(root, document.id, _POOLS, f"{LOAD_BALANCERS}/{_POOLS.lower()}")
    private = tuple(found for item in frontends if (found := item.address("privateIPAddress")) is not None)
    known = {_child_key(item, document, _FRONTENDS) for item in frontends}
    outbound_rules = tuple(_outbound_rule(item, known, public) for item in outbound)
    snat = tuple(dict.fromkeys(found for item in rules for found in _snat_pools(item, public)))
    inbound = tuple(rule for item in rules if (rule := _inbound_rule(item, public)) is not None)
    pooled = tuple(member for item in pools for member in _pooled(item, document))
    sku = root.object("sku").lower("name", "basic")
    for item in (*frontends, *rules, *outbound):
        root.notes.absorb(item.notes.flaws)
    return LoadBalancer(
        id=document.id,
        flaws=tuple(root.notes.flaws),
        sku=sku,
        private_addresses=private,
        public=bool(public),
        outbound_rules=outbound_rules,
        snat_pools=snat,
        inbound=inbound,
        pooled=pooled,
    )


def _outbound_rule(item: Fields, known: Container[str], public: Mapping[str, Fields]) -> OutboundRule:
    used = [found.key for found in item.refs(_FRONTENDS)]
    if not used:
        # Nobody says to which address such a rule translates, if to any (UDR-41).
        item.notes.wrong(item.path_of(_FRONTENDS), "a value", None)
    for key in used:
        if key not in known:
            item.notes.wrong(item.path_of(_FRONTENDS), "a frontend of the load balancer", key)
    pool = item.ref("backendAddressPool")
    if pool is None:
        item.notes.wrong(item.path_of("backendAddressPool"), "a backend pool", None)
    addresses = (found for key in used if key in public for found in _public_addresses(public[key]))
    return OutboundRule(
        name=item.title(),
        protocol=item.enum("protocol", _TRANSLATED, "all"),
        pool=pool,
        public=any(key in public for key in used),
        addresses=tuple(addresses),
    )


def _public_addresses(frontend: Fields) -> tuple[ResourceId, ...]:
    found = (frontend.ref(name) for name in ("publicIPAddress", "publicIPPrefix"))
    return tuple(one for one in found if one is not None)


def _snat_pools(rule: Fields, public: Mapping[str, Fields]) -> list[SnatPool]:
    """The backend pools that a load-balancing rule translates implicitly (UDR-41)."""
    frontend = rule.ref("frontendIPConfiguration")
    if frontend is None or frontend.key not in public or rule.on("disableOutboundSnat"):
        return []
    addresses = _public_addresses(public[frontend.key])
    return [SnatPool(pool, addresses) for pool in _pools_of(rule)]


def _pools_of(rule: Fields) -> list[ResourceId]:
    one = rule.ref("backendAddressPool")
    return ([one] if one is not None else []) + list(rule.refs("backendAddressPools"))


def _inbound_rule(rule: Fields, public: Mapping[str, Fields]) -> InboundRule | None:
    """The rule if clients on the Internet can connect to it."""
    frontend = rule.ref("frontendIPConfiguration")
    if frontend is None or frontend.key not in public:
        return None
    # How clients connect is no matter of egress: what is odd here leaves no answer about it open.
    protocol, port = rule.raw("protocol"), rule.raw("frontendPort")
    return InboundRule(
        name=rule.title(),
        frontend=frontend.name,
        address=public[frontend.key].ref("publicIPAddress"),
        prefix=public[frontend.key].ref("publicIPPrefix"),
        pools=tuple(dict.fromkeys(_pools_of(rule))),
        protocol=protocol.lower() if isinstance(protocol, str) else "",
        port=port if isinstance(port, int) and not isinstance(port, bool) else None,
    )


def _pooled(pool: Fields, document: Document) -> list[PooledAddress]:
    """The members of a pool that have addresses of their own; the pool or the member says in which network."""
    reference = ResourceId(_child_key(pool, document, _POOLS))
    found: list[PooledAddress] = []
    for member in pool.objects("loadBalancerBackendAddresses"):
        address = member.address("ipAddress")
        if address is not None:
            subnet = member.ref("subnet")
            network = member.ref("virtualNetwork") or (subnet.parent if subnet else None)
            network = network or pool.ref("virtualNetwork")
            found.append(PooledAddress(pool=reference, address=address, network=network))
    return found


def _child_key(item: Fields, document: Document, name: str) -> str:
    own = item.own_id()
    return own.key if own is not None else f"{document.id.key}/{name}/{item.title()}".lower()


def nic(document: Document) -> Nic:
    """A network interface of a machine or of a scale set instance (ARM-13)."""
    root = read(document)
    found = _SCALE_SET_OF.match(document.id.text)
    scale_set = ResourceId(found[1]) if found else None
    machine = root.ref("virtualMachine")
    names = [document.id.name, *(item.name for item in (scale_set, machine) if item is not None)]
    pool = _pool_tag(root) or next(filter(None, (_pool_in(name) for name in names)), None)
    found_nic = _interface(root, document.id, model=False, scale_set=scale_set, pool=pool)
    return replace(found_nic, machine=machine is not None and scale_set is None)


def scale_set(document: Document) -> ScaleSet:
    """A scale set with the interfaces that its model describes (AKS-10)."""
    root = read(document)
    pool = _pool_tag(root) or _pool_in(document.id.name)
    profile = root.object("virtualMachineProfile").object("networkProfile")
    models = tuple(
        _interface(item, document.id, model=True, scale_set=document.id, pool=pool)
        for item in profile.objects("networkInterfaceConfigurations")
    )
    return ScaleSet(
        id=document.id,
        pool=pool,
        uniform=root.lower("orchestrationMode", "uniform") != "flexible",
        manual_upgrade=root.object("upgradePolicy").lower("mode", "manual") == "manual",
        models=models,
        flaws=tuple(root.notes.flaws),
    )


def _interface(
    fields: Fields, reference: ResourceId, *, model: bool, scale_set: ResourceId | None, pool: str | None
) -> Nic:
    """What an interface and the model of one have in common."""
    configurations = fields.objects("ipConfigurations")
    subnets = (item.ref("subnet") for item in configurations)
    addresses = (item.address("privateIPAddress") for item in configurations)
    groups = (group for item in configurations for group in item.refs("applicationSecurityGroups"))
    pools = (found for item in configurations for found in item.refs("loadBalancerBackendAddressPools"))
    public = [item for item in configurations if _has_public_ipv4(item)]
    named = [item.ref("publicIPAddress") for item in public]
    return Nic(
        id=reference,
        model=model,
        scale_set=scale_set,
        pool=pool,
        security_group=fields.ref("networkSecurityGroup"),
        subnets=tuple(dict.fromkeys(found for found in subnets if found is not None)),
        addresses=tuple(dict.fromkeys(found for found in addresses if found is not None)),
        public_ip=bool(public),
        public_address_ids=tuple(dict.fromkeys(found for found in named if found is not None))
        if all(named)
        else (),
        ip_forwarding=fields.on("enableIPForwarding"),
        application_groups=tuple(dict.fromkeys(groups)),
        backend_pools=tuple(dict.fromkeys(pools)),
        default_outbound=fields.flag("defaultOutboundConnectivityEnabled"),
        dns_servers=fields.object("dnsSettings").addresses("dnsServers"),
        private_link_names=tuple(served for item in configurations for served in _private_link_names(item)),
        flaws=tuple(fields.notes.flaws),
    )


def _has_public_ipv4(configuration: Fields) -> bool:
    """Whether there is a public address, and nothing says that it is an IPv6 one, which IPv4 does not take (AKS-18)."""
    if not any(configuration.has(name) for name in ("publicIPAddressConfiguration", "publicIPAddress")):
        return False
    described = configuration.object("publicIPAddressConfiguration")
    families = (
        configuration.enum("privateIPAddressVersion", _FAMILIES, "ipv4"),
        described.enum("publicIPAddressVersion", _FAMILIES, "ipv4"),
    )
    return "ipv6" not in families


def _private_link_names(configuration: Fields) -> list[tuple[str, tuple[str, ...]]]:
    """The names that an address of a private endpoint stands for."""
    address = configuration.address("privateIPAddress")
    names = configuration.object("privateLinkConnectionProperties").texts("fqdns")
    return [(name.lower(), (address,)) for name in names] if address is not None else []


def _pool_tag(root: Fields) -> str | None:
    """The agent pool that AKS wrote into the tags; tag names compare without case."""
    return root.object("tags").text("aks-managed-poolName")


def _pool_in(name: str) -> str | None:
    """The agent pool in a name that AKS made: `aks-<pool>-<digits>-vmss` and kin."""
    found = _POOL_OF_SET.fullmatch(name) or _POOL_OF_MACHINE.fullmatch(name)
    return found[1] if found else None
