"""Answers: verdicts, the pieces they are made of, and the hops that prove them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a question, or one piece of it, is answered (V-2, V-5)."""

    ALLOWED = "allowed"
    BLOCKED = "blocked"
    MIXED = "mixed"
    UNKNOWN = "unknown"


class Stage(StrEnum):
    """The stages of a path, in the order of V-3."""

    ADMIN = "admin"
    NIC_NSG = "nic-nsg"
    SUBNET_NSG = "subnet-nsg"
    ROUTE = "route"
    PEERING = "peering"
    HUB = "hub"
    FIREWALL = "firewall"
    APPLIANCE = "appliance"
    PROXY = "proxy"
    EXIT = "exit"


class Effect(StrEnum):
    """What a stage does with the traffic."""

    ALLOW = "allow"
    DENY = "deny"
    FORWARD = "forward"
    DROP = "drop"
    UNKNOWN = "unknown"

    @property
    def stops(self) -> bool:
        """Whether nothing passes."""
        return self in {Effect.DENY, Effect.DROP}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One stage of a path with what decided there."""

    stage: Stage
    resource: str | None
    """ARM id of the resource that decided, as the service wrote it; None for the platform itself."""
    rule: str | None
    """The deciding rule or route; None for a default."""
    priority: int | None
    outcome: Effect
    clause: str
    """The clause of the semantics reference that says so."""
    detail: str = ""
    """A sentence for people: what matched, or why nothing is known."""
    codes: tuple[str, ...] = ()
    """Codes that this hop depends on or, for `unknown`, that explain it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a question that is answered alike everywhere."""

    sources: tuple[str, ...]
    destinations: tuple[str, ...]
    """CIDRs, ranges `a-b` or names."""
    addresses: int
    """How many destination addresses it stands for."""
    verdict: Outcome
    hops: tuple[Hop, ...]
    blockers: tuple[Hop, ...] = ()
    """All hops that stop it, not just the first: of each device the rule that decides, not those behind it."""
    reasons: tuple[str, ...] = ()
    aside: bool = False
    """Set aside: too small to decide for a name whose addresses are not known (code `address-unlisted`)."""
    sufficient: tuple[Hop, ...] = ()
    """The blockers of which each alone drops it on every way that is open: one that is mended leaves the others."""
    services: tuple[str, ...] = ()
    """Such as `tcp/22`; empty where the piece holds all services that were asked for."""
    witness: str = ""
    """One question inside the piece, in the grammar of `--to`; for a name its addresses are not chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The answer to one question from one pool and subnet."""

    outcome: Outcome
    assumptions: tuple[str, ...]
    """A minimal set of codes with which alone the answer holds, sorted as in `ASSUMABLE`."""
    reasons: tuple[str, ...]
    """For `unknown`: codes that say why, sorted."""
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()
    """Sentences for people, such as to where a row without destination leaves."""
