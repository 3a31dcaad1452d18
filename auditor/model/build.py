"""From a Snapshot to the Estate: every document becomes a record or stays unread; nothing here raises."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from auditor.model.documents import (
    cluster,
    firewall,
    network,
    outbound,
    private_dns,
    private_endpoint,
    route_table,
    security_group,
    service_tags,
    virtual_wan,
)
from auditor.model.documents.library import Library, read
from auditor.model.estate import Estate
from auditor.model.network import Subnet
from auditor.model.outbound import Nic, PublicAddress
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import AdminRules
from auditor.model.snapshot import Document, Snapshot

T = TypeVar("T")
Table = dict[ResourceId, T]


def build_estate(snapshot: Snapshot) -> Estate:
    """All records of a snapshot. Hostile or unknown content becomes flaws of records, never an error (V-6)."""
    library = Library(snapshot)
    nics = _nics(library)
    return Estate(
        snapshot=snapshot,
        clusters=tuple(cluster.cluster(document, library) for document in library.of_kind(cluster.KIND)),
        networks=_with_children(library, network.KIND, network.virtual_network),
        orphan_subnets=_orphan_subnets(library),
        security_groups=_with_children(library, security_group.KIND, security_group.security_group),
        admin_rules=_admin_rules(library),
        route_tables=_with_children(library, route_table.KIND, route_table.route_table),
        nat_gateways=_alone(library, outbound.NAT_GATEWAYS, outbound.nat_gateway),
        public_ips=_public_ips(library),
        load_balancers=_with_children(library, outbound.LOAD_BALANCERS, outbound.load_balancer),
        nics=nics,
        scale_sets=_alone(library, outbound.SCALE_SETS, outbound.scale_set),
        firewalls=_alone(library, firewall.FIREWALLS, firewall.firewall),
        policies=_with_children(library, firewall.POLICIES, firewall.policy),
        groups=_alone(library, firewall.GROUPS, firewall.group),
        ip_groups=_alone(library, firewall.IP_GROUPS, firewall.ip_group),
        hubs=_with_children(library, virtual_wan.KIND, virtual_wan.virtual_hub),
        wans=_alone(library, virtual_wan.WANS, virtual_wan.wan),
        gateways=_alone(library, network.GATEWAYS, network.gateway),
        private_endpoints={
            document.id: private_endpoint.private_endpoint(document, nics)
            for document in library.of_kind(private_endpoint.KIND)
        },
        dns_zones=tuple(private_dns.dns_zones(library)),
        service_tags=service_tags.service_tags(snapshot.tag_lists),
    )


def _alone(library: Library, kind: str, parse: Callable[[Document], T]) -> Table[T]:
    return {document.id: parse(document) for document in library.of_kind(kind)}


def _with_children(library: Library, kind: str, parse: Callable[[Document, Library], T]) -> Table[T]:
    return {document.id: parse(document, library) for document in library.of_kind(kind)}


def _orphan_subnets(library: Library) -> Table[Subnet]:
    """Subnets that were read alone: their virtual network is not in the snapshot."""
    return {
        document.id: network.subnet(read(document), document.id)
        for document in library.of_kind(network.SUBNETS)
        if document.id.parent is not None and document.id.parent.key not in library.documents
    }


def _admin_rules(library: Library) -> Table[AdminRules]:
    """Admin rules by network, also of a network that was not read itself."""
    action = security_group.ADMIN_ACTION
    networks = (
        ResourceId(document.id.text.rstrip("/").rsplit("/", 1)[0])
        for document in library.of_kind(f"{network.KIND}/{action}")
    )
    found = ((reference, security_group.admin_rules(reference, library)) for reference in networks)
    return {reference: rules for reference, rules in found if rules is not None}


def _public_ips(library: Library) -> Table[PublicAddress]:
    """Public addresses and prefixes, those of scale set instances too."""
    kinds = (kind for kind in library.kinds() if kind.endswith(("/publicipaddresses", "/publicipprefixes")))
    return {
        document.id: outbound.public_address(document) for kind in kinds for document in library.of_kind(kind)
    }


def _nics(library: Library) -> Table[Nic]:
    """Network interfaces of machines and of scale set instances (ARM-12, ARM-13)."""
    kinds = (kind for kind in library.kinds() if kind.endswith("/networkinterfaces"))
    return {document.id: outbound.nic(document) for kind in kinds for document in library.of_kind(kind)}
