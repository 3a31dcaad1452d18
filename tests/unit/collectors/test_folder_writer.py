"""The writer of snapshots: what it leaves is readable at any moment, private, resumable, and always the same."""

from __future__ import annotations

import errno
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from auditor.collectors import spool
from auditor.collectors.folder import Folder
from auditor.collectors.folder_writer import FolderWriter
from auditor.collectors.journal import Row
from auditor.errors import InputError
from auditor.model.essential import COLLECTION

SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001"
NETWORKS = "Microsoft.Network/virtualNetworks"
TABLES = "Microsoft.Network/routeTables"
ASKED = {"subscriptions": ["1"]}
JOURNAL = ".collecting.jsonl"
SPOOL = "resources.part.jsonl"


def document(kind: str, name: str, **properties: Any) -> dict[str, Any]:
    reference = f"{SUBSCRIPTION}/resourceGroups/rg/providers/{kind}/{name}"
    return {"id": reference, "name": name, "type": kind, "properties": properties}


def row(kind: str, status: str = "complete", error: str | None = None) -> Row:
    return Row(scope=SUBSCRIPTION, kind=kind, status=status, error=error, api_version="2026-03-01", pages=1)


NETS = [document(NETWORKS, name) for name in ("b", "a")]
ROUTES = [document(TABLES, name, routes=[]) for name in ("x", "y")]


def begun(folder: Path, *, resume: bool = False, compressed: bool = False) -> FolderWriter:
    writer = FolderWriter(folder, compressed=compressed, now=lambda: "2026-11-20T08:15:00Z")
    writer.begin("public", ASKED, resume=resume)
    return writer


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "estate"


def undisturbed(folder: Path) -> dict[str, bytes]:
    writer = begun(folder)
    writer.plan([(SUBSCRIPTION, NETWORKS), (SUBSCRIPTION, TABLES)])
    writer.add(row(NETWORKS), NETS)
    writer.add(row(TABLES), ROUTES)
    writer.finish()
    return content(folder)


def test_finished_folder(folder: Path) -> None:
    """A finished snapshot holds a manifest and the documents by its rows, nothing else, for its owner alone."""
    old = os.umask(0)
    try:
        files = undisturbed(folder)
    finally:
        os.umask(old)
    assert list(files) == ["manifest.json", "resources.jsonl"]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert [json.loads(line) for line in files["resources.jsonl"].splitlines()] == [*ROUTES, *NETS]
    manifest = json.loads(files["manifest.json"])
    assert [(item["kind"], item["status"], item["documents"]) for item in manifest["reads"]] == [
        (TABLES, "complete", 2),
        (NETWORKS, "complete", 2),
    ]
    assert (manifest["finished"], manifest["asked"]) == (True, ASKED)


def test_order_of_reading_leaves_no_trace(folder: Path, tmp_path: Path) -> None:
    """Whichever read ended first, and whether pages of two came in turn, the bytes are the same."""
    writer = begun(folder)
    writer.plan([(SUBSCRIPTION, TABLES), (SUBSCRIPTION, NETWORKS)])
    tables, networks = writer.reading(), writer.reading()
    tables.page(ROUTES[:1])
    networks.page(NETS[:1])
    tables.page(ROUTES[1:])
    tables.end(row(TABLES))
    networks.page(NETS[1:])
    networks.end(row(NETWORKS))
    writer.finish()
    assert content(folder) == undisturbed(tmp_path / "other")


def test_unfinished_folder_says_what_is_missing(folder: Path) -> None:
    """While a collection runs its folder is a snapshot in which everything that is planned is not complete.

    The manifest may know less than was read, never more.
    """
    writer = begun(folder)
    assert [read.kind for read in Folder(folder).read().reads] == [COLLECTION]
    writer.plan([(SUBSCRIPTION, NETWORKS), (SUBSCRIPTION, TABLES)])
    writer.add(row(NETWORKS), NETS)
    assert {read.status for read in Folder(folder).read().reads} == {"partial", "failed"}
    writer.interrupt()
    part = Folder(folder).read()
    assert {copy.id.name for copy in part.copies} == {"a", "b"}
    assert {(read.kind, read.status) for read in part.reads} == {
        (COLLECTION, "partial"),
        (NETWORKS, "complete"),
        (TABLES, "failed"),
    }


