"""Whatever a resource is called, its name is shown and does nothing."""

from __future__ import annotations

import pytest

from tests.pages.conftest import Opener
from tests.unit.reporters.html.reports import hostile

NAMES = {
    "markup": "<img src=x onerror=alert(1)><b>bold</b>",
    "end of script": "</script><script>alert(2)</script><!--<script>",
    "end of style": "</style><style>*{display:none}</style>",
    "template": "{{ 7 * 7 }}{% for x in y %}${alert(3)}",
    "attribute": '" onmouseover="alert(4)" x=\'',
    "entity": "&lt;script&gt;alert(5)&lt;/script&gt;",
    "bidi": "safe\u202egnp.exe\u2066\u200f",
    "control": "\x1b[31mred\x1b[0m\x00\x07\r\n\ttab",
    "surrogate": "half\ud800pair",
    "hebrew": "אשכול-7",
    "long": "x" * 10_000,
    "formula": '=HYPERLINK("http://example.com")',
}


@pytest.mark.parametrize("kind", sorted(NAMES))
def test_name_is_text(open_page: Opener, kind: str) -> None:
    """In every place where a name can stand it adds no element, runs nothing, asks for nothing and stays in its box."""
    page = open_page(hostile(NAMES[kind]), viewport={"width": 1200, "height": 900})
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    page.locator("#grid td.blocked").first.click()
    page.wait_for_function("document.querySelectorAll('#path .hop').length > 0")
    assert (
        page.evaluate("document.querySelectorAll('img, b, iframe, object, [onerror], [onmouseover]').length")
        == 0
    )
    assert page.evaluate("[document.scripts.length, document.querySelectorAll('style').length]") == [2, 1]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    text = page.evaluate("document.body.innerText")
    assert not any(char in text for char in "\u202e\u2066\u200f\x1b\x00\x07\ud800")
    expected = {"bidi": "safe\\u202egnp.exe", "control": "\\u001b[31mred", "surrogate": "half\\ud800pair"}
    shown = NAMES[kind][:40] if kind not in expected else expected[kind]
    assert shown in text
