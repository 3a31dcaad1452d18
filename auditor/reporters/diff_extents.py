"""What one subnet lets out more and less, in words: sets first, then the rule that lets out and what stops."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from auditor.model.difference import Change, Extent, Standing, StandingChange, SubnetDifference, Undecided
from auditor.model.verdict import Hop, Outcome
from auditor.netset import NameSet, Traffic
from auditor.reporters.counts import plural
from auditor.reporters.hop_text import sentence, step, who
from auditor.reporters.interface import Options
from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import safe, safe_name
from auditor.reporters.wrap import wrap

_BODY = " " * 13
_RANGES = 4
_SERVICES = 6
_STANDINGS = {
    Standing.NEEDED: "needed",
    Standing.UNNEEDED: "published for AKS, not needed by this cluster",
    Standing.EXCESS: "beyond what the cluster needs",
}
_STATES = {
    Outcome.ALLOWED: "surely left",
    Outcome.BLOCKED: "was surely stopped",
    Outcome.UNKNOWN: "was not known",
}
_NOW = {
    Outcome.ALLOWED: "surely leaves now",
    Outcome.BLOCKED: "is surely stopped now",
    Outcome.UNKNOWN: "is not known now",
}


def subnet_lines(subnet: SubnetDifference, options: Options) -> Iterator[str]:
    """All that differs, most addresses first."""
    for word, role, changes in (("more", "error", subnet.more), ("less", "note", subnet.less)):
        for _, alike in groupby(changes, key=_alike):
            yield from _marked(word, role, _changes(list(alike), subnet, word, options), options)
    for one in subnet.undetermined:
        yield from _marked("unclear", "unknown", _undecided(one, subnet, options), options)
    for change in subnet.standing:
        yield from _marked("judged", "warning", _standing(change, subnet, options), options)


def _alike(change: Change) -> object:
    """Names that are let out and stopped alike are told together, rule by rule."""
    extent = change.extent
    if extent.names is None:
        return id(change)
    return (
        extent.asked_from,
        extent.sources,
        extent.traffic,
        extent.partial,
        extent.application,
        change.blockers,
    )


def _marked(word: str, role: str, lines: Iterable[str], options: Options) -> Iterator[str]:
    """The lines of one block, with its word on the first."""
    for number, line in enumerate(lines):
        if number:
            yield line
        else:
            yield f"    {paint(word, role, options.color)}{line[4 + len(word) :]}"


def _changes(
    changes: Sequence[Change], subnet: SubnetDifference, word: str, options: Options
) -> Iterator[str]:
    first = changes[0]
    if len(changes) == 1:
        yield from _extent(first.extent, subnet, options)
        yield from _text(f"{_STANDINGS[first.standing]}", options)
        yield from _labelled("let out by", _lets_out(first.rule, first.extent), options)
    else:
        yield from _by_rule(changes, subnet, options)
    stops = "was stopped by" if word == "more" else "stopped by"
    for hop in first.blockers:
        yield from _labelled(stops, told(hop), options)
    yield from _witness(first.extent, options)
    codes = dict.fromkeys(code for change in changes for code in change.assumptions)
    if codes:
        yield from _labelled("assumes", ", ".join(map(safe_name, codes)), options)
    if options.verbose:
        for number, hop in enumerate(first.hops, start=1):
            yield from wrap(
                step(hop), options.columns, f"{_BODY}{'path' if number == 1 else '    '} {number}. "
            )


def _by_rule(changes: Sequence[Change], subnet: SubnetDifference, options: Options) -> Iterator[str]:
    """One head for all rules, then what each of them lets out."""
    extent = changes[0].extent
    names = NameSet.NONE
    for change in changes:
        names |= change.extent.names or NameSet.NONE
    number = len(_patterns(names))
    yield from _text(f"{_services(extent)} to {plural(number, 'name')}{_where(extent)}", options)
    yield from _senders(extent, subnet, options)
    for change in changes:
        listed = _names(change.extent.names or NameSet.NONE, options)
        standing = "" if change.standing is Standing.NEEDED else f" ({_STANDINGS[change.standing]})"
        yield from wrap(f"{listed}{standing}", options.columns, f"{_BODY}  ", f"{_BODY}    ")
        yield from wrap(f"let out by {who(change.rule)}", options.columns, f"{_BODY}    ")


def _undecided(one: Undecided, subnet: SubnetDifference, options: Options) -> Iterator[str]:
    yield from _extent(one.extent, subnet, options)
    both = "not known on either side, and it hangs on something else now"
    yield from _text(both if one.on_both_sides else f"{_STATES[one.before]}, {_NOW[one.after]}", options)
    if one.causes:
        yield from _labelled("for", ", ".join(map(safe_name, one.causes)), options)
    yield from _witness(one.extent, options)


def _standing(one: StandingChange, subnet: SubnetDifference, options: Options) -> Iterator[str]:
    yield from _extent(one.extent, subnet, options)
    yield from _text(f"leaves as before; was {_STANDINGS[one.before]}, now {_STANDINGS[one.after]}", options)
    yield from _labelled("let out by", _lets_out(one.rule, one.extent), options)
    yield from _witness(one.extent, options)


def _lets_out(rule: Hop, extent: Extent) -> str:
    return who(rule) if rule.rule is not None and extent.names is not None else told(rule)


def told(hop: Hop) -> str:
    """Who decides and by which clause; why, where no rule says it by its name."""
    return step(hop) if hop.rule is not None else sentence(hop)


# -- sets ----------------------------------------------------------------------------------------------


def _extent(extent: Extent, subnet: SubnetDifference, options: Options) -> Iterator[str]:
    if extent.names is not None:
        text = f"{_services(extent)} to {_names(extent.names, options)}{_where(extent)}"
        yield from _text(text, options)
    else:
        yield from _boxes(extent.traffic, options)
    yield from _senders(extent, subnet, options)


def _boxes(traffic: Traffic, options: Options) -> Iterator[str]:
    """A line for each set of services, the largest first, and how much the limit hides."""
    boxes = sorted(traffic.boxes(), key=lambda box: (-box[0].size, str(box[1])))
    shown = boxes[: options.limit] if options.limit else boxes
    for addresses, services in shown:
        count = plural(addresses.size, "address", "addresses").replace(
            str(addresses.size), f"{addresses.size:,}"
        )
        listed = _cut(str(services).split(","), _SERVICES, options)
        yield from _text(f"{listed} to {_cut(addresses.ranges(), _RANGES, options)} ({count})", options)
    hidden = boxes[len(shown) :]
    if hidden:
        size = Traffic.union_all(Traffic.box(*box) for box in hidden).size
        yield from _text(
            f"and {plural(len(hidden), 'more set')} of services at {size:,} addresses (--limit 0 shows all)",
            options,
        )


def _services(extent: Extent) -> str:
    services = str(extent.traffic.services).split(",")
    if extent.application is None:
        return ", ".join(services[:_SERVICES])
    return f"{extent.application} {', '.join(text.removeprefix('tcp/') for text in services[:_SERVICES])}"


def _where(extent: Extent) -> str:
    """At which addresses, for names that leave at others as well."""
    if not extent.partial:
        return ""
    addresses = extent.traffic.addresses
    return f" where they lie at {_list(addresses.ranges(), _RANGES)} ({addresses.size:,} addresses)"


def _senders(extent: Extent, subnet: SubnetDifference, options: Options) -> Iterator[str]:
    """The pools, and the senders where not all of the subnet are meant."""
    pools = sorted({origin.pool for origin in extent.asked_from})
    text = f"from {'pools' if len(pools) > 1 else 'pool'} {_list(pools, 8)}"
    if extent.sources and extent.sources != subnet.senders:
        text += f", senders {_cut(extent.sources.ranges(), _RANGES, options)}"
    yield from _text(text, options)


def _patterns(names: NameSet) -> list[str]:
    return str(names).split("; ")


def _names(names: NameSet, options: Options) -> str:
    limit = 0 if options.limit == 0 else options.limit * 2
    return _cut(_patterns(names), limit, options)


def _witness(extent: Extent, options: Options) -> Iterator[str]:
    sender = f" from {extent.witness_source}" if extent.witness_source is not None else ""
    yield from _labelled("such as", f"{safe(extent.witness)}{sender}", options)


def _cut(items: Sequence[str], limit: int, options: Options) -> str:
    return _list(items, len(items) if options.limit == 0 else limit)


def _list(items: Sequence[str], limit: int) -> str:
    rest = len(items) - limit
    return ", ".join(map(safe, items[:limit])) + (f" and {rest:,} more" if rest > 0 else "")


def _text(text: str, options: Options) -> list[str]:
    return wrap(text, options.columns, _BODY)


def _labelled(label: str, text: str, options: Options) -> list[str]:
    return wrap(f"{label} {text}", options.columns, _BODY, f"{_BODY}  ")
