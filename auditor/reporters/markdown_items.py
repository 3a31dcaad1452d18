"""One finding as an item of a Markdown list, whole or on one line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from auditor.model.finding import Finding, Status
from auditor.reporters.finding_text import command_text, subject_text
from auditor.reporters.hop_text import resource_name
from auditor.reporters.markdown_text import code, fence
from auditor.reporters.merge import Block, Group
from auditor.reporters.terminal_text import NAME_LIMIT

_NAMES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Item:
    """The lines of an item, and the line that stands for it where room is short."""

    whole: tuple[str, ...]
    short: tuple[str, ...]


def block_item(group: Group, block: Block) -> Item:
    """Findings that say the same: what, from where, why, what breaks and how to mend it."""
    first = block.first
    origin = _names(block.pools, "pool") or _names(
        (resource_name(subnet.text) for subnet in block.subnets), "subnet"
    )
    cluster = group.cluster.cluster.name if group.cluster is not None else first.cluster_name
    head = f"- {_subject(first)}{f' from {origin}' if origin else ''}"
    head += f" of {_name(cluster)}" if cluster else ""
    head += f": {_name(first.rule)}" if first.endpoint is not None or first.resource is not None else ""
    lines = [head, *(f"  - {code(message)}" for message in block.messages)]
    lines += [f"  - breaks: {code(first.breaks)}"] if first.breaks else []
    label = "supply" if first.status is Status.UNKNOWN else "mend"
    lines += [f"  - {label}: {code(text)}" for text in block.remediations]
    if first.place is not None:
        lines.append(f"  - at {code(f'{first.place.file}:{first.place.line}')}")
    return Item((*lines, *_commands(block.commands)), (head,))


def waived_item(finding: Finding) -> Item:
    """A finding that someone accepted."""
    head = f"- {_subject(finding)}"
    head += f" of {_name(finding.cluster_name)}" if finding.cluster_name else ""
    head += f": {_name(finding.rule)}"
    waiver = finding.waiver
    if waiver is None:
        return Item((head,), (head,))
    by = f"  - accepted by {_name(waiver.owner)} until {_name(waiver.expires)}: {code(waiver.reason)}"
    return Item((head, by), (head,))


def _subject(finding: Finding) -> str:
    return f"**{_name(subject_text(finding) or finding.rule)}**"


def _name(text: str) -> str:
    return code(text, NAME_LIMIT)


def _names(names: Iterable[str], word: str) -> str:
    found = list(names)
    if not found:
        return ""
    more = f" and {len(found) - _NAMES_SHOWN} more" if len(found) > _NAMES_SHOWN else ""
    shown = ", ".join(map(_name, found[:_NAMES_SHOWN]))
    return f"{word}{'s' if len(found) > 1 else ''} {shown}{more}"


def _commands(commands: Iterable[str]) -> list[str]:
    shown = [command_text(command) for command in commands]
    if not shown:
        return []
    block = fence(shown, "sh", "  ")
    return ["", "  <details><summary>commands</summary>", "", *block, "", "  </details>", ""]
