"""What became of stored estates, as one page: a line for each cluster over time, and the four lists."""

from __future__ import annotations

from markupsafe import Markup

from auditor.model.history import PastFinding
from auditor.model.periodic import Periodic
from auditor.reporters.changes_view import about, heading, lists, waiver_text, word
from auditor.reporters.html import Point, Series, chart, page
from auditor.reporters.html.shell import environment
from auditor.reporters.interface import Options
from auditor.reporters.terminal_text import safe, safe_name


class ChangesHtml:
    """One self-contained file; see the interface."""

    name = "html"
    media_type = "text/html; charset=utf-8"

    def render(self, subject: Periodic, options: Options) -> str:  # noqa: ARG002 - a page lays itself out
        """See the interface."""
        body = (
            environment()
            .get_template("periodic.html.j2")
            .render(
                lists=[
                    {"title": title, "meaning": meaning, "rows": [_row(one) for one in findings]}
                    for title, meaning, findings in lists(subject)
                ],
                chart=_chart(subject),
                waivers=[safe(waiver_text(one)) for one in subject.expiring],
                notes=[safe(note) for note in subject.notes],
            )
        )
        lead = f"{subject.place}: {heading(subject)}"
        return page("Egress audit: what changed", Markup(body), lead=lead)  # noqa: S704 - the template escapes


def _row(finding: PastFinding) -> dict[str, str]:
    return {
        "word": safe_name(word(finding)),
        "cluster": safe_name(finding.cluster_name or ""),
        "rule": safe_name(finding.rule),
        "about": safe_name(about(finding)),
        "message": safe(finding.message),
        "first": safe_name(finding.first_seen[:10]),
        "last": safe_name(finding.last_seen[:10]),
    }


def _chart(subject: Periodic) -> Markup:
    """Required endpoints that get out; a run that could not read all of a cluster leaves a gap."""
    return chart(
        [
            Series(
                name=one.name,
                points=tuple(
                    Point(at=run.time, met=run.allowed, needed=run.needed if run.complete else 0)
                    for run in one.runs
                ),
            )
            for one in subject.compliance
        ],
        caption="Required endpoints that get out",
    )
