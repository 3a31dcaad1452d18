"""What is read of Azure, in one table: kinds, where each is listed, and the action that reading it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from auditor.model.essential import is_essential

Place = Literal["subscription", "group", "parent", "alone"]

CLUSTERS: Final = "Microsoft.ContainerService/managedClusters"
POOLS: Final = f"{CLUSTERS}/agentPools"
DEPENDENCIES: Final = f"{CLUSTERS}/outboundNetworkDependenciesEndpoints"
EXTENSIONS: Final = "Microsoft.KubernetesConfiguration/extensions"
NETWORKS: Final = "Microsoft.Network/virtualNetworks"
SUBNETS: Final = f"{NETWORKS}/subnets"
ADMIN_RULES: Final = f"{NETWORKS}/listNetworkManagerEffectiveSecurityAdminRules"
SECURITY_GROUPS: Final = "Microsoft.Network/networkSecurityGroups"
ROUTE_TABLES: Final = "Microsoft.Network/routeTables"
NAT_GATEWAYS: Final = "Microsoft.Network/natGateways"
PUBLIC_IPS: Final = "Microsoft.Network/publicIPAddresses"
PUBLIC_PREFIXES: Final = "Microsoft.Network/publicIPPrefixes"
LOAD_BALANCERS: Final = "Microsoft.Network/loadBalancers"
NICS: Final = "Microsoft.Network/networkInterfaces"
EFFECTIVE_ROUTES: Final = f"{NICS}/effectiveRouteTable"
EFFECTIVE_GROUPS: Final = f"{NICS}/effectiveNetworkSecurityGroups"
SCALE_SETS: Final = "Microsoft.Compute/virtualMachineScaleSets"
SCALE_SET_NICS: Final = f"{SCALE_SETS}/networkInterfaces"
SCALE_SET_IPS: Final = f"{SCALE_SETS}/publicIPAddresses"
MACHINES: Final = "Microsoft.Compute/virtualMachines"
FIREWALLS: Final = "Microsoft.Network/azureFirewalls"
POLICIES: Final = "Microsoft.Network/firewallPolicies"
RULE_GROUPS: Final = f"{POLICIES}/ruleCollectionGroups"
IP_GROUPS: Final = "Microsoft.Network/ipGroups"
HUBS: Final = "Microsoft.Network/virtualHubs"
HUB_CONNECTIONS: Final = f"{HUBS}/hubVirtualNetworkConnections"
HUB_TABLES: Final = f"{HUBS}/hubRouteTables"
ROUTING_INTENT: Final = f"{HUBS}/routingIntent"
WANS: Final = "Microsoft.Network/virtualWans"
ENDPOINTS: Final = "Microsoft.Network/privateEndpoints"
ZONES: Final = "Microsoft.Network/privateDnsZones"
ZONE_LINKS: Final = f"{ZONES}/virtualNetworkLinks"
ZONE_RECORDS: Final = f"{ZONES}/A"
GATEWAYS: Final = "Microsoft.Network/virtualNetworkGateways"
APPLICATION_GROUPS: Final = "Microsoft.Network/applicationSecurityGroups"
SERVICE_TAGS: Final = "Microsoft.Network/locations/serviceTags"
PROVIDERS: Final = "Microsoft.Resources/providers"
FEATURES: Final = "Microsoft.Features/providers/features"
PERMISSIONS: Final = "Microsoft.Authorization/permissions"
GRAPH_ADMIN_RULES: Final = "Microsoft.Network/effectiveSecurityAdminRules"
LOCKING_DOWN: Final = "providers/Microsoft.ContainerService/features/AKSLockingDownEgressPreview"
"""The feature that the 2019 edition wants registered, below the provider of features."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of thing that is read."""

    type: str
    """Resource type, or resource type and action, as manifests write it."""
    listed: Place
    """Where a list of it is asked for; `alone`: it is asked for by itself."""
    actions: tuple[str, ...]
    """What a role must hold for it (ARM-4..ARM-19)."""
    deep: bool = False
    """Whether only `--deep` asks for it."""
    optional: bool = False
    """Whether the Reader role has not all actions, and what it lacks is asked for in rare cases only."""

    @property
    def essential(self) -> bool:
        """Whether its failed read makes an audit incomplete."""
        return is_essential(self.type)


def _read(
    type_: str, listed: Place, *more: str, deep: bool = False, optional: bool = False, action: str = ""
) -> Kind:
    return Kind(
        type=type_, listed=listed, actions=(action or f"{type_}/read", *more), deep=deep, optional=optional
    )


KINDS: Final = (
    _read(CLUSTERS, "subscription"),
    _read(NETWORKS, "subscription"),
    _read(SECURITY_GROUPS, "subscription"),
    _read(ROUTE_TABLES, "subscription"),
    _read(NAT_GATEWAYS, "subscription"),
    _read(PUBLIC_IPS, "subscription"),
    _read(PUBLIC_PREFIXES, "subscription"),
    _read(LOAD_BALANCERS, "subscription"),
    _read(NICS, "subscription"),
    _read(SCALE_SETS, "subscription"),
    _read(FIREWALLS, "subscription"),
    _read(POLICIES, "subscription"),
    _read(IP_GROUPS, "subscription"),
    _read(HUBS, "subscription"),
    _read(WANS, "subscription"),
    _read(ENDPOINTS, "subscription"),
    _read(ZONES, "subscription"),
    _read(APPLICATION_GROUPS, "subscription"),
    _read(PERMISSIONS, "alone"),
    _read(GATEWAYS, "group"),
    _read(MACHINES, "group"),
    _read(POOLS, "parent"),
    _read(DEPENDENCIES, "parent"),
    _read(EXTENSIONS, "parent"),
    _read(SUBNETS, "alone"),
    _read(SCALE_SET_NICS, "parent", f"{SCALE_SETS}/virtualMachines/networkInterfaces/read"),
    _read(
        SCALE_SET_IPS,
        "parent",
        f"{SCALE_SETS}/virtualMachines/networkInterfaces/ipConfigurations/publicIPAddresses/read",
    ),
    _read(RULE_GROUPS, "parent"),
    _read(HUB_CONNECTIONS, "parent"),
    _read(HUB_TABLES, "parent"),
    _read(ROUTING_INTENT, "parent"),
    _read(ZONE_LINKS, "parent"),
    _read(ZONE_RECORDS, "parent"),
    _read(SERVICE_TAGS, "alone"),
    _read(PROVIDERS, "alone", action="Microsoft.Resources/subscriptions/providers/read"),
    _read(FEATURES, "alone"),
    _read(GRAPH_ADMIN_RULES, "alone"),
    _read(ADMIN_RULES, "alone", action=f"{ADMIN_RULES}/action", optional=True),
    _read(EFFECTIVE_ROUTES, "alone", action=f"{EFFECTIVE_ROUTES}/action", deep=True),
    _read(EFFECTIVE_GROUPS, "alone", action=f"{EFFECTIVE_GROUPS}/action", deep=True),
)
"""Everything that may be read. Admin rules come from Resource Graph (NSG-32); where it says that a network has
some, the network itself is asked, which Reader may not."""

WRITTEN: Final = {kind.type.lower(): kind.type for kind in KINDS}
"""Each kind as it is written, by its lower case."""
SUBSCRIPTION_LISTS: Final = tuple(kind.type for kind in KINDS if kind.listed == "subscription")
"""One list each for a subscription that is read as a whole."""
NETWORK_READS: Final = (f"{NETWORKS}/read", f"{GRAPH_ADMIN_RULES}/read")
"""What must be granted on a network before an empty answer of Resource Graph counts as "none" (ARM-32)."""
