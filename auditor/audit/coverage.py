"""What was read, what was not, and which clusters needed it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from auditor.model.cluster import Cluster
from auditor.model.essential import is_essential
from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster, Coverage, Endpoint, ReadRow
from auditor.model.gap import Gap
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect
from auditor.paths.sources import Source

_NEEDED = frozenset({"unreadable-resource", "nva-opaque"})


def incomplete_of(
    cluster: Cluster, estate: Estate, endpoints: Sequence[Endpoint], sources: Sequence[Source]
) -> tuple[ReadRow, ...]:
    """Essential reads that failed, and documents that a path of this cluster needed and that are absent."""
    rows = list(failed_reads(estate))
    absent: dict[str, ResourceId] = {}
    for reference in _missing(endpoints, sources):
        if reference.key not in estate.snapshot.documents and reference not in estate.subnets:
            absent.setdefault(reference.key, reference)
    for _, reference in sorted(absent.items()):
        gap = estate.gap(reference)
        rows.append(
            ReadRow(
                scope=reference.text,
                kind=reference.kind,
                essential=True,
                status="absent",
                error=gap.detail,
                needed_by=(cluster.id.text,),
            )
        )
    return tuple(rows)


def failed_reads(estate: Estate) -> tuple[ReadRow, ...]:
    """Essential reads that the manifest says failed."""
    return tuple(row for row in _reads(estate) if row.essential and row.status != "complete")


def coverage_of(estate: Estate, audited: Sequence[AuditedCluster]) -> Coverage:
    """All reads of the manifest, and what paths needed beyond them."""
    rows: dict[tuple[str, str], ReadRow] = {
        (row.kind.lower(), row.scope.lower()): row for row in _reads(estate)
    }
    needed: dict[tuple[str, str], set[str]] = {}
    for item in audited:
        for row in item.incomplete:
            key = (row.kind.lower(), row.scope.lower())
            rows.setdefault(key, row)
            needed.setdefault(key, set()).update(row.needed_by or (item.cluster.id.text,))
    listed = tuple(
        ReadRow(
            scope=row.scope,
            kind=row.kind,
            essential=row.essential,
            status=row.status,
            error=row.error,
            needed_by=tuple(sorted(needed.get(key, ()))),
        )
        for key, row in sorted(rows.items())
    )
    complete = all(row.status == "complete" for row in listed if row.essential)
    skipped = tuple(f"{item.place}: {item.reason}" for item in estate.snapshot.skipped)
    return Coverage(complete=complete, reads=listed, skipped=skipped)


def _reads(estate: Estate) -> Iterator[ReadRow]:
    for read in estate.snapshot.reads:
        yield ReadRow(
            scope=read.scope,
            kind=read.kind,
            essential=is_essential(read.kind),
            status=read.status,
            error=read.error,
            needed_by=(),
        )


def _missing(endpoints: Sequence[Endpoint], sources: Sequence[Source]) -> Iterator[ResourceId]:
    for source in sources:
        if isinstance(source.subnet, Gap):
            yield source.subnet.id
    for endpoint in endpoints:
        for piece in endpoint.verdict.pieces if endpoint.verdict else ():
            for hop in piece.hops:
                where = hop.resource or ""
                if (
                    hop.outcome is Effect.UNKNOWN
                    and where.startswith("/")
                    and _NEEDED.intersection(hop.codes)
                ):
                    yield ResourceId(where)
