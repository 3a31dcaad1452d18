"""What a folder, a file or several sources become."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.collectors.folder import read_snapshot
from auditor.errors import InputError

Write = Callable[..., Path]
GROUP = "/subscriptions/s/resourceGroups/g/providers"
NSG = f"{GROUP}/Microsoft.Network/networkSecurityGroups/n"
MANIFEST = {"format": 1, "tool": "0.1.0", "cloud": "public", "collected": "2026-11-01T10:00:00Z", "reads": []}


def nsg(**properties: Any) -> dict[str, Any]:
    return {
        "id": NSG,
        "name": "n",
        "type": "Microsoft.Network/networkSecurityGroups",
        "properties": properties,
    }


def row(**changes: Any) -> dict[str, Any]:
    return {
        "scope": "/subscriptions/s",
        "kind": "Microsoft.Network/networkSecurityGroups",
        "apiVersion": "2026-03-01",
        "status": "complete",
        "pages": 2,
        "error": None,
        **changes,
    }


def test_a_folder_with_manifest_tells_what_was_read(write: Write) -> None:
    """Each row becomes a Read, cloud and time are taken over."""
    folder = write(manifest_json={**MANIFEST, "cloud": "usgov", "reads": [row()]}, resources_jsonl=[nsg()])
    found = read_snapshot([folder])
    assert found.has_manifest
    assert (found.cloud, found.collected) == ("usgov", "2026-11-01T10:00:00Z")
    (read,) = found.reads
    assert read.complete
    assert (read.scope, read.pages, read.api_version) == ("/subscriptions/s", 2, "2026-03-01")
    assert found.documents[NSG.lower()].places == (f"{folder / 'resources.jsonl'}:1",)


def test_a_manifest_alone_is_a_snapshot(write: Write) -> None:
    """A collection that could read nothing still says so."""
    folder = write(
        manifest_json={**MANIFEST, "reads": [row(status="denied", error="403 AuthorizationFailed")]}
    )
    found = read_snapshot([folder])
    assert not found.documents
    assert found.reads[0].error == "403 AuthorizationFailed"


def test_every_shape_of_file_is_read(write: Write) -> None:
    """One document, a list, a list page, lines and compressed lines, at any depth."""
    ids = [f"{GROUP}/Microsoft.Network/routeTables/t{number}" for number in range(6)]
    one, two, three, four, five, six = ({"id": text, "properties": {}} for text in ids)
    folder = write(
        one_json=one,
        deep__er__list_json=[two],
        page_json={"value": [three], "nextLink": None},
        lines_jsonl=[four],
        zipped_jsonl=[],
        bom_json=b"\xef\xbb\xbf" + json.dumps(six).encode(),
    )
    (folder / "lines.jsonl.gz").write_bytes(gzip.compress(json.dumps(five).encode() + b"\n\n"))
    found = read_snapshot([folder])
    assert sorted(found.documents) == sorted(text.lower() for text in ids)
    assert not found.has_manifest
    assert not found.skipped


def test_a_single_file_is_a_source(write: Write) -> None:
    """`--snapshot nsg.json` needs no folder."""
    folder = write(nsg_json=nsg())
    assert list(read_snapshot([folder / "nsg.json"]).documents) == [NSG.lower()]


def test_hidden_and_foreign_files_are_passed_over(write: Write) -> None:
    """Only JSON that is not hidden belongs to a snapshot."""
    folder = write(nsg_json=nsg())
    (folder / ".git").mkdir()
    (folder / ".git" / "x.json").write_text("{")
    (folder / "._nsg.json").write_text("{")
    (folder / "README.md").write_text("# estate")
    found = read_snapshot([folder])
    assert len(found.documents) == 1
    assert not found.skipped


def test_json_that_is_no_resource_is_skipped_with_a_reason(write: Write) -> None:
    """Other JSON does not stop an audit, and is not passed over in silence."""
    folder = write(
        a_json={"name": "package", "version": 1},
        b_json=[1, None],
        c_json={"id": 7, "properties": {}},
        d_json={"id": NSG, "properties": "none"},
        e_json={"id": NSG, "resourceGroup": "g"},
    )
    found = read_snapshot([folder])
    assert not found.documents
    reasons = [item.reason for item in found.skipped]
    assert reasons[0].startswith("no ARM resource: no 'id'")
    assert reasons[1:3] == ["not a JSON object", "not a JSON object"]
    assert reasons[3].startswith("no ARM resource")
    assert reasons[4].endswith("is not an object")
    assert reasons[5].startswith("only a reference")
    assert found.skipped[1].place.endswith("b.json[0]")


def test_flattened_documents_are_nested(write: Write) -> None:
    """What az prints reads like what ARM returns."""
    flat = {
        "id": NSG,
        "name": "n",
        "location": "westeurope",
        "etag": "x",
        "securityRules": [],
        "tags": {"a": "b"},
    }
    found = read_snapshot([write(nsg_json=flat)])
    body = found.documents[NSG.lower()].body
    assert body["properties"] == {"securityRules": []}
    assert body["location"] == "westeurope"
    assert body["tags"] == {"a": "b"}


def test_an_action_answer_is_a_document(write: Write) -> None:
    """Its kind is the resource type and the action."""
    answer = {"id": f"{NSG}/listThings", "type": "x", "properties": {"value": []}}
    found = read_snapshot([write(resources_jsonl=[answer])])
    (document,) = found.documents.values()
    assert document.kind == "microsoft.network/networksecuritygroups/listthings"


TAGS = {
    "name": "Storage",
    "id": "Storage",
    "properties": {"changeNumber": 3, "addressPrefixes": ["20.60.0.0/24"]},
}


@pytest.mark.parametrize(
    "body",
    [
        {"changeNumber": 375, "cloud": "Public", "values": [TAGS]},
        {
            "id": "/subscriptions/s/providers/Microsoft.Network/serviceTags/Public",
            "changeNumber": "7",
            "values": [TAGS],
        },
        {
            "id": "/subscriptions/s/providers/Microsoft.Network/serviceTags/Public",
            "properties": {"values": [TAGS]},
        },
        {"Values": [{"name": "Storage", "addressPrefixes": ["20.60.0.0/24"]}]},
    ],
)
def test_service_tag_lists_are_set_apart(write: Write, body: dict[str, Any]) -> None:
    """The download file, the API's answer, an answer kept as a document, and the flattened form."""
    found = read_snapshot([write(tags_json=body)])
    assert len(found.tag_lists) == 1
    assert not found.documents
    assert not found.skipped


