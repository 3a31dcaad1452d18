"""The list of reporters."""

from __future__ import annotations

import pytest

from auditor.cli.output import FORMATS, REPORT_FORMATS
from auditor.errors import UsageError
from auditor.reporters.register import REPORTERS, TRACE_REPORTERS, report_reporter, trace_reporter


def test_formats_of_the_command_line_exist() -> None:
    """`--format` offers what is registered, for reports and for traces, and nothing else."""
    assert tuple(reporter.name for reporter in REPORTERS) == REPORT_FORMATS
    assert tuple(reporter.name for reporter in TRACE_REPORTERS) == FORMATS


def test_by_name() -> None:
    """A reporter is found by its name; another name is an error that lists them."""
    assert report_reporter("json").media_type == "application/json"
    assert trace_reporter("table").media_type.startswith("text/plain")
    with pytest.raises(UsageError, match="no format is called 'yaml'; there are table, json, sarif, "):
        report_reporter("yaml")
