"""A page opens from a file, by itself, and says what the report says; no request, no complaint (see the fixture)."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from auditor.model.finding import Coverage
from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Options
from tests.pages.conftest import Opener, example, many
from tests.unit.reporters import records


@pytest.mark.parametrize("name", ["broken", "locked-down", "open", "virtual-wan"])
def test_opens_alone(open_page: Opener, name: str) -> None:
    """Every example opens with its matrix drawn, its theme button at work and no cell without an answer."""
    page = open_page(example(name))
    expect(page.locator("#matrix-body")).to_be_visible()
    assert page.locator("#grid td").count() >= len(
        {one.to for one in example(name).clusters[0].endpoints if one.verdict}
    )
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.click("#theme")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before


def test_opens_without_clusters(open_page: Opener) -> None:
    """A report of nothing says so instead of failing."""
    empty = replace(
        records.report(),
        clusters=(),
        findings=(),
        collected=None,
        coverage=Coverage(complete=False, reads=()),
    )
    page = open_page(empty)
    expect(page.locator(".headline")).to_have_text(re.compile("No AKS cluster found"))
    expect(page.locator("#matrix-empty")).to_be_visible()


def test_reads_without_javascript(open_page: Opener) -> None:
    """Without scripts findings open, and summary and coverage are there; what needs scripts says so."""
    page = open_page(example("broken"), java_script_enabled=False)
    expect(page.locator(".headline")).to_contain_text("2 blocked")
    expect(page.locator("#coverage")).to_contain_text("The audit is complete")
    expect(page.locator("#matrix noscript")).to_be_visible()
    expect(page.locator("#search")).to_be_hidden()
    card = page.locator(".card.error").first
    card.locator("summary").first.click()
    expect(card.locator(".command").first).to_contain_text("az network firewall policy")


def test_link_to_a_cluster_opens_it(open_page: Opener) -> None:
    """A link of the table of clusters leads to that cluster's findings, opened."""
    page = open_page(many(12))
    group = page.locator("#c5")
    assert group.get_attribute("open") is None
    page.locator("#summary a[href='#c5']").click()
    assert group.get_attribute("open") is not None
    expect(group.locator(".card").first).to_be_in_viewport()


def test_scripts_of_others_do_not_run(browser: Browser, tmp_path: Path) -> None:
    """The page's own policy stops a script and a style that somehow got into it, and markup made from a string."""
    text = Html().render(records.report(), Options())
    intruders = (
        "<script>globalThis.ran = true</script><style>main { display: none }</style><p onclick='1'>in</p>"
    )
    file = tmp_path / "report.html"
    file.write_text(text.replace("</main>", f"{intruders}</main>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    expect(page.get_by_text("in", exact=True)).to_be_visible()
    assert page.evaluate("globalThis.ran ?? false") is False
    refused = page.evaluate("""() => {
        try { document.body.insertAdjacentHTML("beforeend", "<b>x</b>"); } catch (error) { return error.name; }
    }""")
    assert refused == "TypeError"
    page.close()
