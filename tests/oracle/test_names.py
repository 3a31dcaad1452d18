"""Names over http, https, mssql and raw tcp through random estates, each pinned to addresses of the tiny universe."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from random import Random

from auditor.model.finding import Trace
from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.literals import address
from tests.oracle.packet import Packet, word
from tests.oracle.run import ask, policy_for
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import BATCH, NAMES, NODES, PORTS, Estate

PATTERN = "*.contoso.com"
INSIDE = ("www.contoso.com", "a.b.contoso.com", "nobody.names.contoso.com")
"""Names that the pattern holds: those that rules may tell apart, and one of all the others."""
SUBNETS = {NODES: ("10.1.0.1", "10.1.0.4", "10.1.0.8", "10.1.0.9"), BATCH: ("10.1.0.16", "10.1.0.20")}
"""For each subnet one address of every class of sources that the generator's rules can tell apart."""

FIRST, SHORT = 60, 20
"""The first estate asked and how many are in every run: one in six has `mixed` answers, several of these do."""


def named_estate(number: int) -> Estate:
    """A random estate where the pattern is pinned, too, and where rules mean some names surely and others perhaps."""
    estate = random_estate(number)
    estate.pins[PATTERN] = estate.pins[NAMES[0]]
    random = Random(f"names {number}")  # noqa: S311 - the estates are the same on every run
    if random.random() < 0.3:  # answers about names are told apart by the names alone
        estate.pins = dict.fromkeys(estate.pins, estate.pins[NAMES[0]])
    for document in estate.documents:
        body = document.get("properties", {})
        if document["type"].lower().endswith("/firewallpolicies") and random.random() < 0.1:
            spared = {"fqdns": random.sample(NAMES, 2), "ipAddresses": []}
            body |= {"threatIntelMode": "Deny", "threatIntelWhitelist": spared}
        for collection in body.get("ruleCollections", ()):
            for rule in collection["rules"]:
                if rule["ruleType"] == "ApplicationRule" and random.random() < 0.1:
                    rule["webCategories"] = ["news"]
    return estate


def alternatives(verdicts: Iterable[str]) -> str:
    """One name has several possible addresses: alike, or unknown."""
    found = set(verdicts)
    return found.pop() if len(found) == 1 else "unknown"


def everything(verdicts: Iterable[str]) -> str:
    """Everything is asked for: alike, or mixed where some surely passes and some surely does not (V-5)."""
    found = set(verdicts)
    if len(found) == 1:
        return found.pop()
    return "mixed" if {"allowed", "blocked"} <= found or "mixed" in found else "unknown"


def asked(seed: int) -> Iterator[tuple[str, int, str]]:
    """(name, port, protocol) of the questions about one estate."""
    random = Random(seed)  # noqa: S311 - the questions are the same on every run
    for name in (*NAMES, PATTERN):
        for protocol in ("http", "https", "mssql", "tcp"):
            yield name, 443, protocol
            yield name, random.choice(PORTS), protocol


def expected(
    slow: Interpreter, estate: Estate, subnet: str, question: tuple[str, int, str], sources: Iterable[int]
) -> str:
    """What the clauses say of one question from all of some sources."""
    name, port, protocol = question
    application = None if protocol == "tcp" else protocol
    names = INSIDE if name == PATTERN else (name,)
    return everything(
        alternatives(
            word(slow.fates(Packet(subnet.lower(), source, address(pin), "tcp", port, application, one)))
            for pin in estate.pins[name]
        )
        for source in sources
        for one in names
    )


def _verdict_of(traces: Sequence[Trace], subnet: str) -> str:
    (found,) = [
        one for one in traces if one.asked_from.subnet and one.asked_from.subnet.key == subnet.lower()
    ]
    return found.verdict.outcome.value


@seeds(SHORT, 2000)
def test_every_name(seeds: range, tmp_path: Path) -> None:
    """Of each name and pattern the audit says what the clauses say, from all addresses of a subnet together."""
    wrong: list[str] = []
    for seed in range(FIRST + seeds.start, FIRST + seeds.stop):
        estate = named_estate(seed)
        slow = Interpreter(estate.documents)
        questions = {
            f"{name}:{port}/{protocol}": (name, port, protocol) for name, port, protocol in asked(seed)
        }
        found = ask(estate.write(tmp_path / str(seed)), policy_for(estate), list(questions))
        for text, question in questions.items():
            for subnet, sources in SUBNETS.items():
                right = expected(slow, estate, subnet, question, map(address, sources))
                said = _verdict_of(found[text], subnet)
                if right != said:
                    wrong.append(f"estate {seed}: {text} from {subnet}: expected {right}, found {said}")
    assert not wrong, "\n".join([f"{len(wrong)} questions", *wrong[:10]])


def test_the_questions_are_worth_asking() -> None:
    """Names are answered in all four ways, each of them often and in several of the estates of every run."""
    found: Counter[str] = Counter()
    estates: Counter[str] = Counter()
    for seed in range(FIRST, FIRST + SHORT):
        estate = named_estate(seed)
        slow = Interpreter(estate.documents)
        here = Counter(
            expected(slow, estate, subnet, question, map(address, sources))
            for question in asked(seed)
            for subnet, sources in SUBNETS.items()
        )
        found += here
        estates.update(here.keys())
    verdicts = ("allowed", "blocked", "unknown", "mixed")
    assert min(found[verdict] for verdict in verdicts) > 40, found
    assert min(estates[verdict] for verdict in verdicts) >= 4, estates
