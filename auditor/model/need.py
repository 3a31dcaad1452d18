"""What a cluster needs: baseline rows with their placeholders filled and their condition decided."""

from __future__ import annotations

from dataclasses import dataclass

from auditor.model.question import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One endpoint of one cluster; policy fills it, audit asks its questions."""

    id: str
    """Row id in its edition, `own:<domain>:<port>/<proto>`, or `isolated:registry`, `vnet-integration:443`, ..."""
    to: str
    """What reports print: the grammar of `--to`, a service tag `AzureMonitor:443/tcp`, or `*:123/udp`."""
    level: str
    """Effective level: `required` or `recommended`."""
    applies: bool | None
    """None when a fact was not read (reason `condition-unknown`)."""
    condition: str
    unread: tuple[str, ...]
    purpose: str
    breaks: str
    origin: tuple[str, ...]
    alternatives: tuple[Question, ...]
    """Ways to satisfy it; the best answer counts. Empty when `applies` is False."""
    note: str = ""
