"""Running a case: its estate is written to disk, audited through the library, and compared with what it expects."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from auditor.audit import check, load_policy, load_snapshot, trace
from auditor.cli.exit_codes import Tolerance, exit_code
from auditor.model.finding import Endpoint, From, Report
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Hop, Verdict
from auditor.policy.policy import Policy
from tests.cases_support.case_file import Ask, BrokenCaseError, Case, Expected, ReadingName
from tests.cases_support.estate import load_estate

TODAY = date(2026, 7, 2)
"""The day by which waivers are judged."""


@dataclass(frozen=True)
class Audited:
    """A case ready to be asked under one reading."""

    snapshot: Snapshot
    policy: Policy

    def report(self) -> Report:
        """The scan."""
        return check(self.snapshot, self.policy, today=TODAY)


def prepare(case: Case, reading: ReadingName, folder: Path) -> Audited:
    """Write the edited estate and the options of a case, and load them."""
    estate = load_estate(case.base)
    estate.apply(case.edits)
    estate.write(folder / "snapshot")
    return Audited(load_snapshot(folder / "snapshot"), _policy(case.options, reading, folder))


def _policy(options: Mapping[str, Any], reading: ReadingName, folder: Path) -> Policy:
    files: dict[str, list[Path]] = {"appliances": [], "addresses": [], "service_tags": []}
    for name, paths in files.items():
        if name in options:
            path = folder / f"{name}.json" if name == "service_tags" else folder / f"{name}.yaml"
            value = {"appliances": options[name]} if name == "appliances" else options[name]
            dumped = json.dumps(value) if path.suffix == ".json" else yaml.safe_dump(value)
            path.write_text(dumped, encoding="utf-8")
            paths.append(path)
    edition = options.get("edition")
    if "policy" in options:
        edition = str(folder / "egress-policy.yaml")
        Path(edition).write_text(yaml.safe_dump(options["policy"]), encoding="utf-8")
    return load_policy(
        edition,
        strict=reading == "strict",
        not_assumed=options.get("not_assumed", ()),
        settings=options.get("settings"),
        appliances=files["appliances"],
        addresses=files["addresses"],
        service_tags=files["service_tags"],
    )


def faults_of(case: Case, reading: ReadingName, folder: Path) -> list[str]:
    """Everything in which the audit of a case differs from what it expects, in words."""
    audited = prepare(case, reading, folder)
    told = case.exit or case.found or case.not_found or case.waived or case.told
    scanned = told or any(ask.row for ask in case.asks)
    report = audited.report() if scanned else None
    found: list[str] = []
    for ask in case.asks:
        answers = _answers(ask, audited, report)
        if not answers:
            raise BrokenCaseError(f"{case.id}: nothing answers {ask}")
        for asked_from, verdict in answers:
            subnet = asked_from.subnet.name if asked_from.subnet else "no subnet"
            where = f"{ask.to or ask.row} from {asked_from.pool}/{subnet}"
            found += [f"{where}: {fault}" for fault in compare(verdict, ask.expected(reading))]
    if report is not None:
        found += _row_faults(case, report)
        found += _rule_faults(case, report)
        found += (f"no note says {text!r}" for text in case.told if not _tells(report, text))
        if case.exit is not None:
            code = exit_code(report, Tolerance()).value
            if code != case.exit[reading]:
                found.append(
                    f"exit code {code}, expected {case.exit[reading]}; findings: {_findings(report)}"
                )
    return found


def _answers(ask: Ask, audited: Audited, report: Report | None) -> list[tuple[From, Verdict | None]]:
    if ask.to is not None:
        traces = trace(audited.snapshot, audited.policy, [ask.to])
        answers: list[tuple[From, Verdict | None]] = [(one.asked_from, one.verdict) for one in traces]
    else:
        answers = [(one.asked_from, one.verdict) for one in _rows(ask, report)]
    return [(where, verdict) for where, verdict in answers if _from(ask, where)]


def _from(ask: Ask, where: From) -> bool:
    subnet = where.subnet.name if where.subnet else None
    return ask.pool in {None, where.pool} and ask.subnet in {None, subnet}


def _rows(ask: Ask, report: Report | None) -> Iterator[Endpoint]:
    for cluster in report.clusters if report else ():
        yield from (row for row in cluster.endpoints if row.id == ask.row and _from(ask, row.asked_from))


def _row_faults(case: Case, report: Report) -> Iterator[str]:
    for ask in case.asks:
        for row in _rows(ask, report):
            applies = "unknown" if row.applies is None else row.applies
            if applies != ask.applies:
                yield f"{row.id}: applies {applies}, expected {ask.applies}"
            if ask.level is not None and row.level != ask.level:
                yield f"{row.id}: level {row.level}, expected {ask.level}"


def _rule_faults(case: Case, report: Report) -> Iterator[str]:
    told = {one.rule for one in report.findings if one.status.value in {"fail", "unknown"}}
    for rule in sorted(case.found - told):
        yield f"no finding of {rule}; findings: {_findings(report)}"
    for rule in sorted(case.not_found & told):
        yield f"a finding of {rule}; findings: {_findings(report)}"
    for rule in sorted(case.waived - {one.rule for one in report.findings if one.waiver is not None}):
        yield f"no waived finding of {rule}; findings: {_findings(report)}"


def _tells(report: Report, text: str) -> bool:
    notes = (*report.notes, *(note for cluster in report.clusters for note in cluster.notes))
    return any(text in note for note in notes)


def _findings(report: Report) -> str:
    return "; ".join(
        f"{one.rule} {one.status.value} {one.endpoint or ''}".strip()
        for one in report.findings
        if one.status.value in {"fail", "unknown"}
    )


def compare(verdict: Verdict | None, expected: Expected) -> Iterator[str]:
    """Every difference between an answer and the expected one, in words."""
    if verdict is None or expected.verdict is None:
        if verdict is not None or expected.verdict is not None:
            yield f"verdict {verdict and verdict.outcome.value}, expected {expected.verdict}"
        return
    path = _shown(verdict)
    if verdict.outcome.value != expected.verdict:
        yield f"verdict {verdict.outcome.value}, expected {expected.verdict}{path}"
    if verdict.assumptions != expected.assumptions and set(verdict.assumptions) != set(expected.assumptions):
        yield f"assumptions {list(verdict.assumptions)}, expected {list(expected.assumptions)}{path}"
    if set(verdict.reasons) != set(expected.reasons):
        yield f"reasons {list(verdict.reasons)}, expected {list(expected.reasons)}{path}"
    pieces = [piece for piece in verdict.pieces if not piece.aside]
    if expected.hops and not any(_holds(piece.hops, expected.hops) for piece in pieces):
        yield f"no path holds {list(expected.hops)}{path}"
    if expected.blockers is not None and not any(
        _same(piece.blockers, expected.blockers) for piece in pieces
    ):
        yield f"no piece has exactly the blockers {list(expected.blockers)}{path}"
    if expected.note and not any(expected.note in note for note in verdict.notes):
        yield f"no note says {expected.note!r}: {list(verdict.notes)}"


def _holds(hops: Sequence[Hop], expected: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the expected hops occur among `hops` in their order."""
    rest = iter(hops)
    return all(any(_fits(hop, one) for hop in rest) for one in expected)