def test_sources_unite(tmp_path: Path) -> None:
    """Documents of all sources stand together; a row that another source made good is gone."""
    spoke, hub = tmp_path / "spoke", tmp_path / "hub"
    denied = row(status="denied", scope="/subscriptions/HUB", kind="microsoft.network/networksecuritygroups")
    failed = row(status="failed", scope="/subscriptions/other")
    for folder, reads, body in (
        (spoke, [denied, failed], {"id": NSG, "properties": {"a": 1}}),
        (hub, [row(scope="/subscriptions/hub/")], {"id": NSG.upper(), "properties": {"b": 2}}),
    ):
        folder.mkdir()
        (folder / "manifest.json").write_text(json.dumps({**MANIFEST, "reads": reads}))
        (folder / "resources.jsonl").write_text(json.dumps(body) + "\n")
    found = read_snapshot([spoke, hub])
    (document,) = found.documents.values()
    assert document.body["properties"] == {"a": 1, "b": 2}
    assert document.id.text == NSG
    assert [(read.scope, read.status) for read in found.reads] == [
        ("/subscriptions/other", "failed"),
        ("/subscriptions/hub/", "complete"),
    ]
    assert found.sources == (str(spoke), str(hub))


def test_sources_of_two_clouds_are_refused(tmp_path: Path) -> None:
    """One audit has one cloud."""
    for cloud in ("public", "china"):
        (tmp_path / cloud).mkdir()
        (tmp_path / cloud / "manifest.json").write_text(json.dumps({**MANIFEST, "cloud": cloud}))
    with pytest.raises(InputError, match="different clouds"):
        read_snapshot([tmp_path / "public", tmp_path / "china"])
    with pytest.raises(InputError, match="different clouds"):
        read_snapshot([tmp_path])


@pytest.mark.parametrize(
    ("region", "cloud"), [("westeurope", "public"), ("USGov Virginia", "usgov"), ("chinanorth3", "china")]
)
def test_without_manifest_the_regions_tell_the_cloud(write: Write, region: str, cloud: str) -> None:
    """Each cloud has regions of its own."""
    assert read_snapshot([write(nsg_json={**nsg(), "location": region})]).cloud == cloud
