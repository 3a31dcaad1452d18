"""Names with markup, controls, terminal escapes, turned letters, formulas and 10,000 characters harm no reader."""

from __future__ import annotations

import csv
import io
import json
import re
from html.parser import HTMLParser
from typing import Any
from urllib.parse import unquote
from xml.etree.ElementTree import fromstring

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options as Cmark

from auditor.reporters.interface import Options
from auditor.reporters.register import REPORTERS, report_reporter
from tests.reports.estates import LONG, hostile_report

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")
HARMFUL = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufffe\uffff"
    "\U000e0000-\U000e007f]"
)
MOST = 1_000_000
"""Bytes of a report of some hundred findings; a name of 10,000 characters in each of them would be more."""


def rendered(style: str) -> str:
    return report_reporter(style).render(hostile_report(), Options(suppressions=True))


@pytest.mark.parametrize("style", ["table", "sarif", "markdown", "csv", "junit", "ocsf"])
def test_no_control_character_is_left(style: str) -> None:
    """Nothing moves a cursor, turns letters round or breaks a line; no text is longer than its findings are many."""
    text = rendered(style)
    assert HARMFUL.findall(text.replace("\r\n", "\n")) == []
    assert len(text.encode()) < MOST
    assert LONG not in text


def test_every_format_is_here() -> None:
    """A new format must be tried, too."""
    tried = {"table", "json", "sarif", "markdown", "csv", "junit", "ocsf", "html"}
    assert {reporter.name for reporter in REPORTERS} <= tried


def test_csv_has_no_formula() -> None:
    """No cell begins as a formula does, also where a spreadsheet parts cells at semicolons."""
    rows = list(csv.reader(io.StringIO(rendered("csv"), newline="")))
    assert len(rows) == len(hostile_report().findings) + 1
    assert {len(row) for row in rows} == {len(rows[0])}
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(FORMULAS)] == []
    assert [cell for cell in cells if re.search(r";\s*[=+\-@]", cell)] == []
    assert any(cell.startswith("'=") for cell in cells)


def test_junit_is_one_tree() -> None:
    """No name adds an element."""
    root = fromstring(rendered("junit"))  # noqa: S314 - our own text
    tags = {element.tag for element in root.iter()}
    assert tags <= {
        "testsuites", "testsuite", "properties", "property", "testcase", "failure", "error", "skipped",
    }  # fmt: skip
    cases = list(root.iter("testcase"))
    assert len({(case.get("classname"), case.get("name")) for case in cases}) == len(cases)


def test_sarif_makes_no_link() -> None:
    """No message links anywhere or asks for a value, and each URI is relative and goes nowhere else."""
    (run,) = json.loads(rendered("sarif"))["runs"]
    for result in run["results"]:
        assert "](" not in result["message"]["text"]
        assert not re.search(r"(?<!\{)\{(?:\{\{)*\d", result["message"]["text"])
        (location,) = result["locations"]
        uri = location["physicalLocation"]["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+(?:/(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+)*", uri)
        assert not {unquote(part) for part in uri.split("/")} & {"", ".", ".."}


class Outside(HTMLParser):
    """Collects the elements of a page, and the text that is no code."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []
        self._code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self._code += tag in {"code", "pre"}

    def handle_endtag(self, tag: str) -> None:
        self._code -= tag in {"code", "pre"}

    def handle_data(self, data: str) -> None:
        if not self._code:
            self.text.append(data)


@pytest.mark.parametrize("limit", [60_000, 3000])
def test_markdown_means_nothing(limit: int) -> None:
    """As GitHub renders it, names are code: no element, link, mention, reference or heading comes of them."""
    text = report_reporter("markdown").render(hostile_report(), Options(characters=limit))
    assert len(text.encode()) <= limit
    page = Outside()
    page.feed(cmarkgfm.github_flavored_markdown_to_html(text, Cmark.CMARK_OPT_UNSAFE))
    assert page.tags <= {
        "h2", "h3", "p", "ul", "li", "strong", "code", "pre", "details", "summary",
        "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert page.attributes <= {"align", "lang"}
    outside = "".join(page.text)
    assert not re.search(r"[@#<>\[\]]|www\.|://|evil|octocat|bold|onerror|AAAA", outside)


def test_ocsf_lines_are_events() -> None:
    """No name breaks a line in two, and texts are Unicode without halves of surrogate pairs."""

    def texts(value: Any) -> list[str]:
        if isinstance(value, dict):
            return [text for item in value.values() for text in texts(item)]
        if isinstance(value, list):
            return [text for item in value for text in texts(item)]
        return [value] if isinstance(value, str) else []

    events = [json.loads(line) for line in rendered("ocsf").splitlines()]
    assert len(events) == len(hostile_report().findings)
    assert b"octocat" in "".join(texts(events)).encode("utf-8")
