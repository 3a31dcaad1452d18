"""Audits what egress AKS clusters need and what gets out.

The public names, each resolved when it is first used, so that `import auditor` stays instant:

    import auditor

    snapshot = auditor.load_snapshot("path/to/snapshot")
    report = auditor.check(snapshot, auditor.load_policy("aks-2026-06-18"))
    print(auditor.render(report, "table"))
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from auditor.audit import check, load_policy, load_snapshot, render, trace
    from auditor.errors import AuditorError, InputError, UsageError
    from auditor.model.finding import Finding, Report, Severity, Status, Trace
    from auditor.model.snapshot import Snapshot
    from auditor.model.verdict import Hop, Outcome, Piece, Verdict

__version__ = "0.1.0"

__all__ = [
    "AuditorError",
    "Finding",
    "Hop",
    "InputError",
    "Outcome",
    "Piece",
    "Report",
    "Severity",
    "Snapshot",
    "Status",
    "Trace",
    "UsageError",
    "Verdict",
    "__version__",
    "check",
    "load_policy",
    "load_snapshot",
    "render",
    "trace",
]

_HOMES = {
    "AuditorError": "auditor.errors",
    "Finding": "auditor.model.finding",
    "Hop": "auditor.model.verdict",
    "InputError": "auditor.errors",
    "Outcome": "auditor.model.verdict",
    "Piece": "auditor.model.verdict",
    "Report": "auditor.model.finding",
    "Severity": "auditor.model.finding",
    "Snapshot": "auditor.model.snapshot",
    "Status": "auditor.model.finding",
    "Trace": "auditor.model.finding",
    "UsageError": "auditor.errors",
    "Verdict": "auditor.model.verdict",
    "check": "auditor.audit",
    "load_policy": "auditor.audit",
    "load_snapshot": "auditor.audit",
    "render": "auditor.audit",
    "trace": "auditor.audit",
}


def __getattr__(name: str) -> object:
    """Import a public name from its home on first use (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'auditor' has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, whether used yet or not."""
    return sorted(__all__)
