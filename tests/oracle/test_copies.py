"""Two reads of one resource that differ: what is said for sure holds whichever of them is right (V-6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest

from tests.estates.documents import objects
from tests.oracle.estates import random_estate
from tests.oracle.interpreter import Interpreter
from tests.oracle.packet import Json, word
from tests.oracle.run import ask, flat_questions, parts_of, policy_for, verdict_at
from tests.oracle.seeds import seeds
from tests.oracle.skeleton import Estate
from tests.oracle.test_packets import packets

_CHANGED = {
    "virtualNetworks",
    "networkSecurityGroups",
    "routeTables",
    "azureFirewalls",
    "firewallPolicies",
    "ruleCollectionGroups",
    "ipGroups",
    "networkInterfaces",
}
_OPTIONAL = {
    "routeTable",
    "networkSecurityGroup",
    "natGateway",
    "basePolicy",
    "routes",
    "securityRules",
    "ruleCollections",
    "ruleCollectionGroups",
    "rules",
    "ipAddresses",
    "ipConfigurations",
    "applicationSecurityGroups",
    "virtualNetworkPeerings",
}
_SINGULARS = {"destinationAddressPrefix", "sourceAddressPrefix", "destinationPortRange"}


def changed(document: Json, random: Random) -> Json:
    """The document as another read might show it: something is gone, or a prefix is another list."""
    other = deepcopy(document)
    found = list(_changes(other["properties"]))
    if found:
        holder, name = random.choice(found)
        held = holder.pop(name)
        plural = _plural(name)
        if plural is not None:
            holder[plural] = ["10.20.0.0/30"] if name.endswith("Prefix") else ["441"]
        elif isinstance(held, list) and random.random() < 0.7:
            gone = random.randrange(len(held))
            holder[name] = [*held[:gone], *held[gone + 1 :]]
    return other


def _changes(properties: Json) -> Iterator[tuple[Json, str]]:
    for holder in objects(properties):
        for name, held in holder.items():
            if held and (name in _OPTIONAL or _plural(name) is not None):
                yield holder, name


def _plural(name: str) -> str | None:
    """The name under which a rule says the same as a list; a route and a subnet have one prefix."""
    return name.replace("Prefix", "Prefixes").replace("Range", "Ranges") if name in _SINGULARS else None


def with_copy(seed: int) -> tuple[Estate, Interpreter, Interpreter] | None:
    """An estate in which one document stands twice, and the estates in which either of them is alone."""
    random = Random(f"copies {seed}")  # noqa: S311 - the same on every run
    estate = random_estate(seed)
    able = [one for one in estate.documents if one["type"].rsplit("/", 1)[-1] in _CHANGED]
    chosen = random.choice(able)
    other = changed(chosen, random)
    if other == chosen:
        return None
    rest = [one for one in estate.documents if one is not chosen]
    try:
        readings = Interpreter([*rest, chosen]), Interpreter([*rest, other])
    except (KeyError, IndexError):  # the naive reader knows whole documents only
        return None
    place = estate.documents.index(chosen)
    estate.documents[place : place + 1] = random.choice(([chosen, other], [other, chosen]))
    return estate, *readings


def wrongs(seed: int, folder: Path) -> tuple[list[str], Counter[str]]:
    """What is said for sure and does not hold by one of two copies, and how often what was said."""
    built = with_copy(seed)
    wrong: list[str] = []
    count: Counter[str] = Counter()
    if built is None:
        return wrong, count
    estate, *readings = built
    questions = flat_questions()
    found = ask(estate.write(folder / str(seed)), policy_for(estate), list(questions))
    for question, (block, protocol) in questions.items():
        parts = parts_of(found[question])
        for packet in packets(block, protocol):
            said = verdict_at(parts, packet)
            try:
                meant = {word(one.fates(packet)) for one in readings}
            except (KeyError, IndexError, ValueError):
                continue
            count["differ" if len(meant) > 1 else "agree"] += 1
            count[said] += 1
            if said != "unknown" and meant != {said}:
                wrong.append(f"estate {seed}: {packet}: by the copies {sorted(meant)}, found {said}")
    return wrong, count


@seeds(30, 2000)
def test_either_copy_may_be_right(seeds: range, tmp_path: Path) -> None:
    """A sure answer holds by the one copy and by the other."""
    wrong = [one for seed in seeds for one in wrongs(seed, tmp_path)[0]]
    assert not wrong, "\n".join([f"{len(wrong)} packets", *wrong[:10]])


@pytest.mark.deep
def test_the_copies_are_worth_asking(tmp_path: Path) -> None:
    """Some of them matter, and some answers stay sure."""
    found: Counter[str] = Counter()
    for seed in range(30):
        found += wrongs(seed, tmp_path)[1]
    assert found["differ"]
    assert found["allowed"] + found["blocked"] > found["unknown"] / 10
