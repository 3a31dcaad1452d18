"""Copies of one resource become one document; what they disagree about is written down."""

from __future__ import annotations

from typing import Any

from auditor.collectors.interface import Copy
from auditor.collectors.unite import document
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document

VNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


def united(*bodies: dict[str, Any]) -> Document:
    """The document of copies that differ in their properties."""
    copies = [
        Copy(ResourceId(VNET), {"id": VNET, "properties": body}, f"{place}.json")
        for place, body in zip("abcdef", bodies, strict=False)
    ]
    return document(copies)


def test_equal_copies_are_one_document() -> None:
    """Each place is kept."""
    found = united({"a": 1}, {"a": 1})
    assert found.places == ("a.json", "b.json")
    assert found.conflicts == {}


def test_a_property_of_one_copy_is_taken() -> None:
    """Null and absent are the same."""
    found = united({"a": None, "b": {"x": 1}}, {"A": 2, "b": {"y": None, "z": 3}})
    assert found.body["properties"] == {"a": 2, "b": {"x": 1, "y": None, "z": 3}}
    assert not found.conflicts


def test_case_etag_and_order_are_no_disagreement() -> None:
    """Keys, ids and enum values compare without case; etags differ between reads; sets have no order."""
    found = united(
        {
            "etag": "1",
            "nsg": {"id": "/Subscriptions/S/x/"},
            "mode": "Alert",
            "prefixes": ["10.0.0.0/8", "11.0.0.0/8"],
        },
        {
            "ETag": "2",
            "NSG": {"id": "/subscriptions/s/X", "resourceGroup": "g"},
            "mode": "alert",
            "prefixes": ["11.0.0.0/8", "10.0.0.0/8"],
        },
    )
    assert not found.conflicts


def test_a_disagreement_names_both_places_and_values() -> None:
    """The first copy's value stays in the document."""
    found = united({"a": {"b": 1}}, {}, {"a": {"B": 2}})
    assert found.conflicts == {"a.b": "a.b: 1 in a.json, 2 in c.json"}
    assert found.body["properties"]["a"]["b"] == 1


def test_a_value_that_came_with_a_later_copy_is_named_with_its_own_place() -> None:
    """The first copy says nothing about it."""
    assert united({}, {"a": "x"}, {"a": "y"}).conflicts == {"a": "a: 'x' in b.json, 'y' in c.json"}


def test_children_are_told_apart_by_id_or_name() -> None:
    """Their order means nothing; a disagreement is that of one child."""
    found = united(
        {
            "subnets": [
                {"id": f"{VNET}/subnets/one", "properties": {"p": 1}},
                {"name": "two", "properties": {"p": 2}},
            ]
        },
        {
            "subnets": [
                {"name": "Two", "properties": {"p": 3}},
                {"id": f"{VNET}/Subnets/ONE", "properties": {"p": 1}},
            ]
        },
    )
    assert list(found.conflicts) == ["subnets[two].p"]


def test_a_child_that_one_copy_lacks_is_kept_and_noted() -> None:
    """Both copies are whole answers of the service, so its presence is in doubt."""
    found = united({"routes": [{"name": "one", "properties": {"p": 1}}]}, {"routes": []})
    assert found.conflicts == {"routes[one]": "routes[one]: present in a.json, absent in b.json"}
    assert len(found.body["properties"]["routes"]) == 1


def test_lists_of_references_unite_silently() -> None:
    """Back references differ with what the reader may see."""
    found = united({"groups": [{"id": "/a/1"}]}, {"groups": [{"id": "/a/2"}, {"id": "/A/1"}]})
    assert not found.conflicts
    assert [item["id"] for item in found.body["properties"]["groups"]] == ["/a/1", "/a/2"]


def test_nested_and_flattened_children_are_alike() -> None:
    """One copy from ARM, one printed by az."""
    found = united(
        {"subnets": [{"name": "one", "properties": {"addressPrefix": "10.0.0.0/24"}}]},
        {
            "subnets": [
                {
                    "name": "one",
                    "addressPrefix": "10.0.0.0/24",
                    "routeTable": {"id": "/r"},
                    "natGateway": None,
                }
            ]
        },
    )
    assert not found.conflicts
    (subnet,) = found.body["properties"]["subnets"]
    assert subnet["properties"]["routeTable"] == {"id": "/r"}


def test_objects_without_identity_are_compared_as_a_whole() -> None:
    """Addresses of a hub firewall have neither id nor name."""
    assert not united(
        {"a": [{"address": "1"}, {"address": "2"}]}, {"a": [{"Address": "2"}, {"address": "1"}]}
    ).conflicts
    assert list(united({"a": [{"address": "1"}]}, {"a": [{"address": "2"}]}).conflicts) == ["a"]


def test_values_of_different_types_disagree() -> None:
    """A list is no object."""
    assert list(united({"a": []}, {"a": {}}).conflicts) == ["a"]
