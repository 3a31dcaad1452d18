"""Names of private zones and endpoints through estates: what they are resolved to, and what follows (AKS-25)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random

from auditor.model.finding import Trace
from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.literals import address, dotted, span
from tests.oracle.packet import Packet, word
from tests.oracle.resolving import AZURE, NOBODY, PUBLICLY, Answers, Resolving
from tests.oracle.run import ask, policy_for
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import (
    FIREWALL_IP,
    HUB,
    NETWORK,
    POLICIES,
    PRIVATE,
    PUBLIC,
    SIDE,
    SPOKE,
    Estate,
    dict_of,
)
from tests.oracle.test_names import SUBNETS, alternatives, everything

ZONES = {
    "corp.test": ("a", "b"),
    "x.corp.test": ("a",),
    "privatelink.vault.test": ("v", "w"),
}
ASKED = (
    "a.corp.test",
    "b.corp.test",
    "a.x.corp.test",
    "v.vault.test",
    "w.vault.test",
    "v.privatelink.vault.test",
)
ELSEWHERE = "nobody.elsewhere.test"
"""A name of which neither zones nor endpoints nor rules speak: its answer is that of any public name."""


def estate_with_zones(number: int) -> Estate:
    """A random estate with zones, links, an endpoint that serves a name, and servers that ask them."""
    estate, draw = random_estate(number), Random(f"zones {number}")  # noqa: S311
    places = [*range(span(PRIVATE)[0], span(PRIVATE)[1] + 1), span(PUBLIC)[0] + 3]

    def pick() -> str:
        return dotted(draw.choice(places))

    for zone, hosts in ZONES.items():
        identity = f"{NETWORK}/privateDnsZones/{zone}"
        if draw.random() < 0.2:
            continue
        estate.add(identity, {})
        for host in hosts:
            if draw.random() < 0.8:
                records = [{"ipv4Address": pick()} for _ in range(draw.choice((1, 1, 1, 2)))]
                estate.add(f"{identity}/A/{host}", {"aRecords": records})
        # one record at least, so that the records count as read
        estate.add(f"{identity}/A/other", {"aRecords": [{"ipv4Address": pick()}]})
        for place, network in enumerate((SPOKE, HUB, SIDE)):
            if draw.random() < 0.6:
                link = {
                    "virtualNetwork": {"id": network},
                    "virtualNetworkLinkState": draw.choice(
                        ("Completed", "Completed", "Completed", "InProgress")
                    ),
                    "resolutionPolicy": draw.choice(("Default", "NxDomainRedirect")),
                }
                estate.add(f"{identity}/virtualNetworkLinks/link-{place}", link)
    if draw.random() < 0.6:
        records = [one for one in estate.documents if str(one["id"]).endswith("privatelink.vault.test/A/v")]
        lists = [dict_of(record["properties"])["aRecords"] for record in records]
        held = [one["ipv4Address"] for listed in lists for one in listed]
        served = held if held and draw.random() < 0.6 else [pick()]
        state = {"privateLinkServiceConnectionState": {"status": "Approved"}}
        body = {
            "ipConfigurations": [],
            "privateLinkServiceConnections": [{"name": "one", "properties": state}],
            "customDnsConfigs": [{"fqdn": "v.vault.test", "ipAddresses": served}],
        }
        estate.add(f"{NETWORK}/privateEndpoints/named", body)
    servers = draw.choice(
        ((), (), (AZURE,), (FIREWALL_IP,), (FIREWALL_IP,), ("9.9.9.9",), (AZURE, FIREWALL_IP))
    )
    estate.one(SPOKE)["properties"]["dhcpOptions"] = {"dnsServers": list(servers)}
    for policy in ("child", "base"):
        found = [one for one in estate.documents if one["id"] == f"{POLICIES}/{policy}"]
        settings = draw.choice(
            ({"enableProxy": True}, {"enableProxy": True}, {"enableProxy": True, "servers": ["9.9.9.9"]}, {})
        )
        if (found and policy == "child") or draw.random() < 0.2:
            for one in found:
                one["properties"]["dnsSettings"] = settings
    return estate


def _right(slow: Interpreter, answers: Answers, subnet: str, public: str, protocol: str, name: str) -> str:
    """What the clauses say of a name with these answers from a subnet."""
    application = None if protocol == "tcp" else protocol
    known = [one for one in answers if isinstance(one, int)]
    words = {PUBLICLY: public, NOBODY: "unknown"}
    found = [words[one] for one in answers if isinstance(one, str)]
    if known:
        found.append(
            everything(
                alternatives(
                    word(slow.fates(Packet(subnet.lower(), source, one, "tcp", 443, application, name)))
                    for one in known
                )
                for source in map(address, SUBNETS[subnet])
            )
        )
    return alternatives(found)


def _by_subnet(traces: Sequence[Trace]) -> Mapping[str, str]:
    return {
        one.asked_from.subnet.key: one.verdict.outcome.value
        for one in traces
        if one.asked_from.subnet is not None
    }


@seeds(20, 1000)
def test_every_private_name(seeds: range, tmp_path: Path) -> None:
    """Of each name the audit says what the clauses say, beside its own answer for a name that is public."""
    wrong: list[str] = []
    for seed in seeds:
        estate = estate_with_zones(seed)
        slow, resolving = Interpreter(estate.documents), Resolving(estate.documents, SPOKE)
        texts = [f"{name}:443/{protocol}" for name in (*ASKED, ELSEWHERE) for protocol in ("tcp", "https")]
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate, pins=False), texts)
        for name in ASKED:
            for protocol in ("tcp", "https"):
                public, said = (_by_subnet(found[f"{one}:443/{protocol}"]) for one in (ELSEWHERE, name))
                answers = resolving.answers(name)
                for subnet in SUBNETS:
                    key = subnet.lower()
                    right = _right(slow, answers, subnet, public[key], protocol, name)
                    if right != said[key]:
                        shown = [dotted(one) if isinstance(one, int) else one for one in answers]
                        wrong.append(
                            f"estate {seed}: {name}:443/{protocol} from {subnet}: "
                            f"expected {right}, found {said[key]} ({shown})"
                        )
    assert not wrong, "\n".join([f"{len(wrong)} questions", *wrong[:10]])


def test_the_names_are_worth_asking() -> None:
    """Names are certain, perhaps private, public and nobody's, each of them often."""
    kinds: Counter[str] = Counter()
    for seed in range(20):
        resolving = Resolving(estate_with_zones(seed).documents, SPOKE)
        for name in ASKED:
            answers = resolving.answers(name)
            known = any(isinstance(one, int) for one in answers)
            open_ones = sorted(one for one in answers if isinstance(one, str))
            kinds[" ".join(["private"] * known + open_ones)] += 1
    assert min(kinds[kind] for kind in ("private", "private publicly", "publicly", "nobody")) >= 4, kinds
