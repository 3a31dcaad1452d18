"""The page about formats and the formats agree."""

from __future__ import annotations

import re
from pathlib import Path

from auditor.cli.output import REPORT_FORMATS
from auditor.cli.report_options import Printing
from auditor.cli.scan import scan
from auditor.reporters.csv_rows import COLUMNS
from auditor.reporters.interface import DEFAULT_CHARACTERS, MINIMUM_CHARACTERS
from auditor.reporters.ocsf import OCSF_VERSION
from auditor.reporters.sarif_results import RESULT_LIMIT

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "formats.md").read_text("utf-8")


def test_every_format_is_on_the_page() -> None:
    """In the table at its head and, but for the two that are told elsewhere, with a section."""
    for name in REPORT_FORMATS:
        assert re.search(rf"^\| \[?`{name}`", PAGE, re.MULTILINE)
    sections = set(re.findall(r"^## (\w+)$", PAGE, re.MULTILINE))
    assert sections == set(REPORT_FORMATS) - {"table", "json"}


def test_every_column_is_on_the_page() -> None:
    """In the order of the file, where the table groups them."""
    table = PAGE[PAGE.index("| column |") : PAGE.index("Values of a list")]
    told = re.findall(r"`(\w+)`", "".join(line.split("|")[1] for line in table.splitlines() if line))
    assert tuple(told) == COLUMNS


def test_figures_are_those_of_the_code() -> None:
    """Limits and versions."""
    assert f"at most {RESULT_LIMIT:,}" in PAGE
    assert f"{DEFAULT_CHARACTERS:,} by default" in PAGE
    assert f"OCSF {OCSF_VERSION}" in PAGE


def test_options_have_the_defaults_of_the_reporters() -> None:
    """The command line names them without importing the reporters."""
    option = next(item for item in scan.params if item.name == "markdown_limit")
    assert option.default == DEFAULT_CHARACTERS
    assert getattr(option.type, "min", None) == MINIMUM_CHARACTERS
    names = {item.name for item in scan.params}
    assert set(Printing.__dataclass_fields__) <= names
    for word in ("--sarif-anchor", "--sarif-waived", "--markdown-limit", "--allow-incomplete"):
        assert word in PAGE
