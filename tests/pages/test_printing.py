"""On paper everything is open: findings with their paths, the whole matrix, and none of the controls."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.pages.conftest import Opener, example, many


def test_print_shows_paths(open_page: Opener) -> None:
    """Findings are open with their paths and commands, in light colours; tools are gone."""
    page = open_page(example("broken"), color_scheme="dark")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    card = page.locator("#f0")
    assert card.get_attribute("open") is None
    expect(card.locator(".command").first).to_be_visible()
    expect(card.locator(".hop.deny")).to_be_visible()
    expect(card.locator(".hop.deny")).to_contain_text("FW-6")
    expect(page.locator(".toolbar")).to_be_hidden()
    expect(page.locator("#findings-tools")).to_be_hidden()
    expect(page.locator("#coverage details table")).to_be_visible()
    text = page.evaluate("getComputedStyle(document.body).color")
    assert text == "rgb(27, 33, 41)"


def test_printing_draws_everything(open_page: Opener) -> None:
    """Rows that were not scrolled to are printed, and the paths of the findings that a filter leaves."""
    page = open_page(many(40))
    page.fill("#search", "payments-00 mcr.microsoft")
    page.pdf()
    ways = page.locator(".card:not([hidden]) .way")
    assert page.locator(".card .path").count() == ways.count() > 0
    page.fill("#search", "aks")
    assert page.locator("#grid tbody tr").count() < 40
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#grid tbody tr").count() == 40
