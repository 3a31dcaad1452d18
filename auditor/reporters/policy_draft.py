"""The start of an organisation policy: what leaves today beyond an edition, as rows that somebody has to review."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import yaml

from auditor.model.egress import Beyond, Excess
from auditor.model.egress_sums import by_address, by_name
from auditor.model.finding import Report
from auditor.model.verdict import Hop
from auditor.netset import NamePattern, NameSet
from auditor.reporters.hop_text import resource_name
from auditor.reporters.terminal_text import safe

_MOST = 1000
"""Destinations of one row; the format has room for more, a reader has not."""

_Row = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]
"""Destinations, exceptions and services."""

_HEAD = """\
# What this organisation requires, allows and forbids beyond what AKS needs, and what it accepts until when.
# `egress-audit policy check` checks this file. For editors that complete and check it as you type, write the schema
# beside it: egress-audit policy schema > egress-policy.schema.json
# yaml-language-server: $schema=egress-policy.schema.json

# The baseline: what AKS itself needs. `egress-audit baseline list` shows the editions.
extends: {edition}
"""

_REQUIRE = """
# What clusters must reach beyond that. Blocked, it is a finding of required-endpoint-blocked.
# require:
#   - to: vault.contoso.com:443/https
#     clusters: ["aks-pay*"]
#     purpose: secrets of the applications
#     breaks: pods do not start
"""

_FORBID = """
# What must never leave, whatever is allowed: findings of forbidden-egress.
# forbid:
#   - to: "*.blob.core.windows.net:443/https"
#     except: [contosologs.blob.core.windows.net]
#     reason: storage of strangers
"""

_WAIVERS = """
# Findings that somebody accepts until a day.
# waivers:
#   - rule: exfiltration-prone-rule
#     cluster: aks-payments
#     reason: removed with the move to private endpoints
#     owner: team-payments
#     expires: 2030-12-31

# How much findings matter: error, warning, note, or off, which leaves them out and tells how many.
# severities:
#   rule-redundant: "off"
"""

_SETTINGS = """
# How documents are read, and what they do not show. Relative paths start at this file.
"""

_ALLOW = """
# What may leave beyond the baseline.
# allow:
#   - to: ["*.ubuntu.com:443/https", "Storage.WestEurope:443/tcp", "20.50.0.0/16:1433/tcp"]
#     reason: say why
"""

_REVIEW = """
# What left beyond the baseline when this file was written. Nobody has approved it yet: keep what is meant, with its
# reason, and take the rest out; then the next scan reports it as excess-egress.
allow:
"""


def policy_draft(edition: str, settings: Mapping[str, object], report: Report | None = None) -> str:
    """A policy file with comments; with a report, a row for everything that surely leaves beyond its policy.

    A scan with the same sources and settings and this policy finds no excess-egress.
    """
    rows = [] if report is None else list(_rows(report))
    parts = [_HEAD.format(edition=edition), _REQUIRE]
    parts += [_REVIEW, *rows] if rows else [_ALLOW]
    parts += [_FORBID, _WAIVERS, _SETTINGS]
    parts.append(
        yaml.safe_dump({"settings": dict(settings)}, sort_keys=True, allow_unicode=False)
        if settings
        else "# settings:\n#   strict: true\n#   appliances: [appliances.yaml]\n"
    )
    return "".join(parts)


def _rows(report: Report) -> Iterator[str]:
    """One entry for each different row, with the clusters that it is about."""
    clusters: dict[_Row, dict[str, None]] = {}
    origins: dict[_Row, dict[str, None]] = {}
    names = [item.cluster.name.lower() for item in report.clusters]
    for item in report.clusters:
        name = item.cluster.name
        known_as = item.cluster.id.text if names.count(name.lower()) > 1 else name
        by_rule: dict[Hop, list[Excess]] = {}
        for one in item.excess:
            if one.kind is Beyond.EXCESS:
                by_rule.setdefault(one.rule, []).append(one)
        for parts in by_rule.values():
            for row in _split(parts):
                clusters.setdefault(row, {})[known_as] = None
                origins.setdefault(row, {})[_origin(parts[0])] = None
    for row, concerned in clusters.items():
        yield _entry(row, tuple(concerned), tuple(origins[row]))


def _split(parts: Sequence[Excess]) -> Iterator[_Row]:
    """What one rule lets out, whoever sends it, as rows that together are exactly that."""
    for addresses, services in by_address(parts).boxes():
        texts = tuple(str(services).split(","))
        ranges = addresses.ranges()
        for start in range(0, len(ranges), _MOST):
            yield ranges[start : start + _MOST], (), texts
    for application, services, names in by_name(parts):
        texts = tuple(str(services).split(","))
        if application is not None:
            texts = tuple(text.replace("tcp", application, 1) for text in texts)
        for pattern, excepted in _patterns(names):
            yield (pattern,), excepted, texts


def _patterns(names: NameSet) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each pattern of a set with those directly inside it that are not: the set is what is left of all of them."""
    listed = names.patterns()
    for place, (pattern, included) in enumerate(listed):
        if included:
            yield str(pattern), tuple(map(str, _directly_inside(pattern, listed[place + 1 :])))


def _directly_inside(
    pattern: NamePattern, later: Sequence[tuple[NamePattern, bool]]
) -> Iterator[NamePattern]:
    inside = [(one, included) for one, included in later if one <= pattern]
    for one, included in inside:
        if not included and not any(one <= other and one != other for other, _ in inside):
            yield one


def _origin(one: Excess) -> str:
    rule = one.rule
    what = f"rule {rule.rule}" if rule.rule is not None else rule.detail or "the way out"
    where = f" of {resource_name(rule.resource)}" if rule.resource and rule.rule is not None else ""
    return f"{what}{where}, such as {one.witness}"


def _entry(row: _Row, clusters: tuple[str, ...], origins: tuple[str, ...]) -> str:
    destinations, excepted, services = row
    lines = [f"  # {_comment(origin)}" for origin in origins]
    lines.append("  - to:")
    lines += [f"      - {_quoted(text)}" for text in destinations]
    if excepted:
        lines.append("    except:")
        lines += [f"      - {_quoted(text)}" for text in excepted]
    lines.append(f"    services: [{', '.join(map(_quoted, services))}]")
    lines.append(f"    clusters: [{', '.join(_quoted(_pattern(name)) for name in clusters)}]")
    lines.append("    reason: to be reviewed")
    return "\n".join(lines) + "\n"


def _pattern(name: str) -> str:
    """A name as a pattern for it: `?` stands for half of a character, which no file can hold."""
    return "".join("?" if 0xD800 <= ord(char) < 0xE000 else char for char in name)


def _comment(text: str) -> str:
    return safe(text, 200).encode("ascii", "backslashreplace").decode()


def _quoted(text: str) -> str:
    """The text as a YAML scalar in double quotes, on one line whatever is in it."""
    dumped: str = yaml.safe_dump(text, default_style='"', allow_unicode=False, width=1 << 30)
    return dumped.strip()
