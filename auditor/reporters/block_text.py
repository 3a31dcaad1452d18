"""What a block of findings says, without how a format lays it out: its subject, where it is seen from, and why."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop
from auditor.reporters.hop_text import resource_name, sentence
from auditor.reporters.merge import Block
from auditor.reporters.terminal_text import safe, safe_name

_NAMES_SHOWN = 8


def subject(block: Block) -> str:
    """The endpoint, or the rule and the resource that it speaks of."""
    item = block.first
    if item.endpoint is not None:
        return safe_name(item.endpoint)
    if item.resource is None and item.place is not None:
        where = f"   {safe(item.place.file)}:{item.place.line}:{item.place.column}"
    else:
        where = f"   {safe_name(resource_name(item.resource.text))}" if item.resource is not None else ""
    return safe_name(item.rule) + where


def origin(block: Block) -> str:
    """`from pools sys, apps`, or the subnets where no pool is concerned."""
    names, word = [safe_name(pool) for pool in block.pools], "pool"
    if not names:
        names, word = [safe_name(resource_name(subnet.text)) for subnet in block.subnets], "subnet"
    if not names:
        return ""
    more = f" and {len(names) - _NAMES_SHOWN} more" if len(names) > _NAMES_SHOWN else ""
    return f"from {word}{'s' if len(names) > 1 else ''} {', '.join(names[:_NAMES_SHOWN])}{more}"


def why(block: Block) -> list[str]:
    """The message, the deciding hops that it does not tell already, and reason codes that stand nowhere."""
    ending = f"; breaks: {block.first.breaks}"  # stands on a line of its own
    told = [safe(message.removesuffix(ending)) for message in block.messages]
    told += [sentence(hop) for hop in block.first.evidence if not _told(hop, block.messages)]
    missing = [safe_name(code) for code in block.reasons if not any(code in line for line in told)]
    if not missing:
        return told
    codes = ", ".join(missing)
    return [*told[:-1], f"{told[-1]} ({codes})"] if told else [codes]


def _told(hop: Hop, messages: Iterable[str]) -> bool:
    """Whether a message already speaks of what decides at the hop."""
    texts = [message.lower() for message in messages]
    names = [ResourceId(hop.resource).name.lower()] if hop.resource else []
    names += [hop.rule.lower()] if hop.rule else []
    if any(said and any(said.lower() in text for text in texts) for said in (hop.detail, f"({hop.clause})")):
        return True
    return bool(names) and any(all(name in text for name in names) for text in texts)
