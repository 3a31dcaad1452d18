"""Search and filters leave what matches, in all sections at once."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.pages.conftest import Opener, example, many


def visible_cards(page: Page) -> int:
    count: int = page.evaluate(
        "[...document.querySelectorAll('#by-cluster .card')].filter(card => !card.hidden).length"
    )
    return count


def rows(page: Page) -> list[str]:
    texts: list[str] = page.locator("#grid tbody th").all_text_contents()
    return texts


def test_search_of_an_endpoint(open_page: Opener) -> None:
    """A part of an endpoint's name leaves its row, its findings and its sets; nothing typed leaves everything."""
    page = open_page(example("broken"))
    everything = (len(rows(page)), visible_cards(page))
    page.fill("#search", "DATA.mcr")
    assert rows(page) == ["*.data.mcr.microsoft.com:443/https"]
    assert visible_cards(page) == 1
    expect(page.locator("#search-status")).to_have_text("1 row of the matrix, 1 finding, 0 sets of excess")
    expect(page.locator("#excess-empty")).to_be_visible()
    page.fill("#search", "zebra")
    assert visible_cards(page) == 0
    expect(page.locator("#matrix-empty")).to_be_visible()
    expect(page.locator("#findings-empty")).to_be_visible()
    page.fill("#search", "")
    assert (len(rows(page)), visible_cards(page)) == everything


def test_search_of_a_cluster_and_an_endpoint(open_page: Opener) -> None:
    """Two words, one of the cluster and one of the endpoint, leave their cell; findings must hold both."""
    page = open_page(many(40))
    page.keyboard.press("/")
    page.keyboard.type("payments-004 mcr.microsoft")
    assert rows(page) == ["aks-payments-004"]
    heads = page.locator("#grid thead th").all_text_contents()
    assert heads == ["Cluster", "*.data.mcr.microsoft.com:443/https", "mcr.microsoft.com:443/https"]
    shown = page.locator(".card:not([hidden])")
    assert {"aks-payments-004"} == {
        shown.nth(number).locator("xpath=..").locator("h3").text_content() for number in range(shown.count())
    }
    assert shown.count() > 0


def test_states_of_the_matrix(open_page: Opener) -> None:
    """Boxes leave rows and columns that hold a cell of the states ticked."""
    page = open_page(example("broken"))
    for word in ("unknown", "allowed", "not applicable"):
        page.locator("#matrix-states").get_by_label(word).uncheck()
    assert rows(page) == ["*.data.mcr.microsoft.com:443/https", "management.azure.com:443/https"]


def test_findings_by_severity_and_group(open_page: Opener) -> None:
    """Severities hide what is not ticked; grouped by control or rule each group holds its findings, paths included."""
    page = open_page(example("broken"))
    for word in ("unknown", "warning", "note"):
        page.locator("#findings-words").get_by_label(word).uncheck()
    assert visible_cards(page) == 4
    page.get_by_label("control", exact=True).check()
    group = page.locator("#by-other .group", has_text="PCI DSS v4.0.1 1.3.2")
    expect(group.locator("summary").first).to_contain_text("2 error")
    group.locator("summary").first.click()
    expect(group.locator(".card")).to_have_count(2)
    card = group.locator(".card").first
    card.locator("summary").first.click()
    card.locator(".way > summary").click()
    expect(card.locator(".hop").first).to_be_visible()
    page.get_by_label("rule", exact=True).check()
    assert page.locator("#by-other h3").all_text_contents() == [
        "egress-unrestricted",
        "excess-egress",
        "required-endpoint-blocked",
    ]
    page.get_by_label("cluster", exact=True).check()
    assert visible_cards(page) == 4


def test_excess_filters(open_page: Opener) -> None:
    """Sets are filtered by kind, cluster and text, drawn in stages, and opened with the path of an example."""
    page = open_page(many(40))
    sets = page.locator("#excess-rows tr")
    assert sets.count() == 25
    page.click("#excess-more")
    assert sets.count() > 25
    page.select_option("#excess-cluster", label="aks-payments-004")
    assert set(page.locator("#excess-rows td:nth-child(2)").all_text_contents()) == {"aks-payments-004"}
    page.locator("#excess-kinds").get_by_label("undetermined").uncheck()
    page.fill("#excess-search", "13.64.98.192")
    row = sets.filter(has_text="13.64.98.192/26").first
    row.get_by_role("button").click()
    expect(page.locator("#path")).to_contain_text("13.69.32.0/19")
    expect(page.locator("#path .hop").first).to_be_visible()
