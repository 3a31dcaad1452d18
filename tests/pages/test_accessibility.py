"""Pages keep the rules of axe-core (WCAG A and AA, contrast among them) and of html-validate."""

from __future__ import annotations

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page

from auditor.model.finding import Report
from auditor.reporters.html import Point, Series, chart, page
from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Options
from tests.pages.conftest import Opener, example, node_package
from tests.unit.reporters.html.reports import compared, hostile


def violations(page: Page) -> list[str]:
    """What axe-core finds, one line for each kind of fault."""
    page.evaluate((node_package("axe-core") / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("what", ["broken", "compared"])
def test_axe_finds_nothing(open_page: Opener, scheme: str, what: str) -> None:
    """With everything opened, in both schemes, with rows and columns swapped, and in the dialog: no violation."""
    node_package("axe-core")
    report = {"broken": lambda: example("broken"), "compared": compared}[what]()
    page = open_page(report, color_scheme=scheme, viewport={"width": 1400, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert violations(page) == []
    page.click("#matrix-swap")
    page.locator("#grid td.blocked").first.click()
    assert violations(page) == []


def test_html_is_valid(tmp_path: Path) -> None:
    """html-validate, with its recommended rules, has nothing to say about any kind of page."""
    package = node_package("html-validate")
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed (on Debian: apt install nodejs)")
    pages = {name: render(example(name)) for name in ("broken", "open")}
    pages |= {"compared": render(compared()), "hostile": render(hostile("</script><img src=x>" * 9))}
    pages["empty"] = render(replace(compared(), clusters=(), findings=()))
    points = (Point(at="2026-01-01", met=1, needed=2), Point(at="2026-02-01", met=2, needed=2))
    pages["chart"] = page("Compliance", chart([Series(name="aks", points=points)]))
    for name, text in pages.items():
        (tmp_path / f"{name}.html").write_text(text, encoding="utf-8")
    (tmp_path / ".htmlvalidate.json").write_text(
        json.dumps({"root": True, "extends": ["html-validate:recommended"]})
    )
    done = subprocess.run(
        [node, str(package / "bin" / "html-validate.mjs"), *sorted(map(str, tmp_path.glob("*.html")))],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout.strip()) == (0, ""), done.stdout + done.stderr


def render(report: Report) -> str:
    return Html().render(report, Options())
