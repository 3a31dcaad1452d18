"""Whole reports: the bundled estates, the same with everything moved about, and one whose names attack."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import auditor
from auditor import resources
from auditor.model.finding import Finding, Place, Report, Status, Waiver

EXAMPLES = ("broken", "locked-down", "open", "virtual-wan")

LONG = "A" * 10_000
HOSTILE = {
    "aks-payments": "<img src=x onerror=alert(1)>|`**bold**` [link](https:evil.example) ![i](x)",
    "fw-hub-weu": "=cmd|' !A1;=1+1;@SUM(1)",
    "nsg-aks-nodes": "\x1b[31mred\x1b[0m\u202eevil\u2066\u200b\x07",
    "rt-aks-nodes": "nul\x00byte\ufffe\U000e0001tag",
    "DenyAzureResourceManager": "@octocat #123 www.evil.example user@evil.example ``` </code></pre><script>",
    "vnet-spoke-payments": "+1-2\t=3\r\n- item\n# head {0} {{x}}",
    "snet-aks-batch": LONG,
    "app-aks-core": "` @octocat <svg onload=alert(1)>\u2028&amp;]]>",
}
"""Names of the estate `broken` and what takes their place."""


@cache
def report_of(example: str) -> Report:
    """The report about a bundled estate, by the newest edition."""
    return audited(example, documents(example))


@cache
def hostile_report() -> Report:
    """The report about `broken` with hostile names, and findings of every status and with hostile waivers."""
    text = "\n".join(json.dumps(document) for document in documents("broken"))
    for name, hostile in HOSTILE.items():
        text = json.dumps(hostile)[1:-1].join(re.split(rf"{name}(?![-\w])", text))
    report = audited("broken", (json.loads(line) for line in text.splitlines()))
    attack = f"{HOSTILE['DenyAzureResourceManager']}{HOSTILE['nsg-aks-nodes']}\ud800"
    place = Place(file=f"{attack}/../\udcff/a b.tf", line=3)
    waiver = Waiver(
        rule="*", scope=(), reason=f"={attack}", owner="@owner", expires="2027-01-01", place=place, uses=1
    )
    return replace(report, findings=(*report.findings, *_every_status(report.findings[0], waiver, place)))


def _every_status(finding: Finding, waiver: Waiver, place: Place) -> Iterable[Finding]:
    for status in Status:
        attack = waiver.reason
        yield replace(
            finding,
            status=status,
            message=f"{attack}; breaks: {attack}",
            waiver=waiver if status is Status.WAIVED else None,
            place=place,
            pools=("-1", "=a"),
            commands=("=HYPERLINK(1)", "az x --query \"[?a=='```']\"\x1b"),
            fingerprint=f"{status.value}-{finding.fingerprint}",
        )


def moved(example: str) -> Report:
    """The report about an estate whose documents and lists stand in other places, with other priorities."""
    return audited(example, (_shifted(document) for document in reversed(documents(example))))


def documents(example: str) -> tuple[dict[str, Any], ...]:
    """The ARM documents of a bundled estate."""
    text = (resources.examples() / example / "resources.jsonl").read_text("utf-8")
    return tuple(json.loads(line) for line in text.splitlines())


def audited(example: str, made: Iterable[dict[str, Any]]) -> Report:
    """The report about these documents, read as those of the example; the source has a name that stays."""
    lines = "".join(json.dumps(document) + "\n" for document in made)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "resources.jsonl").write_text(lines, encoding="utf-8")
        manifest = resources.examples() / example / "manifest.json"
        Path(folder, "manifest.json").write_bytes(manifest.read_bytes())
        report = auditor.check(auditor.load_snapshot(folder), auditor.load_policy("aks-2026-06-18"))
    return replace(report, sources=("estate",))


_LISTS = frozenset({"securityRules", "routes", "subnets", "ruleCollections", "agentPoolProfiles"})


def _shifted(value: Any, key: str = "") -> Any:
    """Lists whose order means nothing turned round, and priorities with the same order among them."""
    if isinstance(value, dict):
        return {name: _shifted(item, name) for name, item in value.items()}
    if isinstance(value, list):
        found = [_shifted(item) for item in value]
        return found[::-1] if key in _LISTS else found
    return value + 7 if key == "priority" and isinstance(value, int) and value < 4000 else value