@pytest.mark.parametrize("cut", [1, 7, 60])
def test_torn_lines_are_passed_over_and_mended(folder: Path, tmp_path: Path, cut: int) -> None:
    """A kill in the middle of a write leaves a folder that reads, and that resumes to the undisturbed bytes."""
    writer = begun(folder)
    writer.plan([(SUBSCRIPTION, NETWORKS), (SUBSCRIPTION, TABLES)])
    writer.add(row(NETWORKS), NETS)
    writer.close()
    torn = json.dumps(ROUTES[0]).encode()[:cut]
    for name in (SPOOL, JOURNAL):
        with (folder / name).open("ab") as stream:
            stream.write(torn)
    (folder / ".manifest.json.tmp").write_bytes(torn)
    assert len(Folder(folder).read().copies) == 2
    again = begun(folder, resume=True)
    assert again.row(SUBSCRIPTION, NETWORKS) is not None
    assert again.row(SUBSCRIPTION, TABLES) is None
    again.plan([(SUBSCRIPTION, TABLES)])
    again.add(row(TABLES), ROUTES)
    again.finish()
    assert content(folder) == undisturbed(tmp_path / "other")


def test_documents_lost_by_a_power_cut_are_read_again(folder: Path) -> None:
    """A read whose journal line came to the disk before its documents did counts as not read."""
    writer = begun(folder)
    writer.add(row(NETWORKS), NETS)
    writer.add(row(TABLES), ROUTES)
    writer.close()
    data = (folder / SPOOL).read_bytes()
    (folder / SPOOL).write_bytes(data[: data.index(b"routeTables")])
    again = begun(folder, resume=True)
    assert (again.row(SUBSCRIPTION, NETWORKS) is None, again.row(SUBSCRIPTION, TABLES)) == (False, None)
    again.close()


def test_a_torn_line_counts_only_in_an_unfinished_folder(folder: Path) -> None:
    """Where the manifest says that the collection finished, a cut line is an error and not passed over."""
    undisturbed(folder)
    (folder / SPOOL).write_bytes(b'{"id": ')
    with pytest.raises(InputError, match="not valid JSON"):
        Folder(folder).read()


def test_newer_copies_take_the_place_of_older_ones(folder: Path) -> None:
    """A resource that was read again stands in the snapshot once, and is found as it was read last."""
    writer = begun(folder)
    writer.add(row(NETWORKS), NETS)
    newer = document(NETWORKS, "A", subnets=[])
    writer.add(Row(scope=newer["id"], kind=NETWORKS, status="complete"), [newer], replacing=True)
    assert writer.document(NETS[1]["id"].upper()) == newer
    writer.close()
    again = begun(folder, resume=True)
    assert again.document(NETS[1]["id"]) == newer
    again.finish()
    lines = (folder / "resources.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == [NETS[0], newer]


def test_a_document_that_no_snapshot_can_hold(folder: Path) -> None:
    """It is left out, its read is partial and says so; the others are kept, and the snapshot reads."""
    deep: Any = 0
    for _ in range(150):
        deep = [deep]
    bottomless: Any = 0
    for _ in range(100_000):
        bottomless = [bottomless]
    writer = begun(folder)
    odd = [
        {"id": "/subscriptions/x", "properties": value}
        for value in (deep, bottomless, float("nan"), "\ud800")
    ]
    writer.add(row(NETWORKS), [NETS[0], *odd, NETS[1]])
    writer.finish()
    part = Folder(folder).read()
    assert len(part.copies) == 2
    assert part.reads[0].status == "partial"
    assert "'/subscriptions/x' is left out: nested deeper than 100 levels" in str(part.reads[0].error)


def test_secrets_never_touch_the_disk(folder: Path) -> None:
    """No file of the folder, finished or not, holds a secret of a document."""
    writer = begun(folder)
    writer.add(row(NETWORKS), [document(NETWORKS, "a", adminPassword="Pl4nt3d", note="x?sig=Pl4nt3d&y")])
    unfinished = b"".join(content(folder).values())
    writer.finish()
    assert b"Pl4nt3d" not in unfinished + b"".join(content(folder).values())
    assert b"x?sig=" in unfinished


def test_compressed(folder: Path) -> None:
    """A packed snapshot reads like any other, and its bytes know no time."""
    writer = begun(folder, compressed=True)
    writer.add(row(NETWORKS), NETS)
    writer.finish()
    assert [copy.id.name for copy in Folder(folder).read().copies] == ["b", "a"]
    assert (folder / "resources.jsonl.gz").read_bytes()[4:8] == bytes(4)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("notes.txt", "not empty, and no snapshot of ours: it holds 'notes.txt'"),
        ("manifest.json", "not empty: it holds manifest.json"),
        ("resources.jsonl", "holds a finished snapshot"),
        (JOURNAL, "go on with --resume"),
    ],
)
def test_a_folder_of_somebody_else_is_refused(folder: Path, name: str, message: str) -> None:
    """Nothing that is there is ever overwritten; the error names the folder."""
    folder.mkdir()
    (folder / name).write_text("precious")
    with pytest.raises(InputError, match=message) as caught:
        begun(folder)
    assert caught.value.place == str(folder)
    assert content(folder) == {name: b"precious"}


