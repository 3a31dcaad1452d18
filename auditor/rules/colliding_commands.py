"""Proposed commands that claim the same place: each is right by itself, and only one of them can come first."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator

from auditor.model.finding import Finding

_MAKING = ("create", "add", "add-filter-collection")
_WITHIN = (
    "subscription",
    "resource-group",
    "nsg-name",
    "policy-name",
    "rule-collection-group-name",
    "collection-name",
    "firewall-name",
    "route-table-name",
)
_CLAIMED = ("name", "priority", "collection-priority")
_Claim = tuple[str, ...]


def collision_notes(findings: Iterable[Finding]) -> tuple[str, ...]:
    """A note where commands of several findings would take one priority or name; nothing where none do."""
    commands = dict.fromkeys(command for finding in findings for command in finding.commands)
    claims: dict[_Claim, list[str]] = {}
    for command in commands:
        for claim in _claims(command):
            claims.setdefault(claim, []).append(command)
    colliding = {command for several in claims.values() if len(several) > 1 for command in several}
    if not colliding:
        return ()
    note = f"{len(colliding)} of the proposed commands claim a priority or a name that another of them claims, too: "
    return (f"{note}each is right for the estate as it was read, so apply one, then scan again",)


def _claims(command: str) -> Iterator[_Claim]:
    """What a command that makes something takes for it: what it makes, where, and each name and priority."""
    told = _options(command)
    verb = told[""]
    if verb.rpartition(" ")[2] not in _MAKING:
        return
    place = tuple(told.get(name, "").lower() for name in _WITHIN)
    for name in _CLAIMED:
        if name in told:
            yield (verb, *place, name, told[name].lower())


def _options(command: str) -> dict[str, str]:
    """The words of a command by the option that they follow; those before the first by none."""
    found: dict[str, list[str]] = {"": []}
    option = ""
    for word in shlex.split(command):
        if word.startswith("--"):
            option = word[2:]
            found[option] = []
        else:
            found[option].append(word)
    return {name: " ".join(words) for name, words in found.items()}
