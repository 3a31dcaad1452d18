"""The addresses of the platform through random estates: which services rules reach, and which nobody knows (NSG-21)."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.oracle.estates import random_estate
from tests.oracle.groups import DNS, METADATA
from tests.oracle.interpreter import Interpreter
from tests.oracle.laws import security_groups
from tests.oracle.literals import address, dotted
from tests.oracle.packet import Json, Packet, word
from tests.oracle.run import ask, parts_of, policy_for, verdict_at
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import SOURCES, Estate

SERVICES = (
    *(("tcp", port) for port in (53, 80, 443, 32526)),
    *(("udp", port) for port in (53, 67, 68, 80)),
    ("icmp", 0),
)
NAMES = (
    "*",
    "AzurePlatformDNS",
    "AzurePlatformIMDS",
    "168.63.129.16",
    "169.254.0.0/16",
    "VirtualNetwork",
    "Internet",
)


def _estate(seed: int) -> Estate:
    """A random estate with a rule more in half of its groups, about one of these addresses."""
    random = Random(seed)  # noqa: S311 - the same on every run
    estate = random_estate(seed)
    for group in security_groups(estate):
        if random.random() < 0.5:
            group["securityRules"].append({"name": "platform", "properties": _rule(random)})
    return estate


def _rule(random: Random) -> Json:
    return {
        "direction": "Outbound",
        "priority": 99,
        "access": random.choice(("Allow", "Deny")),
        "protocol": random.choice(("*", "Tcp", "Udp")),
        "sourceAddressPrefix": "*",
        "sourcePortRange": "*",
        "destinationAddressPrefix": random.choice(NAMES),
        "destinationPortRange": random.choice(("*", "53", "80-443")),
    }


@seeds(20, 600)
def test_platform_addresses(seeds: range, tmp_path: Path) -> None:
    """The audit says of each service at these addresses what the clauses say."""
    wrong: list[str] = []
    for seed in seeds:
        estate = _estate(seed)
        slow = Interpreter(estate.documents)
        asked = {
            f"{dotted(to)}{f':{port}' if port else ''}/{protocol}": (to, protocol, port)
            for to in (DNS, METADATA)
            for protocol, port in SERVICES
        }
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate), list(asked))
        for question, (to, protocol, port) in asked.items():
            parts = parts_of(found[question])
            for subnet, sources in SOURCES.items():
                for source in map(address, sources):
                    packet = Packet(subnet.lower(), source, to, protocol, port)
                    expected, said = word(slow.fates(packet)), verdict_at(parts, packet)
                    if expected != said:
                        wrong.append(
                            f"estate {seed}: {question}: {packet}: expected {expected}, found {said}"
                        )
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])
