from __future__ import annotations

from dataclasses import replace

from auditor.policy.baseline import load_edition
from auditor.policy.edition_diff import diff_editions


def test_the_two_editions_differ_as_the_page_changed() -> None:
    """What was dropped, what was added, and what was asked for differently."""
    old, new = load_edition("aks-2019-05-14"), load_edition("aks-2026-06-18")
    diff = diff_editions(old, new)
    dropped = [row.destination for row in diff.only_before]
    assert dropped[:4] == ["*", "*.azmk8s.io", "aksrepos.azurecr.io", "*.blob.core.windows.net"]
    assert "packages.aks.azure.com" in {row.destination for row in diff.only_after}
    assert [
        (one.after.destination, one.fields, one.before.level, one.after.level) for one in diff.changed
    ] == [
        ("*", ("level", "condition"), "required", "conditional"),
        ("*", ("level", "condition"), "recommended", "conditional"),
        ("packages.microsoft.com", ("level",), "recommended", "required"),
        ("dc.services.visualstudio.com", ("level",), "recommended", "conditional"),
        ("*.monitoring.azure.com", ("level",), "recommended", "conditional"),
    ]
    assert diff.unchanged == 3
    assert len(diff.only_before) + len(diff.changed) + diff.unchanged == len(old.rows)
    assert len(diff.only_after) + len(diff.changed) + diff.unchanged == len(new.rows)


def test_an_edition_does_not_differ_from_itself() -> None:
    """Even where one endpoint has several rows, and whatever the order of the rows."""
    edition = load_edition("aks-2026-06-18")
    for other in (edition, replace(edition, rows=edition.rows[::-1])):
        diff = diff_editions(edition, other)
        assert (diff.only_before, diff.only_after, diff.changed, diff.unchanged) == ((), (), (), 125)


def test_the_difference_is_the_mirror_of_its_reverse() -> None:
    """From b to a, what was added is dropped and what changed changes back."""
    old, new = load_edition("aks-2019-05-14"), load_edition("aks-2026-06-18")
    there, back = diff_editions(old, new), diff_editions(new, old)
    assert (there.only_before, there.only_after) == (back.only_after, back.only_before)
    assert {(one.before, one.after) for one in there.changed} == {
        (one.after, one.before) for one in back.changed
    }
