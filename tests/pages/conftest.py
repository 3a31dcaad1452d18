"""A real browser for pages, and the pages it opens.

Missing programs skip the tests that need them: Debian's `chromium` (or what EGRESS_AUDIT_CHROMIUM names), and the
packages `axe-core` and `html-validate` in `out/node_modules` (or in the folder that EGRESS_AUDIT_NODE_MODULES names).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, sync_playwright

from auditor.audit import check, load_snapshot
from auditor.model.finding import Report
from auditor.policy.policy import load_policy
from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Options
from auditor.resources import examples

ROOT = Path(__file__).resolve().parents[2]
ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class Opened:
    """A page in the browser, with everything that it asked for or complained about."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page = page
        self.file = file
        self.requests: list[str] = []
        self.complaints: list[str] = []
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", self._asked)

    def _asked(self, dialog: Dialog) -> None:
        self.complaints.append(dialog.message)
        dialog.dismiss()

    def go(self, fragment: str = "") -> Page:
        """Open the file."""
        self.page.goto(self.file.as_uri() + fragment)
        return self.page


Opener = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium, one for each process of the test run."""
    program = os.environ.get("EGRESS_AUDIT_CHROMIUM") or shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (on Debian: apt install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, tmp_path: Path) -> Iterator[Opener]:
    """A function that opens a report; afterwards no page may have asked for more than itself, or complained."""
    opened: list[Opened] = []

    def opener(report: Report, *, fragment: str = "", **context: object) -> Page:
        file = tmp_path / f"report-{len(opened)}.html"
        file.write_text(Html().render(report, Options()), encoding="utf-8")
        one = Opened(browser.new_page(**context), file)  # type: ignore[arg-type]
        opened.append(one)
        return one.go(fragment)

    yield opener
    for one in opened:
        one.page.close()
        assert {url.partition("#")[0] for url in one.requests} == {one.file.as_uri()}
        assert one.complaints == []


@cache
def example(name: str) -> Report:
    """The report of a bundled estate."""
    return check(load_snapshot(examples() / name), load_policy())


@cache
def many(count: int) -> Report:
    """A report of many clusters."""
    from benchmarks.page_estate import estate

    return estate(count)


def node_package(name: str) -> Path:
    """The folder of a package of npm, or a skipped test."""
    folder = Path(os.environ.get("EGRESS_AUDIT_NODE_MODULES") or ROOT / "out" / "node_modules") / name
    if not folder.is_dir():
        pytest.skip(f"{folder} is missing (make node-tools)")
    return folder
