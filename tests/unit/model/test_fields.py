"""The reader: typed, without case, and never raising."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.model.documents.fields import Fields
from auditor.model.documents.notes import Notes


def fields(body: dict[str, Any], **conflicts: str) -> Fields:
    """A reader over `body` as if it were a document called `thing`."""
    return Fields(body, Notes("thing", "a.json", conflicts))


def codes(reader: Fields) -> list[str]:
    """The codes of all flaws found so far."""
    return [flaw.code for flaw in reader.notes.flaws]


def test_names_compare_without_case_and_properties_are_looked_through() -> None:
    """The az client writes `vnetSubnetId`; ARM nests, az flattens."""
    for body in (
        {"VnetSubnetId": "/x"},
        {"properties": {"vnetSubnetID": "/x"}},
        {"Properties": {"vnetsubnetid": "/x"}},
    ):
        assert str(fields(body).ref("vnetSubnetID")) == "/x"


def test_null_empty_and_absent_are_the_same() -> None:
    """Nothing is noted about them."""
    for body in ({}, {"a": None}):
        reader = fields(body)
        assert [getattr(reader, read)("a") for read in ("text", "flag", "integer", "ref")] == [None] * 4
        assert [getattr(reader, read)("a") for read in ("texts", "refs", "objects")] == [()] * 3
        assert not reader.object("a").present
        assert not reader.notes.flaws
    assert fields({"a": "  "}).text("a") is None


@pytest.mark.parametrize(
    ("read", "value"),
    [
        ("text", 7),
        ("text", ["x"]),
        ("flag", "true"),
        ("flag", 1),
        ("integer", "100"),
        ("integer", True),
        ("integer", 1.5),
        ("integer", 10**4000),
        ("texts", "10.0.0.0/8"),
        ("texts", ["a", None]),
        ("texts", {"a": 1}),
        ("ref", 7),
        ("ref", {"id": 7}),
        ("ref", {"id": " "}),
        ("ref", {"name": "x"}),
        ("refs", [None]),
        ("refs", [{"name": "x"}]),
        ("refs", "x"),
        ("object", [1]),
        ("objects", [None]),
        ("objects", {"a": 1}),
        ("address", "10.0.0.0/8"),
        ("address", "fe80::1%eth0"),
        ("addresses", ["x"]),
        ("prefixes", ["10.0.0.0/33"]),
        ("terms", ["10.0.0.300"]),
    ],
)
def test_a_wrong_type_is_a_flaw_that_names_property_value_and_place(read: str, value: Any) -> None:
    """Whatever stands there, reading goes on."""
    reader = fields({"Some": value})
    getattr(reader, read)("some")
    (flaw,) = reader.notes.flaws
    assert flaw.code == "enum-unknown"
    assert flaw.detail.startswith("some")
    assert flaw.detail.endswith("(thing, a.json)")
    assert len(flaw.detail) < 200


def test_good_elements_of_a_list_are_kept() -> None:
    """Only what is wrong is left out."""
    reader = fields({"a": ["x", 7, " y "]})
    assert reader.texts("a") == ("x", "y")
    assert codes(reader) == ["enum-unknown"]


def test_an_unknown_enum_value_is_kept_and_noted() -> None:
    """Comparison is without case."""
    reader = fields({"a": "DENY", "b": "Maybe"})
    known = frozenset({"deny"})
    assert reader.enum("a", known, "") == "deny"
    assert not reader.notes.flaws
    assert reader.enum("b", known, "") == "maybe"
    assert codes(reader) == ["enum-unknown"]


def test_a_disagreement_counts_when_the_property_is_read() -> None:
    """One about a property that nobody needs does not."""
    reader = Fields({"a": {"b": 1, "c": 2}}, Notes("thing", "a.json", {"a.b": "a.b: 1 in x, 2 in y"}))
    assert reader.object("a").integer("c") == 2
    assert not reader.notes.flaws
    assert reader.object("a").integer("b") == 1
    assert codes(reader) == ["snapshot-inconsistent"]
    assert reader.notes.flaws[0].detail.startswith("a.b: 1 in x, 2 in y")


def test_a_name_written_twice_with_different_case_is_inconsistent() -> None:
    """Which of the two Azure means is not known."""
    reader = fields({"access": "Allow", "Access": "Deny", "same": 1, "Same": 1})
    assert reader.integer("same") == 1
    assert not reader.notes.flaws
    reader.text("access")
    assert codes(reader) == ["snapshot-inconsistent"]


def test_addresses_are_spelt_in_one_way() -> None:
    """Joins by address are joins by text."""
    assert fields({"a": "ACE:CAB:0:0::1"}).address("a") == "ace:cab::1"


def test_a_name_is_that_of_the_object_or_its_id() -> None:
    """Both may be hostile."""
    assert fields({"name": "n", "id": "/x/y"}).title() == "n"
    assert fields({"id": "/x/y/"}).title() == "y"
    assert fields({"name": 7, "id": 8}).title("?") == "?"


def test_flaws_are_few_and_different() -> None:
    """A hostile document does not fill the report."""
    reader = fields({"a": [*range(1000)], "b": 7})
    reader.texts("a")
    assert len(reader.notes.flaws) == 20
    reader.notes.add("not-succeeded", "and it is being changed")
    reader.notes.add("not-succeeded", "in two places")
    assert [flaw.code for flaw in reader.notes.flaws[19:]] == ["enum-unknown", "not-succeeded"]
    reader = fields({"b": 7})
    reader.text("b")
    reader.text("b")
    assert len(reader.notes.flaws) == 1


@pytest.mark.parametrize(
    ("body", "conflicts", "switch", "choice"),
    [
        ({}, {}, False, "off"),
        ({"a": {}}, {}, False, "off"),
        ({"a": {"enabled": None, "mode": None}}, {}, False, "off"),
        ({"a": {"enabled": True, "mode": "Auto"}}, {}, True, "auto"),
        ({"a": {"enabled": False, "mode": "OFF"}}, {}, False, "off"),
        ({"a": {"enabled": "true", "mode": "Weird"}}, {}, None, None),
        ({"a": {"enabled": 1, "mode": 5}}, {}, None, None),
        ({"a": []}, {}, None, None),
        ({"a": {"enabled": True, "Enabled": False, "mode": "auto", "Mode": "off"}}, {}, None, None),
        ({"a": {"enabled": True, "mode": "auto"}}, {"a.enabled": "x", "a.mode": "y"}, None, None),
        ({"a": {"enabled": True, "mode": "auto"}}, {"a": "x"}, None, None),
    ],
)
def test_a_switch_and_a_choice_that_are_not_understood_are_not_known(
    body: dict[str, Any], conflicts: dict[str, str], switch: bool | None, choice: str | None
) -> None:
    """Only what is absent has its default (V-6); what stands there and says nothing is noted."""
    reader = fields(body, **conflicts)
    inner = reader.object("a")
    known = frozenset({"auto", "off"})
    assert (inner.switch("enabled"), inner.choice("mode", known, "off")) == (switch, choice)
    assert bool(reader.notes.flaws) is (switch is None)
