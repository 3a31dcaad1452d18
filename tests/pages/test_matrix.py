"""The matrix is worked by keyboard alone, and every cell opens its path."""

from __future__ import annotations

import re
from dataclasses import replace

from playwright.sync_api import Page, expect

from auditor.model.finding import Status
from tests.pages.conftest import Opener, example, many
from tests.unit.reporters import records


def focused(page: Page) -> list[int]:
    """Row and column of the cell that has the focus."""
    place: list[int] = page.evaluate(
        "[document.activeElement.closest('tr')?.rowIndex ?? -1, document.activeElement.cellIndex ?? -1]"
    )
    return place


def test_every_cell_opens_its_path(open_page: Opener) -> None:
    """Enter opens each cell; a judged one shows hops, all have a title; Escape closes and gives the focus back."""
    page = open_page(example("broken"))
    page.locator("#matrix-unneeded").check()
    rows = int(page.locator("#grid").get_attribute("aria-rowcount") or 0) - 1
    page.locator("#grid td[tabindex='0']").focus()
    for row in range(rows):
        assert focused(page) == [row + 1, 1]
        page.keyboard.press("Enter")
        opened, titled, drawn, state = page.evaluate("""() => [
            document.getElementById("path").open,
            document.querySelector("#path h2").textContent.length > 0,
            document.querySelectorAll("#path .hop, #path .piece").length > 0,
            document.querySelector("#grid td[tabindex='0']").className]""")
        assert (opened, titled) == (True, True)
        assert drawn == ("not-applicable" not in state)
        page.keyboard.press("Escape")
        assert focused(page) == [row + 1, 1]
        page.keyboard.press("ArrowDown")
    assert rows > 40


def test_a_blocked_path_is_told_hop_by_hop(open_page: Opener) -> None:
    """The dialog names every hop with rule, priority and clause, says who stops it and how to mend it."""
    page = open_page(records.report())
    page.locator("#grid td.blocked").first.click()
    dialog = page.locator("#path")
    expect(dialog).to_contain_text("nsg-apps")
    expect(dialog).to_contain_text("AllowAll priority 100")
    expect(dialog).to_contain_text("NSG-4")
    stopped = dialog.locator(".hop.deny").first
    expect(stopped).to_contain_text("fw-hub")
    expect(stopped).to_contain_text("stops it")
    expect(dialog).to_contain_text("nodes do not start")
    expect(dialog).to_contain_text("az network firewall policy rule-collection-group")
    page.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()


def test_parts_of_an_answer_open_one_by_one(open_page: Opener) -> None:
    """An answer in several parts lists them; opening one draws its path."""
    page = open_page(example("broken"))
    page.locator("#grid tr", has_text="packages.aks.azure.com").locator("td").click()
    piece = page.locator("#path .piece").nth(1)
    expect(piece.locator(".hop").first).to_be_hidden()
    piece.locator("summary").click()
    expect(piece.locator(".hop").first).to_be_visible()
    expect(page.locator("#path")).to_contain_text("fqdn-address-unknown")


def test_keys_move_through_a_large_matrix(open_page: Opener) -> None:
    """One cell is in the order of tabs; arrows, pages and ends move; rows beyond the screen are drawn on the way."""
    page = open_page(many(40))
    assert page.locator("#grid").get_attribute("aria-rowcount") == "41"
    assert page.locator("#grid tbody tr").count() < 40
    page.locator("#grid td[tabindex='0']").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("PageDown")
    assert focused(page) == [11, 2]
    page.keyboard.press("Control+End")
    last = page.locator("#grid thead th").count() - 1
    assert focused(page) == [40, last]
    page.keyboard.press("Home")
    assert focused(page) == [40, 1]
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowLeft")
    assert focused(page) == [39, 1]
    assert page.locator("#grid td[tabindex='0']").count() == 1
    page.keyboard.press("Control+Home")
    assert focused(page) == [1, 1]


def test_rows_and_columns_swap(open_page: Opener) -> None:
    """Few clusters stand side by side with words in their cells; swapped, they stand below each other with signs."""
    page = open_page(example("locked-down"))
    expect(page.locator("#grid thead th").nth(1)).to_have_text("aks-payments")
    expect(page.locator("#grid td").first).to_have_text(re.compile("✓ allowed"))
    page.click("#matrix-swap")
    expect(page.locator("#grid tbody th").first).to_have_text("aks-payments")
    cell = page.locator("#grid td").first
    expect(cell).to_have_text("✓")
    expect(cell).to_have_accessible_name("allowed, required")


def test_states_say_more_than_colours(open_page: Opener) -> None:
    """Every state has a sign of its own, and a waived cell says so."""
    report = records.report()
    waived = tuple(
        replace(one, status=Status.WAIVED) if one.rule == "required-endpoint-blocked" else one
        for one in report.findings
    )
    page = open_page(replace(report, findings=waived))
    expect(page.locator("#grid td.blocked")).to_have_accessible_name("blocked, required, waived")
    signs = page.evaluate(
        "[...document.querySelectorAll('#grid td')].map(cell => [cell.classList[1], cell.textContent[0]])"
    )
    assert {("blocked", "✕"), ("allowed", "✓"), ("unknown", "?")} <= {tuple(pair) for pair in signs}


def test_no_cell_hides_behind_the_heads(open_page: Opener) -> None:
    """However a cell gets the focus, on a small screen as well, it is seen whole beside the fixed heads."""
    page = open_page(many(40), viewport={"width": 500, "height": 700})
    page.locator("#grid td[tabindex='0']").focus()
    for key in ("Control+End", "Home", "PageUp", "PageUp", "PageUp", "End", "Control+Home"):
        page.keyboard.press(key)
        hidden = page.evaluate("""() => {
            const cell = document.activeElement.getBoundingClientRect();
            const side = document.querySelector("#grid .corner").getBoundingClientRect();
            return cell.left < side.right || cell.top < side.bottom || cell.width === 0;
        }""")
        assert not hidden, key
