"""A service tag list as large as Microsoft's for the public cloud, always the same; none of it is published."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, ip_network
from random import Random
from typing import Any, Final

SEED: Final = 20260618
REGIONS: Final = (
    "westeurope",
    "northeurope",
    "eastus",
    "eastus2",
    "westus",
    "westus2",
    *(f"region{number:02}" for number in range(54)),
)
BLOCKS_EACH: Final = 215
"""Prefixes of each region; together they are AzureCloud."""
SERVICES: Final = (
    "MicrosoftContainerRegistry",
    "AzureResourceManager",
    "AzureActiveDirectory",
    "AzureMonitor",
    "AzureKeyVault",
    "Storage",
    "AzureContainerRegistry",
    "AzureArcInfrastructure",
    "AzureUpdateDelivery",
    "Sql",
    *(f"Service{number:02}" for number in range(38)),
)
"""Services with a tag of their own and one in each region; the first ones are those that hosts of AKS have."""
WORLDWIDE: Final = ("AzureFrontDoor.FirstParty", "Marketplace")


def service_tag_list() -> dict[str, Any]:
    """About 3,000 tags and 93,000 prefixes, a quarter of them IPv6, in the shape of the download file."""
    random = Random(SEED)  # noqa: S311 - figures that are always alike, no secret
    values = list(_tags(random))
    return {"changeNumber": 1, "cloud": "Public", "values": values}


def _tags(random: Random) -> Iterator[dict[str, Any]]:
    blocks = _blocks(random)
    yield _tag("AzureCloud", "", [str(one) for region in REGIONS for one in blocks[region]])
    for region in REGIONS:
        yield _tag(f"AzureCloud.{region}", region, [str(one) for one in blocks[region]])
    for number, service in enumerate(SERVICES):
        parts = {
            region: _parts(random, blocks[region], number, place) for place, region in enumerate(REGIONS)
        }
        yield _tag(service, "", [one for region in REGIONS for one in parts[region]])
        for region in REGIONS:
            yield _tag(f"{service}.{region}", region, parts[region])
    for number, service in enumerate(WORLDWIDE):
        yield _tag(service, "", _parts(random, blocks["eastus"], 100 + number, 100))


def _blocks(random: Random) -> dict[str, list[IPv4Network]]:
    """Disjoint blocks for every region."""
    free = [block for start in ("20.0.0.0/8", "52.0.0.0/8") for block in IPv4Network(start).subnets(13)]
    random.shuffle(free)
    return {
        region: sorted(free[place * BLOCKS_EACH : (place + 1) * BLOCKS_EACH])
        for place, region in enumerate(REGIONS)
    }


def _parts(random: Random, blocks: list[IPv4Network], service: int, place: int) -> list[str]:
    """Some small prefixes inside a region's blocks, and IPv6 ones."""
    small = {_inside(random, random.choice(blocks)) for _ in range(1 + int(random.expovariate(1 / 8.3)))}
    six = [f"2603:{0x1000 + place:x}:{service:x}:{index:x}::/64" for index in range(random.randint(0, 6))]
    return [str(one) for one in sorted(small)] + six


def _inside(random: Random, block: IPv4Network) -> IPv4Network:
    length = random.randint(24, 31)
    offset = random.randrange(1 << (length - block.prefixlen)) << (32 - length)
    found = ip_network((int(block.network_address) + offset, length))
    assert isinstance(found, IPv4Network)  # noqa: S101 - a whole number below 2^32 is IPv4
    return found


def _tag(name: str, region: str, prefixes: list[str]) -> dict[str, Any]:
    service = name.split(".", 1)[0]
    properties = {
        "changeNumber": 1,
        "region": region,
        "regionId": 0,
        "platform": "Azure",
        "systemService": "" if service == "AzureCloud" else service,
        "addressPrefixes": prefixes,
        "networkFeatures": ["API", "NSG", "UDR", "FW"],
    }
    return {"name": name, "id": name, "properties": properties}
