"""The rights that reading needs, from the table of kinds, and which of them a custom role can name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from auditor.collectors.azure.kinds import ADMIN_RULES, DEPENDENCIES, GRAPH_ADMIN_RULES, KINDS, Kind

ADMIN_RULES_READ: Final = f"{ADMIN_RULES}/read"
"""What Azure's reference of permissions says the question takes, in spite of its being a POST; Reader has it."""

UNNAMEABLE: Final = frozenset({f"{DEPENDENCIES}/read", f"{GRAPH_ADMIN_RULES}/read"})
"""Reads that the reference does not know, so that a role which names them may be refused. `*/read` covers them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Right:
    """One action that reading needs."""

    action: str
    kind: Kind
    instead: str | None = None
    """Another action that will do."""

    @property
    def essential(self) -> bool:
        """Whether an audit without it is incomplete."""
        return self.kind.essential

    @property
    def deep(self) -> bool:
        """Whether only `--deep` needs it."""
        return self.kind.deep

    @property
    def nameable(self) -> bool:
        """Whether a custom role can name it."""
        return self.action not in UNNAMEABLE


def rights(*, deep: bool = False) -> tuple[Right, ...]:
    """Every right, essential ones first, each once; those of `--deep` only if asked for."""
    found: dict[str, Right] = {}
    for kind in KINDS:
        if kind.deep and not deep:
            continue
        if kind.type == ADMIN_RULES:
            found[ADMIN_RULES_READ] = Right(action=ADMIN_RULES_READ, kind=kind, instead=kind.actions[0])
            continue
        for action in kind.actions:
            found.setdefault(action, Right(action=action, kind=kind))
    return tuple(sorted(found.values(), key=lambda right: (not right.essential, right.deep)))


def role_actions(*, deep: bool = False) -> tuple[str, ...]:
    """The actions of the custom role that suffices: all that can be named."""
    return tuple(right.action for right in rights(deep=deep) if right.nameable)


def providers() -> tuple[str, ...]:
    """The namespaces of what is read: where one is not registered, there is nothing of it (ARM-34)."""
    names = (kind.type.partition("/")[0] for kind in KINDS if kind.listed != "alone")
    return tuple(dict.fromkeys(names))
