"""What makes a hop of one side of a comparison the hop of the other side."""

from __future__ import annotations

import re
from collections.abc import Hashable
from dataclasses import dataclass

from auditor.model.verdict import Hop

_ID = re.compile(r"/subscriptions/[^\s,;]+")


@dataclass(frozen=True, slots=True)
class Likeness:
    """How the hops of two sides are known: by whole ids, or where what is compared was matched by name, by names."""

    by_name: bool = False
    shared: frozenset[str] = frozenset()
    """Ids in lower case of all that was read on both sides: each is itself there, and no other of its name."""

    def of(self, hop: Hop) -> Hashable:
        """What makes two hops one: its sentence names the address of an appliance. Services write ids in any case."""
        texts = (self._text(text.lower()) for text in (hop.resource or "", hop.rule or "", hop.detail))
        return hop.stage, *texts, hop.priority, hop.outcome, hop.clause, hop.codes

    def _text(self, text: str) -> str:
        return _ID.sub(lambda found: self._tail(found[0].rstrip("/")), text) if self.by_name else text

    def _tail(self, key: str) -> str:
        """The type and name of a resource, without its subscription and resource group."""
        above = key
        while "/providers/" in above:
            if above in self.shared:
                return key
            above = above.rpartition("/")[0]
        return key.rpartition("/providers/")[2] if "/providers/" in key else key


BY_ID = Likeness()
