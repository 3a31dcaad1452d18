"""Which outbound method serves a node subnet or a firewall (UDR-37..UDR-50, FW-43..FW-49)."""

from __future__ import annotations

from auditor.filters.known_addresses import PUBLIC
from auditor.filters.outbound import SERVICES, Exit
from auditor.model.estate import Estate
from auditor.model.firewall import Firewall
from auditor.model.gap import Gap
from auditor.model.network import Subnet, VirtualNetwork
from auditor.model.outbound import NatGateway
from auditor.model.verdict import Effect
from auditor.netset import AddressSet
from auditor.netset.service import ANY
from auditor.paths.interfaces import Interfaces
from auditor.paths.load_balancers import load_balancer_exit, shows_way_out
from auditor.paths.public_addresses import are_ipv6, are_missing, unusable
from auditor.paths.sources import Source

_TRANSLATED = SERVICES["tcp_udp"]
_UNVERIFIED = "default-outbound-unverified"


def node_exit(source: Source, interfaces: Interfaces, subnet: Subnet, estate: Estate) -> Exit:
    """The outbound method of nodes with such interfaces, by the precedence of UDR-37."""
    undocumented = _undocumented(subnet, estate)
    if undocumented is not None:
        return undocumented
    if subnet.nat_gateway is not None:
        return _nat_exit(estate.nat_gateway(subnet.nat_gateway), estate)
    if (why := interfaces.public_unsure) is not None:
        return _open((why.unread or subnet.id).text, why.clause, why.detail, why.code)
    if interfaces.public_ip:
        return Exit(
            services=ANY,
            resource=subnet.id.text,
            clause="UDR-40",
            detail="nodes have public IPs of their own",
        )
    doubt = source.cluster.backend_pool_doubt
    if doubt is not None:
        detail = (
            "whether the load balancer's pool holds addresses is not known, so which way out serves is open"
        )
        return _open(source.cluster.id.text, "UDR-49", detail, doubt)
    if source.cluster.backend_pool_node_ip:
        return _pooled_by_address(source, subnet, estate)
    balanced = load_balancer_exit(source.cluster, interfaces, estate)
    return balanced if balanced is not None else _default_exit(interfaces, subnet, estate)


def _open(resource: str, clause: str, detail: str, code: str) -> Exit:
    """An outbound method of which nobody can say what it does."""
    return Exit(services=ANY, resource=resource, clause=clause, detail=detail, unknown=code)


def _undocumented(subnet: Subnet, estate: Estate) -> Exit | None:
    network = estate.network(subnet.network)
    gateway = isinstance(network, VirtualNetwork) and network.public_nat_gateway
    if not (subnet.service_gateway or gateway):
        return None
    detail = "a service gateway or a network-wide NAT gateway is set, whose effect is not documented"
    return _open(subnet.id.text, "UDR-50", detail, "uncertain:UDR-50")


def _nat_exit(gateway: NatGateway | Gap, estate: Estate) -> Exit:
    resource = gateway.id.text
    if isinstance(gateway, Gap):
        detail = f"NAT gateway {gateway.id.name}: {gateway.detail}"
        return _open(resource, "V-6", detail, gateway.code)
    if gateway.flaws:
        flaw = gateway.flaws[0]
        return _open(resource, "V-6", flaw.detail, flaw.code)
    if gateway.has_source_network:
        detail = "the NAT gateway serves a source network, whose effect is not documented"
        return _open(resource, "UDR-50", detail, "uncertain:UDR-50")
    if not gateway.has_addresses:
        detail = f"NAT gateway {gateway.id.name} has no public IP"
        return _open(resource, "UDR-39", detail, "nat-unverified")
    if are_ipv6(gateway.address_ids, estate):
        detail = f"NAT gateway {gateway.id.name} has IPv6 addresses only"
        return _open(resource, "UDR-39", detail, "nat-unverified")
    if are_missing(gateway.address_ids, estate):
        detail = (
            f"NAT gateway {gateway.id.name} names public addresses that lists read completely do not have"
        )
        return _open(resource, "ARM-22", detail, "nat-unverified")
    if (why := unusable(gateway.address_ids, estate)) is not None:
        # The code tells to supply the addresses along with the gateway that names them.
        code = why.code if why.unread is None else "nat-unverified"
        return _open(resource, why.clause, why.detail, code)
    return Exit(
        services=_TRANSLATED,
        resource=resource,
        clause="UDR-38",
        detail=f"leaves by NAT gateway {gateway.id.name}",
        other=Effect.UNKNOWN,
        other_code="uncertain:UDR-38",
    )


def _pooled_by_address(source: Source, subnet: Subnet, estate: Estate) -> Exit:
    """Machines whose load balancer pools them by address use default outbound access, a known issue (UDR-49)."""
    return Exit(
        services=_TRANSLATED,
        resource=source.cluster.id.text,
        clause="UDR-49",
        detail="the load balancer's pool holds addresses, so which way out serves the nodes is open",
        exists=shows_way_out(source.cluster, estate) or not _is_private(subnet),
        doubt=_UNVERIFIED,
        other=Effect.UNKNOWN,
        other_code="uncertain:UDR-43",
    )


