"""The report as one HTML file: a page to open, search, print and hand on, without a network.

`Html` is the reporter. `chart` and `page` are for other documents in the same looks, such as what became of an
estate over time.
"""

from __future__ import annotations

from auditor.reporters.html.chart import Point, Series, chart
from auditor.reporters.html.shell import page

__all__ = ["Point", "Series", "chart", "page"]
