"""What public addresses and load balancers are worth to a node's IPv4 traffic (UDR-39, UDR-41, UDR-42, AKS-18, V-6).

A part of `ways_out`; it imports nothing from the product.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from tests.oracle.network import Documents
from tests.oracle.packet import DROPPED, OPEN, PASSES, Fates, Json, Packet

FLAT = frozenset({"tcp", "udp"})
NO_METHOD: Fates = frozenset()
"""Not a way out at all, neither for this packet nor for another: the next in the order of UDR-37 has its turn."""


class Serves(Enum):
    """What a public address, or what stands for one, is worth to IPv4."""

    SURELY = "surely"
    PERHAPS = "perhaps"
    """It is one of IPv4, and whether it works is open."""
    OPEN = "open"
    """Not even its family is known."""
    NOT = "not"


_BEST = (Serves.SURELY, Serves.PERHAPS, Serves.OPEN, Serves.NOT)


class Balancers:
    """Answers about the addresses and load balancers of one estate."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def serves(self, reference: Json) -> Serves:
        """A public address or prefix (UDR-39, AKS-18, V-6, ARM-22)."""
        found = self._documents.by_id.get(reference["id"].lower())
        if found is None:
            return Serves.OPEN
        family = found["properties"].get("publicIPAddressVersion", "IPv4").lower()
        if family not in {"ipv4", "ipv6"}:  # ARM-2
            return Serves.OPEN
        if family == "ipv6":
            return Serves.NOT
        return Serves.SURELY if succeeded(found["properties"]) else Serves.PERHAPS

    def translated(self, owner: str, pools: set[str], packet: Packet) -> Fates:
        """What one load balancer does for members of some pools, of whichever load balancers they are (UDR-41)."""
        balancer = self._documents.by_id.get(owner)
        if balancer is None:  # V-6, ARM-22
            return OPEN
        body = balancer["properties"]
        frontends = {
            f"{owner}/frontendipconfigurations/{one['name'].lower()}": one["properties"]
            for one in body["frontendIPConfigurations"]
        }
        outbound = [one["properties"] for one in body["outboundRules"]]
        if not all(_understood(one, frontends) for one in outbound):  # V-6: of the whole document
            return OPEN
        if not any(map(_is_public, frontends.values())):
            return NO_METHOD
        if balancer["sku"]["name"].lower() != "standard":
            return OPEN
        found = [self._by_outbound_rule(one, frontends, packet) for one in outbound if _pool_of(one) in pools]
        for rule in (one["properties"] for one in body["loadBalancingRules"]):
            found += [
                self._beside(pool, outbound, rule, frontends, packet) for pool in pools & _pools_of(rule)
            ]
        return first(found)

    def _by_outbound_rule(self, rule: Json, frontends: dict[str, Json], packet: Packet) -> Fates:
        """An outbound rule is an explicit method for IPv4 if one of its addresses is (UDR-42, UDR-43)."""
        serves = self._worth(rule, frontends)
        if serves is Serves.NOT:
            return NO_METHOD
        if serves is Serves.OPEN:
            return OPEN
        if rule["protocol"].lower() not in {packet.protocol, "all"} or packet.protocol not in FLAT:
            return DROPPED  # UDR-42
        return PASSES if serves is Serves.SURELY else OPEN

    def _beside(
        self, pool: str, outbound: list[Json], rule: Json, frontends: dict[str, Json], packet: Packet
    ) -> Fates:
        """What a load-balancing rule does for a pool beside the outbound rules of the balancer (UDR-41)."""
        serves = self._frontend(frontends[rule["frontendIPConfiguration"]["id"].lower()])
        if rule.get("disableOutboundSnat") is True or serves is Serves.NOT:
            return NO_METHOD
        if any(_pool_of(one) == pool and not self._is_for_ipv6(one, frontends) for one in outbound):
            return NO_METHOD
        if outbound or serves is not Serves.SURELY:
            return OPEN
        return PASSES if packet.protocol in FLAT else DROPPED

    def _is_for_ipv6(self, rule: Json, frontends: dict[str, Json]) -> bool:
        used = [frontends[one["id"].lower()] for one in rule["frontendIPConfigurations"]]
        return any(map(_is_public, used)) and self._worth(rule, frontends) is Serves.NOT

    def _worth(self, rule: Json, frontends: dict[str, Json]) -> Serves:
        used = [frontends[one["id"].lower()] for one in rule["frontendIPConfigurations"]]
        return best(map(self._frontend, used))

    def _frontend(self, frontend: Json) -> Serves:
        named = [frontend[key] for key in ("publicIPAddress", "publicIPPrefix") if key in frontend]
        return best(map(self.serves, named))  # a private one translates nothing


def succeeded(body: Json) -> bool:
    """Whether nothing says that a document is not in force (V-6)."""
    return bool(body.get("provisioningState", "Succeeded") == "Succeeded")


def first(found: list[Fates]) -> Fates:
    """What one of several ways lets out leaves."""
    return next((one for one in (PASSES, OPEN, DROPPED) if one in found), NO_METHOD)


def best(found: Iterable[Serves]) -> Serves:
    """One address is enough."""
    return min((Serves.NOT, *found), key=_BEST.index)


def _is_public(frontend: Json) -> bool:
    return "publicIPAddress" in frontend or "publicIPPrefix" in frontend


def _understood(rule: Json, frontends: dict[str, Json]) -> bool:
    """Whether an outbound rule names a pool, frontends that are there, and a protocol of UDR-42 (UDR-41, ARM-2)."""
    ends = [one["id"].lower() for one in rule["frontendIPConfigurations"]]
    known = rule["protocol"].lower() in {"all", "tcp", "udp"}
    return bool(known and ends and _pool_of(rule) and all(one in frontends for one in ends))


def _pool_of(rule: Json) -> str:
    """The backend pool of an outbound rule; empty without one."""
    return str(rule.get("backendAddressPool", {}).get("id", "")).lower()


def _pools_of(rule: Json) -> set[str]:
    """The backend pools of a load-balancing rule."""
    single = [rule["backendAddressPool"]] if "backendAddressPool" in rule else []
    return {one["id"].lower() for one in (*single, *rule.get("backendAddressPools", ()))}