def test_only_the_same_collection_is_resumed(folder: Path) -> None:
    """Resuming with other subscriptions or options is refused: the snapshot would be about neither."""
    begun(folder).close()
    with pytest.raises(InputError, match="something else"):
        FolderWriter(folder).begin("public", {"subscriptions": ["2"]}, resume=True)


@pytest.mark.parametrize("compressed", [False, True])
def test_a_finished_snapshot_is_resumed_for_what_failed(
    folder: Path, tmp_path: Path, compressed: bool
) -> None:
    """What failed in a finished snapshot can be tried again; the rest stays as it is."""
    writer = begun(folder, compressed=compressed)
    writer.add(row(NETWORKS), NETS)
    writer.add(row(TABLES, "partial", "500"), ROUTES[:1])
    writer.finish()
    again = begun(folder, resume=True, compressed=compressed)
    assert {read.kind for read in Folder(folder).read().reads if not read.complete} == {TABLES}
    assert (again.row(SUBSCRIPTION, TABLES) or row(TABLES)).status == "partial"
    assert again.document(NETS[0]["id"]) == NETS[0]
    again.add(row(TABLES), ROUTES)
    again.finish()
    other = begun(tmp_path / "other", compressed=compressed)
    other.add(row(NETWORKS), NETS)
    other.add(row(TABLES), ROUTES)
    other.finish()
    assert content(folder) == content(tmp_path / "other")


@pytest.mark.parametrize("damage", ["lines", "manifest", "documents"])
def test_a_finished_snapshot_that_was_changed_is_not_resumed(folder: Path, damage: str) -> None:
    """A snapshot whose lines and rows do not fit each other is refused, and left as it is."""
    files = undisturbed(folder)
    if damage == "lines":
        (folder / "resources.jsonl").write_bytes(files["resources.jsonl"] + b"{}\n")
    elif damage == "manifest":
        (folder / "manifest.json").write_text("{}")
    else:
        text = files["manifest.json"].replace(b'"documents": 2', b'"documents": "2"')
        (folder / "manifest.json").write_bytes(text)
    before = content(folder)
    with pytest.raises(InputError, match="cannot be resumed"):
        begun(folder, resume=True)
    after = content(folder)
    after.pop(".resources.part.jsonl.tmp", None)
    assert after == before


def test_resume_starts_where_nothing_is(folder: Path) -> None:
    """`resume` of a collection that never began is one that begins."""
    writer = begun(folder, resume=True)
    writer.add(row(NETWORKS), NETS)
    writer.finish()
    assert len(Folder(folder).read().copies) == 2


def test_a_full_disk_is_one_clear_error(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what was kept; the folder still reads, and resumes once there is room."""
    writer = begun(folder)
    writer.add(row(NETWORKS), NETS)
    real = spool.append

    def full(stream: Any, data: bytes) -> None:
        real(stream, data[:10])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(spool, "append", full)
        with pytest.raises(InputError, match="no space left on device; 1 complete reads are kept") as caught:
            writer.add(row(TABLES), ROUTES)
    assert caught.value.place == str(folder)
    writer.close()
    assert len(Folder(folder).read().copies) == 2
    again = begun(folder, resume=True)
    again.add(row(TABLES), ROUTES)
    again.finish()
    assert len(Folder(folder).read().copies) == 4


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    """A file in the place of the folder is one clear error."""
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        begun(tmp_path / "file" / "estate")
