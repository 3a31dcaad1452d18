"""Mutants that no test can kill, each with the proof that it does what the original does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from tests.mutants.candidates import Candidate, Mutant, mutant

PLACE: Final = Path("tests/mutants/equivalent.yaml")
_FIELDS: Final = ("file", "function", "operator", "text", "becomes", "proof")


class WrongEntryError(Exception):
    """An entry of the file lacks something, or says something that it should not."""


@dataclass(frozen=True, slots=True)
class Key:
    """What tells a mutant from others however the lines around it move."""

    file: str
    function: str
    operator: str
    text: str
    becomes: str

    def __str__(self) -> str:
        return f"{self.file}: {self.function}: {self.text}  ->  {self.becomes}"


def key_of(found: Mutant) -> Key:
    """The key of a mutant."""
    at = found.at
    return Key(at.file, at.function, at.operator, at.text, found.becomes)


def read_equivalents(root: Path) -> dict[Key, str]:
    """The proof of each equivalent mutant."""
    found: dict[Key, str] = {}
    for entry in yaml.safe_load((root / PLACE).read_text(encoding="utf-8")) or ():
        if set(entry) != set(_FIELDS) or not all(isinstance(value, str) for value in entry.values()):
            raise WrongEntryError(f"{PLACE}: {entry}: expected the texts {', '.join(_FIELDS)}")
        key = Key(*(entry[name] for name in _FIELDS[:-1]))
        if key in found:
            raise WrongEntryError(f"{PLACE}: twice: {key}")
        found[key] = entry["proof"]
    return found


def stale(root: Path, proofs: Mapping[Key, str], found: Sequence[Candidate]) -> Iterator[Key]:
    """The entries that no mutant of the checkout has any more."""
    for key in proofs:
        alike = (
            one
            for one in found
            if (one.file, one.function, one.operator, one.text)
            == (key.file, key.function, key.operator, key.text)
        )
        if not any(key_of(mutant(root, one)) == key for one in alike):
            yield key
