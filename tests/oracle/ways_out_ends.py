"""Random public addresses and load balancers for the estates of `ways_out_estates`."""

from __future__ import annotations

from random import Random

from tests.oracle.packet import Json
from tests.oracle.skeleton import NETWORK, POOLS, Estate

STATES = ("Failed", "Updating")


class Ends:
    """Makes what gives traffic a public address."""

    def __init__(self, random: Random, estate: Estate) -> None:
        self.random = random
        self.estate = estate
        self.balancers: dict[str, list[str]] = {}
        """The backend pools of each load balancer that the nodes may name."""

    def chance(self, share: float) -> bool:
        """A coin that falls so often."""
        return self.random.random() < share

    # -- public addresses --------------------------------------------------------------------------------

    def address(self, plural: str = "publicIPAddresses") -> Json:
        """A reference to a public address or prefix of a random kind, perhaps one that the list lacks."""
        identity = f"{NETWORK}/{plural}/public-{len(self.estate.documents)}"
        kind = self.random.choice(("good",) * 6 + ("six", "six", "failed", "strange", "gone"))
        if kind == "gone":  # ARM-22
            return {"id": f"{identity}-gone"}
        body: Json = {"publicIPAddressVersion": "IPv4"}
        if kind == "six":
            body["publicIPAddressVersion"] = self.random.choice(("IPv6", "ipv6"))
        elif kind == "strange":
            body["publicIPAddressVersion"] = "IPv7"
        elif kind == "failed":
            body["provisioningState"] = self.random.choice(STATES)
        elif self.chance(0.3):
            del body["publicIPAddressVersion"]
        self.estate.add(identity, body, sku={"name": "Standard"})
        return self.reference(identity)

    def reference(self, identity: str) -> Json:
        """Ids compare without case (ARM-3)."""
        return {"id": identity.upper() if self.chance(0.05) else identity}

    # -- load balancers ----------------------------------------------------------------------------------

    def balancer(self, number: int) -> None:
        """A load balancer with two backend pools."""
        random, identity = self.random, f"{NETWORK}/loadBalancers/lb-{number}"
        pools = [f"{identity}/backendAddressPools/{name}" for name in ("one", "two")]
        self.balancers[identity] = pools
        if self.chance(0.04):
            return  # a load balancer that nobody read
        frontends = [
            self._frontend(f"front-{place}", subnet=random.choice(tuple(POOLS.values())))
            for place in range(random.choice((1, 1, 2)))
        ]
        ends = [f"{identity}/frontendIPConfigurations/{one['name']}" for one in frontends]
        body = {
            "frontendIPConfigurations": frontends,
            "backendAddressPools": [{"name": name, "properties": {}} for name in ("one", "two")],
            "outboundRules": [
                {"name": f"out-{place}", "properties": self._outbound_rule(pools, ends, identity)}
                for place in range(random.choice((0, 0, 1, 1, 2)))
            ],
            "loadBalancingRules": [
                {"name": f"in-{place}", "properties": self._balancing_rule(pools, ends)}
                for place in range(random.choice((0, 0, 1, 2)))
            ],
        }
        sku = random.choice(("Standard",) * 4 + ("standard", "Basic", "Gateway"))
        self.estate.add(identity, body, sku={"name": sku})

    def _frontend(self, name: str, subnet: str) -> Json:
        kind = self.random.choice(("address", "address", "address", "prefix", "private"))
        body: Json
        if kind == "address":
            body = {"publicIPAddress": self.address()}
        elif kind == "prefix":
            body = {"publicIPPrefix": self.address("publicIPPrefixes")}
        else:
            body = {"privateIPAddress": "10.1.0.12", "subnet": {"id": subnet}}
        return {"name": name, "properties": body}

    def _outbound_rule(self, pools: list[str], ends: list[str], identity: str) -> Json:
        random = self.random
        chosen = random.sample(ends, random.randint(1, len(ends)))
        if self.chance(0.06):
            chosen = random.choice(([], [f"{identity}/frontendIPConfigurations/gone"]))
        rule: Json = {
            "protocol": random.choice(("All", "All", "All", "Tcp", "Udp", "tcp")),
            "frontendIPConfigurations": [self.reference(one) for one in chosen],
        }
        if self.chance(0.02):
            rule["protocol"] = "Quic"
        if self.chance(0.95):
            rule["backendAddressPool"] = self.reference(random.choice((pools[0], *pools)))
        return rule

    def _balancing_rule(self, pools: list[str], ends: list[str]) -> Json:
        random = self.random
        rule: Json = {
            "protocol": random.choice(("Tcp", "Udp", "All")),
            "frontendPort": 443,
            "backendPort": 443,
            "frontendIPConfiguration": {"id": random.choice(ends)},
        }
        if self.chance(0.7):
            rule["disableOutboundSnat"] = random.choice((True, False, None))
        if self.chance(0.5):
            rule["backendAddressPool"] = {"id": random.choice(pools)}
        else:
            chosen = random.sample(pools, random.randint(1, 2))
            rule["backendAddressPools"] = [{"id": one} for one in chosen]
        return rule