def _default_exit(interfaces: Interfaces, subnet: Subnet, estate: Estate) -> Exit:
    """Default outbound access, or none (UDR-43..UDR-48)."""
    said = interfaces.default_outbound
    if said is True:
        detail = "leaves by default outbound access, which its network interfaces say is on"
        return Exit(
            services=_TRANSLATED,
            resource=subnet.id.text,
            clause="UDR-44",
            detail=detail,
            other=Effect.UNKNOWN,
            other_code="uncertain:UDR-43",
            other_clause="UDR-43",
        )
    if interfaces.flexible:
        detail = "machines of a flexible scale set never get default outbound access"
        storage, code = _storage_of_region(subnet, estate)
        return Exit(
            services=ANY,
            resource=subnet.id.text,
            clause="UDR-45",
            detail=detail,
            exists=False,
            # Delegated or not (UDR-48): where the mark may hold, so may its exception.
            same_region_storage=storage if subnet.default_outbound is False else None,
            storage_code=code,
        )
    private = _is_private(subnet)
    if subnet.default_outbound is False and not private and said is None:
        detail = f"subnet {subnet.id.name} is delegated, where the mark of private subnets does not apply"
        return _open(subnet.id.text, "UDR-48", detail, "uncertain:UDR-48")
    if private or said is False:
        detail = f"subnet {subnet.id.name} is private and has no outbound method"
        clause = "UDR-46" if private else "UDR-44"
        storage, code = _storage_of_region(subnet, estate)
        return Exit(
            # Nothing that translates is known, so what it translates cannot matter.
            services=ANY,
            resource=subnet.id.text,
            clause=clause,
            detail=detail,
            exists=False,
            # A machine older than the flag keeps its access until it is reallocated; only its interface tells.
            doubt=None if said is False else _UNVERIFIED,
            same_region_storage=storage,
            storage_code=code,
        )
    return Exit(
        services=_TRANSLATED,
        resource=subnet.id.text,
        clause="UDR-43",
        detail=f"leaves by default outbound access of subnet {subnet.id.name}",
        doubt=_UNVERIFIED,
        other=Effect.UNKNOWN,
        other_code="uncertain:UDR-43",
    )


def _is_private(subnet: Subnet) -> bool:
    """Whether default outbound access is off; delegated subnets cannot be private (UDR-48)."""
    return subnet.default_outbound is False and not subnet.delegations


def _storage_of_region(subnet: Subnet, estate: Estate) -> tuple[AddressSet, str]:
    """A private subnet still reaches Storage of its own region (UDR-47)."""
    network = estate.network(subnet.network)
    location = network.location if isinstance(network, VirtualNetwork) else ""
    storage = estate.service_tags.get(f"Storage.{location}")
    if storage is None:
        return PUBLIC, "tag-snapshot-missing"
    return storage.only_v4(), "same-region-storage"


def firewall_exit(firewall: Firewall, subnet: Subnet | None, estate: Estate, *, translated: bool) -> Exit:
    """How a firewall sends to the Internet; `translated` is False where it keeps private sources (FW-44)."""
    resource = firewall.id.text
    if not translated:
        detail = "the firewall's SNAT ranges keep the private source address, which cannot leave directly"
        return Exit(services=_TRANSLATED, resource=resource, clause="FW-44", detail=detail, exists=False)
    if subnet is not None and subnet.nat_gateway is not None:
        return _nat_exit(estate.nat_gateway(subnet.nat_gateway), estate)
    if not firewall.public_ip_ids and not firewall.public_addresses:
        detail = f"firewall {firewall.id.name} has no public IP and a route to the Internet"
        return _open(resource, "FW-45", detail, "uncertain:FW-45")
    if _has_only_ipv6(firewall, estate):
        detail = f"firewall {firewall.id.name} has IPv6 public IPs only and a route to the Internet"
        return _open(resource, "FW-45", detail, "uncertain:FW-45")
    if not firewall.public_addresses and are_missing(firewall.public_ip_ids, estate):
        detail = f"firewall {firewall.id.name} names public IPs that lists read completely do not have"
        return _open(resource, "ARM-22", detail, "unreadable-resource")
    if not firewall.public_addresses and (why := unusable(firewall.public_ip_ids, estate)) is not None:
        return _open((why.unread or firewall.id).text, why.clause, why.detail, why.code)
    return Exit(
        services=_TRANSLATED,
        resource=resource,
        clause="FW-43",
        detail=f"leaves by the public IP of firewall {firewall.id.name}",
        other=Effect.DROP,
        other_clause="FW-48",
    )


def _has_only_ipv6(firewall: Firewall, estate: Estate) -> bool:
    """Whether every public address of a firewall that has some is an IPv6 one, so IPv4 has none (AKS-18)."""
    if any(":" not in text for text in firewall.public_addresses):
        return False
    return not firewall.public_ip_ids or are_ipv6(firewall.public_ip_ids, estate)
