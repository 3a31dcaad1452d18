"""A comparison for people: by cluster, endpoints first, then what each subnet lets out more and less."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from auditor.model.difference import (
    ClusterDifference,
    Difference,
    EndpointChange,
    Presence,
    Side,
    Standing,
    SubnetDifference,
)
from auditor.model.finding import From
from auditor.model.reading import ASSUMPTIONS
from auditor.model.verdict import Outcome
from auditor.reporters.counts import plural
from auditor.reporters.diff_extents import subnet_lines, told
from auditor.reporters.hop_text import resource_name
from auditor.reporters.interface import Options
from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import safe, safe_name
from auditor.reporters.wrap import both_ends, wrap

_BODY = " " * 11
_LABELS: Mapping[Outcome | None, str] = {
    Outcome.BLOCKED: "stopped by",
    Outcome.MIXED: "stopped in part by",
    Outcome.UNKNOWN: "open at",
}
_SHOWN = 8
"""Endpoints of a list of those that are merely counted."""


class DiffTable:
    """Text that fits a screen; see the interface."""

    name = "table"
    media_type = "text/plain; charset=utf-8"

    def render(self, subject: Difference, options: Options) -> str:
        """See the interface."""
        lines: list[str] = []
        for cluster in subject.clusters:
            if cluster:
                lines += [*_cluster(cluster, options), ""]
        lines += _closing(subject, options)
        return "\n".join(lines) + "\n"


def _cluster(cluster: ClusterDifference, options: Options) -> list[str]:
    title, *rest = both_ends((safe_name(cluster.name),), _sum(cluster), options.columns)
    lines = [paint(title, "title", options.color), *rest]
    endpoints = list(_endpoints(cluster, options))
    lines += ["", *endpoints] if endpoints else []
    for subnet in cluster.subnets:
        lines += ["", *_subnet(subnet, options)]
    return lines


def _sum(cluster: ClusterDifference) -> str:
    texts = {
        Presence.APPEARED: "only in the new snapshot",
        Presence.DISAPPEARED: "only in the old snapshot",
    }
    found = [texts[cluster.presence]] if cluster.presence in texts else []
    counted = {
        "worse": sum(one.worse for one in cluster.endpoints),
        "perhaps worse": sum(one.may_be_worse for one in cluster.endpoints),
    }
    found += [f"{plural(number, 'endpoint')} {word}" for word, number in counted.items() if number]
    for word, subnets in (
        ("more", [one for one in cluster.subnets if one.more]),
        ("less", [one for one in cluster.subnets if one.less]),
        ("unclear", [one for one in cluster.subnets if one.undetermined]),
    ):
        found += [f"{word} from {plural(len(subnets), 'subnet')}"] if subnets else []
    return ", ".join(found) or "judged otherwise"


# -- endpoints -----------------------------------------------------------------------------------------


def _endpoints(cluster: ClusterDifference, options: Options) -> Iterator[str]:
    """What is answered otherwise, one by one; what is merely needed on one side only, as lists."""
    single: dict[object, list[EndpointChange]] = {}
    for one in filter(_alone, cluster.endpoints):
        alike = _word(one), one.before, one.after, one.deciding, one.reasons, one.asked_from
        single.setdefault(alike, []).append(one)
    for same in single.values():
        yield from _changed(same, options)
    rest: dict[tuple[str, tuple[From, ...]], list[str]] = {}
    for one in cluster.endpoints:
        if not _alone(one):
            text = f"needed now, {one.after.value}" if one.after is not None else "not needed any more"
            if one.after is None and cluster.presence is Presence.DISAPPEARED:
                text = "gone with the cluster"
            rest.setdefault((text, one.asked_from), []).append(one.to)
    for (text, origins), targets in rest.items():
        shown = _listed(targets, _SHOWN if not options.verbose else len(targets))
        yield from wrap(
            f"{plural(len(targets), 'endpoint')} {_from(origins)} {text}: {shown}",
            options.columns,
            "  endpoint ",
            _BODY,
        )


def _alone(one: EndpointChange) -> bool:
    return one.after is not None and (one.before is not None or one.after is not Outcome.ALLOWED)


def _word(one: EndpointChange) -> str:
    if one.worse:
        return "worse"
    return "unclear" if one.may_be_worse or one.after is Outcome.UNKNOWN else "better"


def _changed(alike: Sequence[EndpointChange], options: Options) -> Iterator[str]:
    """Endpoints that changed alike for the same reason."""
    first = alike[0]
    word = _word(first)
    after = first.after.value if first.after is not None else "not needed"
    before = first.before.value if first.before is not None else "not needed before"
    head = f"{before} -> {after}   {_from(first.asked_from)}"
    start = f"  {word.ljust(len(_BODY) - 2)}"
    role = {"worse": "error", "unclear": "unknown", "better": "allowed"}[word]
    for place, one in enumerate(alike):
        level = "" if one.counts else " (recommended)" if one.certain else " (perhaps needed)"
        lines = wrap(f"{safe_name(one.to)}{level}", options.columns, start if not place else _BODY, _BODY)
        if not place:
            lines[0] = lines[0].replace(word, paint(word, role, options.color), 1)
        yield from lines
    yield from wrap(head, options.columns, _BODY)
    label = _LABELS[first.before if first.after is Outcome.ALLOWED else first.after]
    label = f"was {label}" if first.after is Outcome.ALLOWED else label
    for hop in first.deciding:
        yield from wrap(f"{label} {told(hop)}", options.columns, _BODY)
    if first.reasons and first.after is Outcome.UNKNOWN:
        yield from wrap(f"reasons {', '.join(map(safe_name, first.reasons))}", options.columns, _BODY)
    for breaks in dict.fromkeys(one.breaks for one in alike if one.worse and one.breaks):
        yield from wrap(f"breaks {safe(breaks)}", options.columns, _BODY)


def _from(origins: Sequence[From]) -> str:
    pools = list(dict.fromkeys(origin.pool for origin in origins))
    return f"from {'pools' if len(pools) > 1 else 'pool'} {_listed(pools, _SHOWN)}"


def _listed(items: Sequence[str], limit: int) -> str:
    more = f" and {len(items) - limit} more" if len(items) > limit else ""
    return ", ".join(map(safe_name, items[:limit])) + more


# -- subnets -------------------------------------------------------------------------------------------


def _subnet(subnet: SubnetDifference, options: Options) -> list[str]:
    notes = {
        Presence.APPEARED: "   sends now: all that leaves is more",
        Presence.DISAPPEARED: "   sends no more: all that left is less",
    }
    title = f"  subnet {safe_name(resource_name(subnet.subnet.text))}{notes.get(subnet.presence, '')}"
    return [*wrap(title.strip(), options.columns, "  "), *subnet_lines(subnet, options)]


# -- closing -------------------------------------------------------------------------------------------


def _closing(subject: Difference, options: Options) -> list[str]:
    lines: list[str] = []
    for name, side in (("old", subject.old), ("new", subject.new)):
        lines += _incomplete(name, side, options)
    alike = sum(not cluster for cluster in subject.clusters)
    compared = f"{plural(len(subject.clusters), 'cluster')} compared by {_policies(subject)}"
    if not subject.clusters:
        return [*lines, "No AKS cluster found on either side."]
    if not subject:
        text = f"{compared}: no difference. What leaves is the same, and so is every answer about what is needed."
        return [*lines, *wrap(text, options.columns)]
    counted = Counter(
        word
        for subnet in subject.subnets
        for word, there in (("more", subnet.more), ("less", subnet.less), ("open", subnet.undetermined))
        if there
    )
    parts = [
        f"{text} {plural(counted[word], 'subnet')}"
        for word, text in (("more", "more leaves from"), ("less", "less from"), ("open", "not told for"))
        if counted[word]
    ]
    beyond = sum(change.standing is Standing.EXCESS for subnet in subject.subnets for change in subnet.more)
    if beyond:
        parts.append(f"{plural(beyond, 'set')} of it beyond what the clusters need")
    worse = sum(one.worse and one.counts for one in subject.endpoints)
    parts.append(
        f"{plural(worse, 'required endpoint')} got worse" if worse else "no required endpoint got worse"
    )
    parts += [f"{plural(alike, 'cluster')} without difference"] if alike else []
    lines += wrap(f"{compared}: {', '.join(parts)}.", options.columns)
    return lines + _assumed(subject, options)


def _policies(subject: Difference) -> str:
    old, new = (_policy(side) for side in (subject.old, subject.new))
    return old if old == new else f"{old} (old) and {new} (new)"


def _policy(side: Side) -> str:
    name = side.edition if side.policy_file is None else f"{safe(side.policy_file)} on {side.edition}"
    return f"{name}, strict" if side.strict else name


def _incomplete(name: str, side: Side, options: Options) -> Iterator[str]:
    for row in side.incomplete[: _SHOWN if not options.verbose else None]:
        kind = f" ({safe_name(row.kind)})" if row.kind else ""
        why = f": {safe(row.error)}" if row.error else ""
        text = f"{name} side incomplete: {safe(row.scope)}{kind} {row.status}{why}"
        yield from wrap(text, options.columns, rest="  ")
    if len(side.incomplete) > _SHOWN and not options.verbose:
        yield f"{name} side incomplete: and {len(side.incomplete) - _SHOWN} more (-v lists them)"


def _assumed(subject: Difference, options: Options) -> list[str]:
    used = {
        code
        for subnet in subject.subnets
        for change in (*subnet.more, *subnet.less)
        for code in change.assumptions
    }
    shown = [code for code in ASSUMPTIONS if code in used]
    if not shown:
        return []
    if not options.verbose:
        return wrap(f"{plural(len(shown), 'assumption')} (-v lists them).", options.columns)
    lines = ["", "Assumed:"]
    for code in shown:
        lines += wrap(f"{code}: {ASSUMPTIONS[code]}", options.columns, "  ", "    ")
    return lines
