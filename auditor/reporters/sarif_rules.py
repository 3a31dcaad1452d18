"""Our rules as SARIF describes them, with what code scanning shows beside an alert."""

from __future__ import annotations

from auditor.model.finding import Finding, RuleInfo, Severity
from auditor.reporters.finding_text import control_text
from auditor.reporters.json_records import Record

LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}

_SECURITY = {Severity.ERROR: "8.0", Severity.WARNING: "5.0", Severity.NOTE: "2.0"}
"""Code scanning calls 7.0 and above high, 4.0 and above medium, and what is lower low."""
_OPEN = frozenset({"endpoint-undetermined", "collection-incomplete"})
"""Rules that only tell what is not known; their results are warnings, whatever it is that is not known."""
_TAGS = ("security", "azure", "kubernetes", "egress")
_MOST_TAGS = 20
"""Code scanning refuses a rule with more."""


def described(rules: tuple[RuleInfo, ...], findings: tuple[Finding, ...]) -> list[Record]:
    """Every rule in its order, then those that only a finding names."""
    known = {rule.id for rule in rules}
    others = {item.rule: item.severity for item in findings if item.rule not in known}
    made = [RuleInfo(id=name, title=name, severity=others[name]) for name in sorted(others)]
    return [_descriptor(rule) for rule in (*rules, *made)]


def _descriptor(rule: RuleInfo) -> Record:
    severity = Severity.WARNING if rule.id in _OPEN else rule.severity
    title = _sentence(rule.title)
    about = rule.help.strip() or title
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": title},
        "fullDescription": {"text": about},
        "help": {"text": about, "markdown": _markdown(rule, title, about)},
        "defaultConfiguration": {"level": LEVELS[severity]},
        "properties": {
            "tags": [*_TAGS, *map(control_text, rule.controls)][:_MOST_TAGS],
            "precision": "very-high",
            "problem.severity": "recommendation" if severity is Severity.NOTE else severity.value,
            "security-severity": _SECURITY[severity],
        },
    }


def _markdown(rule: RuleInfo, title: str, about: str) -> str:
    lines = [f"# {rule.id}", "", title]
    lines += ["", about] if about != title else []
    if rule.controls:
        lines += ["", "Serves:", "", *(f"- {control_text(control)}" for control in rule.controls)]
    lines += ["", f"`egress-audit rules {rule.id}` prints this text."]
    return "\n".join(lines)


def _sentence(title: str) -> str:
    return f"{title[:1].upper()}{title[1:].removesuffix('.')}."
