"""A comparison for programs, version 1; `reports/schemas/diff-v1.schema.json` is the contract."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.difference import (
    Change,
    ClusterDifference,
    Difference,
    EndpointChange,
    Extent,
    Side,
    StandingChange,
    SubnetDifference,
    Undecided,
)
from auditor.model.finding import From
from auditor.model.verdict import Hop, Outcome
from auditor.reporters.interface import Options
from auditor.reporters.json_records import Record, dump, hop_record

_NAME = "egress-audit"


class DiffJson:
    """JSON with one element for each cluster; see the interface."""

    name = "json"
    media_type = "application/json"

    def render(self, subject: Difference, options: Options) -> str:
        """See the interface; of the options only `limit` counts, which cuts the lists of sets."""
        return dump(
            {
                "version": 1,
                "tool": {"name": _NAME, "version": subject.version},
                "old": _side(subject.old),
                "new": _side(subject.new),
                "clusters": [_cluster(one, options.limit) for one in subject.clusters],
                "summary": {
                    "differs": bool(subject),
                    "gotMore": subject.got_more,
                    "gotExcess": subject.got_excess,
                    "gotWorse": subject.got_worse,
                    "open": list(subject.open),
                },
            }
        )


def _side(side: Side) -> Record:
    return {
        "sources": list(side.sources),
        "collected": side.collected,
        "edition": side.edition,
        "file": side.policy_file,
        "strict": side.strict,
        "notAssumed": list(side.not_assumed),
        "clusters": side.clusters,
        "incomplete": [
            {"scope": row.scope, "kind": row.kind, "status": row.status, "error": row.error}
            for row in side.incomplete
        ],
    }


def _cluster(cluster: ClusterDifference, limit: int) -> Record:
    return {
        "name": cluster.name,
        "old": cluster.old_id.text if cluster.old_id is not None else None,
        "new": cluster.new_id.text if cluster.new_id is not None else None,
        "presence": cluster.presence.value,
        "endpoints": [_endpoint(one) for one in cluster.endpoints],
        "subnets": [_subnet(one, limit) for one in cluster.subnets],
    }


def _endpoint(endpoint: EndpointChange) -> Record:
    return {
        "to": endpoint.to,
        "from": _origins(endpoint.asked_from),
        "level": endpoint.level,
        "applies": True if endpoint.certain else "unknown",
        "old": _outcome(endpoint.before),
        "new": _outcome(endpoint.after),
        "worse": True if endpoint.worse else "unknown" if endpoint.may_be_worse else False,
        "breaks": endpoint.breaks,
        "deciding": _hops(endpoint.deciding),
        "reasons": list(endpoint.reasons),
    }


def _outcome(outcome: Outcome | None) -> str | None:
    return None if outcome is None else outcome.value


def _subnet(subnet: SubnetDifference, limit: int) -> Record:
    return {
        "subnet": subnet.subnet.text,
        "presence": subnet.presence.value,
        "senders": list(subnet.senders.ranges()),
        "more": [_change(one, limit) for one in subnet.more],
        "less": [_change(one, limit) for one in subnet.less],
        "undetermined": [_undecided(one, limit) for one in subnet.undetermined],
        "standing": [_standing(one, limit) for one in subnet.standing],
    }


def _change(change: Change, limit: int) -> Record:
    return {
        **_extent(change.extent, limit),
        "standing": change.standing.value,
        "rule": hop_record(change.rule),
        "hops": _hops(change.hops),
        "blockers": _hops(change.blockers),
        "assumptions": list(change.assumptions),
    }


def _undecided(one: Undecided, limit: int) -> Record:
    return {
        **_extent(one.extent, limit),
        "old": one.before.value,
        "new": one.after.value,
        "causes": list(one.causes),
    }


def _standing(one: StandingChange, limit: int) -> Record:
    return {
        **_extent(one.extent, limit),
        "old": one.before.value,
        "new": one.after.value,
        "rule": hop_record(one.rule),
    }


def _extent(extent: Extent, limit: int) -> Record:
    boxes = sorted(extent.traffic.boxes(), key=lambda box: (-box[0].size, str(box[1])))
    shown = boxes[:limit] if limit else boxes
    return {
        "pools": sorted({origin.pool for origin in extent.asked_from}),
        "sources": list(extent.sources.ranges()),
        "names": None if extent.names is None else str(extent.names).split("; "),
        "partial": extent.partial,
        "application": extent.application,
        "sets": [
            {
                "destination": list(addresses.ranges()),
                "addresses": addresses.size,
                "services": str(services).split(","),
            }
            for addresses, services in shown
        ],
        "hiddenSets": len(boxes) - len(shown),
        "witness": extent.witness,
        "witnessSource": extent.witness_source,
    }


def _origins(origins: Iterable[From]) -> list[Record]:
    return [
        {"pool": origin.pool, "subnet": origin.subnet.text if origin.subnet is not None else None}
        for origin in origins
    ]


def _hops(hops: Iterable[Hop]) -> list[Record]:
    return [hop_record(hop) for hop in hops]
