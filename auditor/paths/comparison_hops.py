"""What makes a hop of one side of a comparison the hop of the other side."""

from __future__ import annotations

from collections.abc import Hashable

from auditor.model.verdict import Hop


def same_hop(hop: Hop) -> Hashable:
    """What makes two hops one: its sentence names the address of an appliance. Services write ids in any case."""
    texts = (text.lower() for text in (hop.resource or "", hop.rule or "", hop.detail))
    return hop.stage, *texts, hop.priority, hop.outcome, hop.clause, hop.codes