def _same(hops: Sequence[Hop], expected: Sequence[Mapping[str, Any]]) -> bool:
    return len(hops) == len(expected) and all(map(_fits, hops, expected))


def _fits(hop: Hop, expected: Mapping[str, Any]) -> bool:
    facts: dict[str, Any] = {
        "stage": hop.stage.value,
        "outcome": hop.outcome.value,
        "rule": hop.rule,
        "priority": hop.priority,
        "clause": hop.clause,
    }
    for key, value in expected.items():
        if key == "resource":
            if not f"/{(hop.resource or '').lower()}".endswith(f"/{value.lower()}"):
                return False
        elif facts[key] != value:
            return False
    return True


def _shown(verdict: Verdict) -> str:
    """The pieces of an answer, for the message of a failing test."""
    lines = []
    for piece in verdict.pieces[:6]:
        aside = ", set aside" if piece.aside else ""
        lines.append(
            f"\n    {piece.verdict.value} {', '.join(piece.destinations[:3])} ({piece.addresses}{aside})"
        )
        for hop in piece.hops:
            resource = (hop.resource or "-").rsplit("/", 1)[-1]
            lines.append(
                f"\n      {hop.stage.value} {resource} {hop.rule} {hop.outcome.value} {hop.clause}: {hop.detail}"
            )
    return "".join(lines)
