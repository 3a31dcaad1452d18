"""Every reporter, in a plain list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from auditor.errors import UsageError
from auditor.model.difference import Difference
from auditor.model.finding import Report, Trace
from auditor.model.periodic import Periodic
from auditor.reporters.changes_html import ChangesHtml
from auditor.reporters.changes_json import ChangesJson
from auditor.reporters.changes_markdown import ChangesMarkdown
from auditor.reporters.changes_text import ChangesText
from auditor.reporters.csv_rows import CsvRows
from auditor.reporters.diff_json import DiffJson
from auditor.reporters.diff_table import DiffTable
from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Reporter
from auditor.reporters.json_v1 import JsonV1
from auditor.reporters.junit import Junit
from auditor.reporters.markdown import Markdown
from auditor.reporters.ocsf import Ocsf
from auditor.reporters.sarif import Sarif
from auditor.reporters.table import Table
from auditor.reporters.trace_json import TraceJson
from auditor.reporters.trace_table import TraceTable

Subject = TypeVar("Subject")

REPORTERS: tuple[Reporter[Report], ...] = (
    Table(),
    JsonV1(),
    Sarif(),
    Html(),
    Markdown(),
    CsvRows(),
    Junit(),
    Ocsf(),
)
"""For the report of an audit."""

TRACE_REPORTERS: tuple[Reporter[Sequence[Trace]], ...] = (TraceTable(), TraceJson())
"""For the answers of `trace`."""

DIFF_REPORTERS: tuple[Reporter[Difference], ...] = (DiffTable(), DiffJson())
"""For a comparison."""

PERIODIC_REPORTERS: tuple[Reporter[Periodic], ...] = (
    ChangesText(),
    ChangesJson(),
    ChangesMarkdown(),
    ChangesHtml(),
)
"""For what became of stored runs."""


def report_reporter(name: str) -> Reporter[Report]:
    """The reporter of this name for a report; UsageError, naming those that exist, if there is none."""
    return _named(name, REPORTERS)


def trace_reporter(name: str) -> Reporter[Sequence[Trace]]:
    """The reporter of this name for traces; UsageError, naming those that exist, if there is none."""
    return _named(name, TRACE_REPORTERS)


def diff_reporter(name: str) -> Reporter[Difference]:
    """The reporter of this name for a comparison; UsageError, naming those that exist, if there is none."""
    return _named(name, DIFF_REPORTERS)


def periodic_reporter(name: str) -> Reporter[Periodic]:
    """The reporter of this name for stored runs; UsageError, naming those that exist, if there is none."""
    return _named(name, PERIODIC_REPORTERS)


def _named(name: str, reporters: Sequence[Reporter[Subject]]) -> Reporter[Subject]:
    for reporter in reporters:
        if reporter.name == name:
            return reporter
    known = ", ".join(reporter.name for reporter in reporters)
    raise UsageError(f"no format is called {name!r}; there are {known}")
