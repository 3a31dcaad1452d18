"""The page as text: what stands in it without a script, what its policy allows, and that it is always the same."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest
from markupsafe import Markup

from auditor.model.finding import Report, Status
from auditor.reporters.html import page
from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Options
from tests.unit.reporters import records
from tests.unit.reporters.html.reports import compared, hostile


class Reader(HTMLParser):
    """Tags with their attributes, and the text that a reader without scripts sees."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._raw = 0
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._raw += tag in {"script", "style"}

    def handle_endtag(self, tag: str) -> None:
        self._raw -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._raw:
            self.words += data.split()

    @property
    def text(self) -> str:
        return " ".join(self.words)


def rendered(report: Report | None = None) -> str:
    return Html().render(report or compared(), Options())


def data_of(text: str) -> dict[str, list[object]]:
    (found,) = re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)
    loaded: dict[str, list[object]] = json.loads(found)
    return loaded


def test_readable_without_scripts() -> None:
    """Findings with remedy and command, waivers, changes, coverage, policy and origins stand in the page as text."""
    text = Reader(rendered()).text
    for words in (
        "1 blocked, 1 unknown of 3 required endpoints",
        "no rule of policy fp-child or its parent fp-base matches",
        "nodes do not start",
        records.COMMAND,
        "by net-team@example.com until 2027-01-31: moves next year",
        "cluster=aks-*",
        "Since the run of 2026-08-01T00:00:00Z",
        "is mended",
        "was not read",
        "since 2026-07-01",
        "403 for the hub",
        "notes.txt: no ARM document",
        "PCI DSS v4.0.1 1.3.2",
        "egress-policy.yaml , which extends aks-2026-06-18",
        "--snapshot estate 17 documents, 2026-09-01T10:00:00Z",
        "egress-audit 0.1.0",
    ):
        assert words in text, words


def test_policy_names_the_style_and_the_script() -> None:
    """The hashes are those of the one style and the one script that run, and nothing may be fetched."""
    text = rendered()
    ((_, meta),) = [one for one in Reader(text).tags if one[1].get("http-equiv") == "Content-Security-Policy"]
    policy = dict(part.split(" ", 1) for part in (meta["content"] or "").split("; "))
    assert policy["default-src"] == "'none'"
    for directive, tag in (("style-src", "style"), ("script-src", "script")):
        (body,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert policy[directive] == f"'sha256-{b64encode(sha256(body.encode()).digest()).decode()}'"


def test_refers_to_nothing_outside() -> None:
    """No element names another file or runs an attribute, and each link leads to a place of the page."""
    reader = Reader(rendered())
    ids = {attributes["id"] for _, attributes in reader.tags if "id" in attributes}
    assert len(ids) == sum("id" in attributes for _, attributes in reader.tags)
    for tag, attributes in reader.tags:
        assert tag not in {"link", "img", "iframe", "object", "base"}
        assert not {"src", "srcset", "style", "action", "data"} & attributes.keys()
        assert not any(name.startswith("on") for name in attributes)
        assert (attributes.get("href") or "#summary")[1:] in ids
    assert not re.search(r"@import|url\(|https?://", rendered().split("</style>")[0])


@pytest.mark.parametrize("report", [compared(), records.report(), hostile("x</script>")])
def test_same_report_same_bytes(report: Report) -> None:
    """Clusters, findings and reads in another order give the same page."""
    other = replace(
        report,
        clusters=tuple(reversed(report.clusters)),
        findings=tuple(reversed(report.findings)),
        coverage=replace(report.coverage, reads=tuple(reversed(report.coverage.reads))),
    )
    ours = rendered(report)
    assert rendered(other) == ours
    assert ours.endswith("</html>\n")


def test_data_cannot_leave_its_element() -> None:
    """Names are escaped in the data, which comes back as it was."""
    name = "</script><!--<script>'&"
    text = rendered(hostile(name))
    assert text.count("<script") == text.count("</script>") == 2
    (cluster,) = data_of(text)["clusters"]
    assert isinstance(cluster, dict)
    assert cluster["name"] == name


def test_no_character_is_obeyed() -> None:
    """Controls and marks of direction are written as escapes, wherever a name stands."""
    text = rendered(hostile("a\x1b[2J\u202eb\x00\u2028\ud800"))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e\u2028\ud800]", text)
    assert "a\\u001b[2J\\u202eb\\u0000\\u2028\\ud800" in Reader(text).text


def test_long_names_are_cut() -> None:
    """A name of ten thousand letters takes no more room than any sane one; a command is left whole."""
    text = rendered(hostile("x" * 10_000))
    assert len(re.findall("x{5000,}", text)) == 2, "the command of each of the two findings"


def test_every_status_is_counted() -> None:
    """Passes and what does not apply are counted by rule and by control."""
    report = compared()
    passed = tuple(
        records.finding(status=status, fingerprint=status) for status in (Status.PASS, Status.NOT_APPLICABLE)
    )
    text = Reader(rendered(replace(report, findings=passed))).text
    assert "PCI DSS v4.0.1 1.3.2 required-endpoint-blocked 0 0 0 1 1" in text
    assert "✓ no finding" in text


def test_frame_escapes_its_title() -> None:
    """The frame that other documents use takes any title."""
    reader = Reader(page("a <b> & c", Markup("<main></main>")))
    assert "b" not in {tag for tag, _ in reader.tags}
    assert "a <b> & c" in reader.text
