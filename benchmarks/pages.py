"""Measures the page of a large estate in headless Chromium: its size, how long it takes to open, and to search.

`make bench` prints it where Chromium is installed. A keystroke is measured from the event to the frame that shows
its outcome, which is what a reader waits for.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Final

from playwright.sync_api import Page, sync_playwright

from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Options
from benchmarks.page_estate import ENDPOINTS, estate

CLUSTERS: Final = 300
KEYSTROKE_MS: Final = 100
HEADERS: Final = ("page", "min", "median", "max", "unit", "goal", "met")
_ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_TYPED = ("payments-1", "mcr.microsoft.com", "denied 004", "fqdn-address", "aks-web mcr")
_KEYSTROKE = """(text) => new Promise((done) => {
    const field = document.getElementById("search");
    const began = performance.now();
    field.value = text;
    field.dispatchEvent(new Event("input"));
    requestAnimationFrame(() => {
        const channel = new MessageChannel();
        channel.port1.onmessage = () => done(performance.now() - began);
        channel.port2.postMessage(0);
    });
})"""
_DRAWN = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"


def program() -> str | None:
    """The Chromium to measure with, if there is one."""
    return os.environ.get("EGRESS_AUDIT_CHROMIUM") or shutil.which("chromium")


def rows(runs: int) -> Iterator[Sequence[str]]:
    """The table, row by row; opening is measured `runs` times after one that does not count."""
    report = estate(CLUSTERS)
    began = perf_counter()
    text = Html().render(report, Options())
    what = f"{CLUSTERS} clusters x {ENDPOINTS} endpoints"
    yield _row(f"{what}: written", [perf_counter() - began], "s")
    yield _row(f"{what}: size", [len(text.encode()) / 1e6], "MB")
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder) / "report.html"
        file.write_text(text, encoding="utf-8")
        browser = playwright.chromium.launch(executable_path=program(), args=list(_ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        opened = [_opened(page, file) for _ in range(runs + 1)][1:]
        yield _row(f"{what}: opened", opened, "s")
        yield _row(f"{what}: a keystroke of the search", _keystrokes(page), "ms", KEYSTROKE_MS)
        browser.close()


def _opened(page: Page, file: Path) -> float:
    """Seconds until the page is drawn and answers."""
    began = perf_counter()
    page.goto(file.as_uri())
    page.evaluate(_DRAWN)
    return perf_counter() - began


def _keystrokes(page: Page) -> list[float]:
    """Milliseconds of each letter typed, and of each time that the field was emptied."""
    texts = [word[:length] for word in _TYPED for length in range(len(word) + 1)]
    return [page.evaluate(_KEYSTROKE, text) for text in texts]


def _row(what: str, values: Sequence[float], unit: str, goal: float | None = None) -> Sequence[str]:
    numbers = [f"{value:.3g}" for value in (min(values), median(values), max(values))]
    if goal is None:
        return (what, *numbers, unit, "", "")
    return (what, *numbers, unit, f"{goal:g} {unit}", "yes" if median(values) < goal else "no")
