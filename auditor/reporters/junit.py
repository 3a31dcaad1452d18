"""JUnit XML for dashboards of pipelines: a suite for each cluster, a case for each subject that a rule judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from auditor.model.finding import Finding, Report, Status
from auditor.reporters.collected import collected_at
from auditor.reporters.finding_text import ID_LIMIT, command_text, origin_text, subject_text, waiver_text
from auditor.reporters.interface import Options
from auditor.reporters.json_v1 import finding_place
from auditor.reporters.terminal_text import safe, safe_name

_NO_CLUSTER = "snapshot"


class Junit:
    """JUnit XML with every status, in ASCII; see the interface.

    What failed is a failure, what is not known an error, what is waived or does not apply skipped.
    """

    name = "junit"
    media_type = "application/xml"

    def render(self, subject: Report, options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        root = Element("testsuites", name="egress-audit")
        root.attrib |= _counts(subject.findings)
        for name, key, findings in _suites(subject):
            _suite(root, name, key, findings, subject)
        indent(root)
        text: bytes = tostring(root, encoding="us-ascii", xml_declaration=True)
        return text.decode("ascii") + "\n"


def _suites(report: Report) -> list[tuple[str, str, list[Finding]]]:
    """Name, ARM id and findings of each suite; clusters in the order of their ids, the rest last."""
    found: dict[str, list[Finding]] = {item.cluster.id.key: [] for item in report.clusters}
    others: list[Finding] = []
    for finding in sorted(report.findings, key=finding_place):
        found.get(finding.cluster.key if finding.cluster else "", others).append(finding)
    clusters = sorted((item.cluster for item in report.clusters), key=lambda item: item.id.key)
    names = Counter(cluster.name.lower() for cluster in clusters)
    made = [
        (
            safe_name(cluster.name)
            + (f" ({safe_name(cluster.id.group or '')})" if names[cluster.name.lower()] > 1 else ""),
            cluster.id.text,
            found[cluster.id.key],
        )
        for cluster in clusters
    ]
    return [*made, (_NO_CLUSTER, "", others)] if others else made


def _counts(findings: Sequence[Finding]) -> dict[str, str]:
    counted = Counter(item.status for item in findings)
    return {
        "tests": str(len(findings)),
        "failures": str(counted[Status.FAIL]),
        "errors": str(counted[Status.UNKNOWN]),
    }


def _suite(root: Element, name: str, key: str, findings: Sequence[Finding], report: Report) -> None:
    skipped = sum(item.status in {Status.WAIVED, Status.NOT_APPLICABLE} for item in findings)
    counts = _counts(findings) | {"skipped": str(skipped)}
    suite = SubElement(root, "testsuite", {"name": name, **counts, "time": "0"})
    time = collected_at(report)
    if time is not None:
        suite.set("timestamp", time.strftime("%Y-%m-%dT%H:%M:%S"))
    facts = {"cluster": key, "edition": report.edition, "version": report.version}
    facts |= {"policy": report.policy_file} if report.policy_file is not None else {}
    properties = SubElement(suite, "properties")
    for fact, value in facts.items():
        SubElement(properties, "property", name=fact, value=safe(value, ID_LIMIT))
    names = Counter((item.rule, _title(item)) for item in findings)
    for finding in findings:
        title = _title(finding)
        if names[finding.rule, title] > 1:
            title += f" [{safe_name(finding.fingerprint)[:12]}]"
        _case(suite, name, title, finding)


def _title(finding: Finding) -> str:
    """What tells the case from the others of its rule, from run to run."""
    origin = origin_text(finding)
    file = safe_name(finding.place.file) if finding.place is not None else "audit"
    return (subject_text(finding) or file) + (f" from {origin}" if origin else "")


def _case(suite: Element, suite_name: str, title: str, finding: Finding) -> None:
    classname = f"{suite_name}.{safe_name(finding.rule)}"
    case = SubElement(suite, "testcase", classname=classname, name=title, time="0")
    said = safe(finding.message)
    match finding.status:
        case Status.FAIL:
            SubElement(case, "failure", type=finding.severity.value, message=said).text = _more(finding)
        case Status.UNKNOWN:
            SubElement(case, "error", type="unknown", message=said).text = _more(finding)
        case Status.WAIVED:
            accepted = waiver_text(finding.waiver) if finding.waiver is not None else "waived"
            SubElement(case, "skipped", type="waived", message=accepted).text = said
        case Status.NOT_APPLICABLE:
            SubElement(case, "skipped", type="not-applicable", message=said)
        case Status.PASS:
            pass


def _more(finding: Finding) -> str:
    """Lines for who reads the failure."""
    lines = [safe(finding.message)]
    lines += [f"breaks: {safe(finding.breaks)}"] if finding.breaks else []
    lines += [f"reasons: {', '.join(map(safe_name, finding.reasons))}"] if finding.reasons else []
    lines += [f"mend: {safe(finding.remediation)}"] if finding.remediation else []
    lines += map(command_text, finding.commands)
    lines += [f"resource: {safe(finding.resource.text, ID_LIMIT)}"] if finding.resource is not None else []
    lines += [f"file: {safe(finding.place.file)}:{finding.place.line}"] if finding.place is not None else []
    lines += [f"fingerprint: {safe_name(finding.fingerprint)}"] if finding.fingerprint else []
    return "\n".join(lines)
