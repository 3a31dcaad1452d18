"""The pipe: collect -> check -> report, as functions of values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from auditor import __version__
from auditor.audit.cluster import audit_cluster, traces_of
from auditor.audit.coverage import coverage_of
from auditor.audit.network import network_of
from auditor.audit.organisation import rows_without_clusters
from auditor.audit.selection import select_clusters
from auditor.audit.waiving import waived
from auditor.collectors.folder import read_snapshot
from auditor.collectors.interface import Source
from auditor.errors import InputError
from auditor.model.finding import Report, Status, Trace
from auditor.model.question import parse_question
from auditor.model.snapshot import Snapshot
from auditor.policy.policy import Policy, load_policy
from auditor.reporters.interface import Options
from auditor.reporters.register import report_reporter
from auditor.rules.colliding_commands import collision_notes
from auditor.rules.register import INFOS, run_rules

Progress = Callable[[str, int, int], None]
"""Told (phase, done, total) as work goes on."""

__all__ = ["Policy", "check", "load_policy", "load_snapshot", "render", "trace"]


def load_snapshot(*sources: Path | str | Source) -> Snapshot:
    """Read and unite snapshot folders, files and other sources; docs/snapshot-format.md says what they may hold.

    Raises InputError, naming file and place, for anything that cannot be read.
    """
    return read_snapshot([Path(one) if isinstance(one, str) else one for one in sources])


def check(
    snapshot: Snapshot,
    policy: Policy,
    *,
    clusters: Sequence[str] = (),
    progress: Progress | None = None,
    today: date | None = None,
) -> Report:
    """Audit every cluster of a snapshot (or those named, by name or ARM id) and report what was found.

    `today` decides which waivers of the policy still hold; nothing here looks at a clock. Raises InputError for a
    cluster that is unknown or ambiguous and for firewall policies that are each other's parents, UsageError for a
    policy with waivers and no day.
    """
    network = network_of(snapshot, policy)
    estate = network.estate
    chosen = select_clusters(estate.clusters, clusters)
    audited = []
    for done, cluster in enumerate(chosen):
        if progress is not None:
            progress("clusters", done, len(chosen))
        audited.append(audit_cluster(cluster, network, policy))
    if progress is not None:
        progress("clusters", len(chosen), len(chosen))
    coverage = coverage_of(estate, audited)
    settings, organisation = policy.settings, policy.organisation
    whole = len(chosen) == len(estate.clusters)
    judged = waived(run_rules(audited), organisation, today, whole=whole, complete=coverage.complete)
    return Report(
        version=__version__,
        sources=snapshot.sources,
        cloud=snapshot.cloud,
        collected=snapshot.collected,
        edition=policy.edition.edition,
        strict=settings.strict,
        not_assumed=tuple(sorted(settings.not_assumed)),
        clusters=tuple(audited),
        findings=judged.findings,
        rules=INFOS,
        coverage=coverage,
        notes=tuple(
            dict.fromkeys(
                (
                    *(note for item in audited for note in item.notes),
                    *(rows_without_clusters(policy, chosen) if whole and chosen else ()),
                    *judged.notes,
                    *collision_notes(item for item in judged.findings if item.status is not Status.WAIVED),
                )
            )
        ),
        policy_file=organisation.file if organisation is not None else None,
        waivers=judged.waivers,
        origins=snapshot.origins,
    )


def trace(
    snapshot: Snapshot,
    policy: Policy,
    questions: Sequence[str],
    *,
    cluster: str | None = None,
    pool: str | None = None,
    progress: Progress | None = None,
) -> tuple[Trace, ...]:
    """Answer questions in the grammar of `--to` from every pool and subnet of one cluster.

    Raises InputError for a question that does not parse and for an unknown cluster or pool.
    """
    parsed = []
    for text in questions:
        try:
            parsed.append(parse_question(text))
        except ValueError as error:
            raise InputError(str(error)) from error
    network = network_of(snapshot, policy)
    chosen = select_clusters(network.estate.clusters, () if cluster is None else (cluster,))
    if len(chosen) != 1:
        names = ", ".join(sorted(item.name for item in chosen)) or "none"
        raise InputError(
            f"a trace starts from one cluster; name it with --cluster (the snapshot holds: {names})"
        )
    return traces_of(chosen[0], network, policy, parsed, pool=pool, progress=progress)


def render(
    report: Report,
    style: str = "table",
    *,
    width: int = 100,
    color: bool = False,
    verbose: bool = False,
    limit: int = 3,
) -> str:
    """The report as text: `table` for people, `json` for programs (docs/json-format.md).

    Raises UsageError for a format that does not exist.
    """
    return report_reporter(style).render(
        report, Options(width=width, color=color, verbose=verbose, limit=limit)
    )
