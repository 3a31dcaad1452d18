"""Editions as text and JSON."""

from __future__ import annotations

import json

import pytest

from auditor.policy.baseline import editions, load_edition
from auditor.policy.edition_diff import diff_editions
from auditor.reporters.baseline_json import diff_json, edition_json, editions_json
from auditor.reporters.baseline_text import diff_text, edition_text, editions_text
from auditor.reporters.interface import Options

OLD, NEW = "aks-2019-05-14", "aks-2026-06-18"


@pytest.mark.parametrize("width", [40, 80, 100])
def test_every_edition_fits(width: int) -> None:
    """Each line fits but for the address of the page, and every row is there."""
    options = Options(width=width)
    for name in editions():
        edition = load_edition(name)
        lines = edition_text(edition, options).splitlines()
        assert all(len(line) <= width or line.startswith("https://") for line in lines)
        assert sum(
            line.startswith(("  required  ", "  recommended  ", "  conditional  ")) for line in lines
        ) == len(edition.rows)
    assert (
        max(map(len, editions_text([load_edition(name) for name in editions()], options).splitlines()))
        <= width
    )


def test_the_flag_of_2019_is_explained() -> None:
    """A reader learns what the feature flag was, since when it is moot, and what came before the rows."""
    text = " ".join(edition_text(load_edition(OLD), Options()).split())
    assert "AKSLockingDownEgressPreview" in text
    assert "moot since" in text
    assert "Azure CLI 2.0.61" in text


def test_diff() -> None:
    """What came and what went; an edition does not differ from itself."""
    old, new = load_edition(OLD), load_edition(NEW)
    text = diff_text(diff_editions(old, new), Options())
    assert "  - *:443/tcp, required\n" in text
    assert "  + *.data.mcr.microsoft.com:443/https, required\n" in text
    assert diff_text(diff_editions(new, new), Options()) == (
        f"{len(new.rows)} rows alike, 0 changed, 0 gone, 0 new.\n"
    )


def test_json() -> None:
    """The JSON holds all rows with the names of the edition's file."""
    document = json.loads(edition_json(load_edition(OLD)))
    assert len(document["rows"]) == 18
    assert {"destinationKind", "serviceTags", "practice", "breaks"} <= set(document["rows"][0])
    listed = json.loads(editions_json([load_edition(name) for name in editions()]))
    assert [item["edition"] for item in listed["editions"]] == list(editions())
    found = json.loads(diff_json(diff_editions(load_edition(OLD), load_edition(NEW))))
    assert found["onlyBefore"]
    assert found["onlyAfter"]
