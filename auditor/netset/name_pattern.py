"""DNS names as they are compared, and patterns that stand for many of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

LETTERS: Final = "abcdefghijklmnopqrstuvwxyz0123456789-_"
"""The characters of a label."""
_LONGEST: Final = 253
_EXPECTED: Final = "labels of a-z, 0-9, '-', '_' joined by dots"
_NAME: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*")
_SUFFIX: Final = re.compile(r"\.?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|")


@dataclass(frozen=True, slots=True)
class NamePattern:
    """One name, or all names that end in a suffix; any two patterns are nested or disjoint.

    `*` is allowed as the left-most character only and stands for any string, even an empty one, across
    labels: `*.contoso.com` matches `a.b.contoso.com` but not `contoso.com`, which `*contoso.com` does match.
    """

    suffix: str
    """The lower-case name, or what follows the `*`."""

    wildcard: bool
    """Whether the pattern began with `*`."""

    def __post_init__(self) -> None:
        """Refuse what is neither a name nor the end of one."""
        if not (_SUFFIX if self.wildcard else _NAME).fullmatch(self.suffix):
            raise ValueError(f"name pattern {str(self)!r}: expected {_EXPECTED}")
        if len(self.suffix) > _LONGEST:
            raise ValueError(f"name pattern {str(self)!r}: longer than {_LONGEST} characters")

    @classmethod
    def parse(cls, text: str) -> NamePattern:
        """The pattern that a text stands for; case and one trailing dot do not count.

        Raises ValueError for a `*` elsewhere than in front, and for what is not a DNS name otherwise.
        """
        if not text.isascii():
            raise ValueError(f"name pattern {text!r}: not ASCII; write it as punycode (xn--)")
        if "*" in text[1:]:
            raise ValueError(f"name pattern {text!r}: '*' is supported as the first character only")
        if text in ("", ".", "*."):
            raise ValueError(f"name pattern {text!r}: expected a name")
        plain = text.lower().removesuffix(".")
        return cls(plain.removeprefix("*"), plain.startswith("*"))

    def matches(self, name: str) -> bool:
        """Whether the pattern stands for this name; ValueError if it is not a name."""
        return self._holds(plain_name(name))

    def enclosing(self) -> Iterator[NamePattern]:
        """Every pattern that contains this one, itself first."""
        yield self
        for start in range(len(self.suffix) + 1):
            if start or not self.wildcard:
                suffix = self.suffix[start:]
                if _SUFFIX.fullmatch(suffix):
                    yield NamePattern(suffix, wildcard=True)

    def overlaps(self, other: NamePattern) -> bool:
        """Whether a name matches both, which means that one pattern contains the other."""
        return self <= other or other <= self

    def __le__(self, other: NamePattern) -> bool:
        """Whether every name that matches this pattern matches the other one."""
        if not isinstance(other, NamePattern):
            return NotImplemented
        return self == other or (other.wildcard and self.suffix.endswith(other.suffix))

    def __str__(self) -> str:
        return f"*{self.suffix}" if self.wildcard else self.suffix

    def _holds(self, name: str) -> bool:
        return name.endswith(self.suffix) if self.wildcard else name == self.suffix


def plain_name(text: str) -> str:
    """A name in the spelling in which names are compared."""
    name = text.lower().removesuffix(".")
    if not text.isascii() or not _NAME.fullmatch(name):
        raise ValueError(f"name {text!r}: expected {_EXPECTED}")
    return name
