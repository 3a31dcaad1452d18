"""Hints: what would mend a finding, in words and as command lines. A hint is never tested; a remedy is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster
from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.rules.destination import Destination
from auditor.rules.wording import distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint:
    """Words and the command lines that would do what they say."""

    words: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What should get out: from one subnet of a cluster to one destination."""

    audited: AuditedCluster
    destination: Destination
    subnet: ResourceId | None
    addresses: tuple[str, ...] = ()
    """The blocked addresses as prefixes, where they are few enough to write into a rule."""
    tags: tuple[str, ...] = ()
    """Service tags that are known to hold the destination's addresses."""

    @property
    def estate(self) -> Estate:
        """Every resource that was read."""
        return self.audited.estate

    @property
    def sources(self) -> tuple[str, ...]:
        """The prefixes of the subnet, or `*` where it was not read."""
        subnet = self.estate.subnet(self.subnet) if self.subnet is not None else None
        return subnet.prefixes if isinstance(subnet, Subnet) and subnet.prefixes else ("*",)


def joined(hints: Iterable[Hint], *, between: str = "; then ") -> Hint:
    """Several hints as one, each sentence and each command once, in order."""
    every = tuple(hints)
    return Hint(
        words=between.join(distinct(hint.words for hint in every)),
        commands=distinct(command for hint in every for command in hint.commands),
    )
