"""Copies of one resource become one document; what they disagree about is written down."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.collectors.interface import Copy, Part
from auditor.collectors.unite import document, unite_parts
from auditor.model.copies import UNTOLD, Form
from auditor.model.resource_id import ResourceId
from auditor.model.snapshot import Document, Read

VNET = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


def united(*bodies: dict[str, Any], forms: tuple[Form, ...] = ()) -> Document:
    """The document of copies that differ in their properties."""
    copies = [
        Copy(ResourceId(VNET), {"id": VNET, "properties": body}, f"{place}.json", form)
        for place, body, form in zip("abcdef", bodies, forms or (UNTOLD,) * len(bodies), strict=False)
    ]
    return document(copies)


def test_equal_copies_are_one_document() -> None:
    """Each place is kept."""
    found = united({"a": 1}, {"a": 1})
    assert found.places == ("a.json", "b.json")
    assert found.conflicts == {}


OLD, NEW, AZ = Form(version="2020-05-01"), Form(version="2024-05-01"), Form(flattened=True)


@pytest.mark.parametrize("narrow", [OLD, AZ, Form(narrow=True)])
def test_a_property_that_a_copy_leaves_open_is_taken(narrow: Form) -> None:
    """From a wider form, and from one that a newer api-version gave."""
    found = united({"b": {"x": 1}}, {"A": 2, "b": {"X": 1, "z": 3}}, forms=(narrow, NEW))
    assert found.body["properties"] == {"b": {"x": 1, "z": 3}, "A": 2}
    assert not found.conflicts


@pytest.mark.parametrize(
    "forms",
    [
        (NEW, NEW),
        (AZ, AZ),
        (NEW, AZ),
        (UNTOLD, UNTOLD),
        (NEW, OLD),
        (UNTOLD, OLD),
        (NEW, Form(version="later")),
    ],
)
def test_a_whole_document_that_lacks_a_property_says_that_there_is_none(forms: tuple[Form, Form]) -> None:
    """Azure leaves out what is null; so it is too where nobody knows how a copy was written."""
    found = united({"a": None, "c": []}, {"A": {"id": "/x"}, "b": None, "c": None, "d": []}, forms=forms)
    assert found.conflicts == {"a": 'a: {"id": "/x"} in b.json, nothing in a.json'}


def test_a_preview_is_not_told_from_the_release_of_its_day() -> None:
    """Which of them knew more properties nobody says."""
    preview = Form(version="2024-05-01-preview")
    assert united({}, {"a": 1}, forms=(preview, NEW)).conflicts
    assert not united({}, {"a": 1}, forms=(Form(version="2024-04-01-preview"), NEW)).conflicts


def test_a_list_that_is_not_there_lacks_every_element() -> None:
    """As an empty one does."""
    found = united({"routes": [{"name": "one", "properties": {"p": 1}}]}, {})
    assert found.conflicts == {"routes[one]": "routes[one]: present in a.json, absent in b.json"}


def test_a_singular_and_its_plural_are_one_statement() -> None:
    """By which of the two a copy says it means nothing; what both say together does."""
    one = {"sourcePortRange": "1", "destinationAddressPrefix": "1.1.1.1"}
    same = {
        "sourcePortRanges": ["1"],
        "destinationAddressPrefix": "",
        "destinationAddressPrefixes": ["1.1.1.1"],
    }
    assert not united(one, same).conflicts
    other = {"sourcePortRange": "1", "destinationAddressPrefixes": ["2.2.2.2"]}
    sentence = 'destinationaddressprefix: ["1.1.1.1"] in a.json, ["2.2.2.2"] in b.json'
    wanted = {"destinationaddressprefix": sentence, "destinationaddressprefixes": sentence}
    assert united(one, other).conflicts == wanted
    assert united(one, other, forms=(OLD, NEW)).conflicts == wanted


def test_a_plural_that_an_old_version_does_not_know_says_more() -> None:
    """The second address family of a pod CIDR."""
    old, new = {"podCidr": "10.0.0.0/8"}, {"podCidr": "10.0.0.0/8", "podCidrs": ["10.0.0.0/8", "fd00::/64"]}
    assert not united(old, new, forms=(OLD, NEW)).conflicts
    assert set(united(old, new, forms=(NEW, NEW)).conflicts) == {"podcidr", "podcidrs"}


def test_a_bare_reference_leaves_everything_open() -> None:
    """Whether an element is expanded depends on what was asked for."""
    found = united({"x": [{"id": "/a/1"}]}, {"x": [{"id": "/A/1", "name": "n", "properties": {"p": 1}}]})
    assert not found.conflicts
    assert found.body["properties"]["x"][0]["properties"] == {"p": 1}


def test_versions_come_from_the_manifest_of_each_source() -> None:
    """One older list beside a newer one: it does not know the property."""

    def part(name: str, version: str, *, body: dict[str, Any]) -> Part:
        read = Read(scope="/subscriptions/s", kind="Microsoft.Network/virtualNetworks", status="complete")
        copy = Copy(ResourceId(VNET), {"id": VNET, "properties": body}, name)
        rows = (read, Read(scope=VNET, kind=read.kind, status="failed"))
        return Part(
            source=name,
            copies=(copy,),
            reads=tuple(Read(scope=r.scope, kind=r.kind, status=r.status, api_version=version) for r in rows),
        )

    wide = part("b", "2024-05-01", body={"a": 1})
    (found,) = unite_parts([part("a", "2020-05-01", body={}), wide]).documents.values()
    assert not found.conflicts
    (found,) = unite_parts([part("a", "2024-05-01", body={}), wide]).documents.values()
    assert list(found.conflicts) == ["a"]


def test_a_document_that_a_complete_list_of_another_source_lacks_is_in_doubt() -> None:
    """Not where the list is of another scope or was cut short, nor within one source."""
    held = Part(source="a", copies=(Copy(ResourceId(VNET), {"id": VNET, "properties": {"a": 1}}, "a:1"),))
    for scope, status, doubted in (
        ("/subscriptions/S/", "complete", True),
        ("/subscriptions/s/resourceGroups/g", "complete", True),
        ("/subscriptions/other", "complete", False),
        ("/subscriptions/s", "partial", False),
        (VNET, "complete", False),
    ):
        row = Read(scope=scope, kind="microsoft.network/VirtualNetworks", status=status)
        (found,) = unite_parts([held, Part(source="b", reads=(row,))]).documents.values()
        told = f"held by a:1, absent from the complete list of {row.kind} under {scope} in b"
        assert found.conflicts == ({"": told} if doubted else {})
        (found,) = unite_parts([Part(source="a", copies=held.copies, reads=(row,))]).documents.values()
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
    found = united({"a": {"b": 1}}, {}, {"a": {"B": 2}}, forms=(NEW, OLD, NEW))
    assert found.conflicts == {"a.b": "a.b: 1 in a.json, 2 in c.json"}
    assert found.body["properties"]["a"]["b"] == 1


def test_a_value_that_came_with_a_later_copy_is_named_with_its_own_place() -> None:
    """The first copy says nothing about it."""
    found = united({}, {"a": "x"}, {"a": "y"}, forms=(OLD, NEW, NEW))
    assert found.conflicts == {"a": "a: 'x' in b.json, 'y' in c.json"}


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


def test_lists_of_references_disagree_about_what_one_lacks() -> None:
    """A disagreement counts only where the reference is read."""
    found = united({"groups": [{"id": "/a/1"}]}, {"groups": [{"id": "/a/2"}, {"id": "/A/1"}]})
    assert found.conflicts == {"groups[2]": "groups[2]: present in b.json, absent in a.json"}
    assert [item["id"] for item in found.body["properties"]["groups"]] == ["/a/1", "/a/2"]


def test_nested_and_flattened_children_are_alike() -> None:
    """One copy from ARM, one printed by az."""
    route_table = {"routeTable": {"id": "/r"}}
    found = united(
        {"subnets": [{"name": "one", "properties": {"addressPrefix": "10.0.0.0/24", **route_table}}]},
        {"subnets": [{"name": "one", "addressPrefix": "10.0.0.0/24", "natGateway": None}]},
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
