"""The report as one HTML file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from markupsafe import Markup

from auditor.model.finding import AuditedCluster, Finding, Report
from auditor.model.reading import ASSUMPTIONS
from auditor.reporters.html.cards import WORDS, CardGroup, by_control, by_rule, card_groups
from auditor.reporters.html.changes_view import changes_view, waiver_rows
from auditor.reporters.html.coverage_view import coverage_view
from auditor.reporters.html.excess_rows import excess_rows
from auditor.reporters.html.matrix import Matrix, matrix, source_names
from auditor.reporters.html.shell import environment, page
from auditor.reporters.html.store import Store
from auditor.reporters.html.summary_view import summary
from auditor.reporters.interface import Options
from auditor.reporters.merge import groups
from auditor.reporters.terminal_text import safe, safe_name

_SCRIPTS = (
    "elements.js",
    "store.js",
    "paths.js",
    "dialog.js",
    "matrix.js",
    "findings.js",
    "excess.js",
    "search.js",
)
TITLE = "AKS egress audit"


class Html:
    """A page for people, with the whole path behind every answer; see the interface."""

    name = "html"
    media_type = "text/html; charset=utf-8"

    def render(self, subject: Report, options: Options) -> str:  # noqa: ARG002
        """See the interface; the options change nothing."""
        subject = replace(subject, findings=tuple(sorted(subject.findings, key=_order)))
        shown = groups(subject)
        clusters = [group.cluster for group in shown if group.cluster is not None]
        store = Store()
        grid = matrix(clusters, store)
        places = {one.cluster.id.key: columns for one, columns in zip(clusters, grid.places, strict=True)}
        cards = card_groups(subject, shown, places, store)
        excess = excess_rows(clusters, store)
        body = (
            environment()
            .get_template("report.html.j2")
            .render(
                summary=summary(subject, cards),
                groups=cards,
                words=WORDS,
                controls=by_control(subject),
                rules=by_rule(subject),
                changes=changes_view(subject),
                waivers=waiver_rows(subject.waivers),
                coverage=coverage_view(subject.coverage),
                about=_about(subject),
                cells=len(clusters) * len(grid.columns),
                excess=len(excess),
                data=_data(clusters, grid, cards, excess, store),
            )
        )
        return page(TITLE, Markup(body), scripts=_SCRIPTS, lead=_lead(subject))  # noqa: S704 - from a template


def _order(finding: Finding) -> tuple[str, str]:
    """Fingerprints differ; the text decides where a report has none."""
    return (finding.fingerprint, finding.message)


def _lead(report: Report) -> str:
    collected = f"collected {report.collected}" if report.collected else "time of collection not recorded"
    policy = f"{report.policy_file} ({report.edition})" if report.policy_file else report.edition
    return " \N{MIDDLE DOT} ".join((policy, collected, f"{report.cloud} cloud"))


def _about(report: Report) -> dict[str, Any]:
    origins = [(safe(one.source), safe_name(one.collected or ""), one.documents) for one in report.origins]
    return {
        "version": safe_name(report.version),
        "edition": safe_name(report.edition),
        "policy_file": safe(report.policy_file or ""),
        "strict": report.strict,
        "not_assumed": tuple(map(safe_name, report.not_assumed)),
        "cloud": safe_name(report.cloud),
        "collected": safe_name(report.collected or ""),
        "origins": origins,
        "sources": () if origins else tuple(map(safe, report.sources)),
    }


def _data(
    clusters: list[AuditedCluster],
    grid: Matrix,
    cards: tuple[CardGroup, ...],
    excess: list[tuple[Any, ...]],
    store: Store,
) -> dict[str, Any]:
    """What the script draws from."""
    return {
        "codes": ASSUMPTIONS,
        "columns": grid.columns,
        "cells": grid.cells,
        "clusters": [
            {
                "name": safe_name(one.cluster.name),
                "about": f"{safe_name(one.cluster.location)} {safe_name(one.cluster.outbound_type or '')}".strip(),
                "id": safe(one.cluster.id.text),
                "sources": source_names(one),
                "cells": row,
            }
            for one, row in zip(clusters, grid.rows, strict=True)
        ],
        "cards": [
            {
                "word": card.word,
                "cluster": group.number if group.cluster is not None else -1,
                "column": -1 if card.column is None else card.column,
                "controls": card.controls,
                "rule": card.rule,
                "paths": card.paths,
            }
            for group in cards
            for card in group.cards
        ],
        "excess": excess,
        **store.document(),
    }
