"""Paths, keys and texts of the union of values."""

from __future__ import annotations

import pytest

from auditor.model.merge import canonical, element_key, flatten, show


@pytest.mark.parametrize(
    ("item", "key"),
    [
        ({"id": "/a/b/C/", "name": "x"}, "c"),
        ({"Id": "/a/b/C"}, "c"),
        ({"NAME": "N"}, "n"),
        ({"id": 7, "name": "n"}, "n"),
        ({"id": "/", "name": " "}, None),
        ({}, None),
        ("x", None),
    ],
)
def test_elements_are_told_apart_by_id_then_name(item: object, key: str | None) -> None:
    """Without case, whatever the type of what stands there."""
    assert element_key(item) == key


def test_flattening_prefers_what_stands_inside() -> None:
    """An agent pool's `type` is a property; its id and name are its own."""
    item = {"id": "/a", "type": "t", "Properties": {"TYPE": "inner", "id": "/b", "x": 1}}
    assert flatten(item) == {"id": "/a", "TYPE": "inner", "x": 1}


def test_canonical_texts_of_what_means_the_same() -> None:
    """No case, order, nulls or etags; a trailing slash of an id is nothing."""
    one = {"A": ["x", "y"], "etag": 1, "p": None, "id": "/S/"}
    two = {"id": "/s", "a": ["Y", "X"]}
    assert canonical(one) == canonical(two)
    assert canonical({"a": 1}) != canonical({"a": "1"})


def test_values_in_messages_are_short() -> None:
    """Eighty characters, in one line."""
    assert show("a\nb") == "'a\\nb'"
    assert len(show(["x" * 500])) == 80
