"""Input that cannot be read is one clear line with its place, never a traceback."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from auditor.collectors import json_text
from auditor.collectors.folder import read_snapshot
from auditor.errors import InputError

Write = Callable[..., Path]
NSG = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/n"


def refusal(*paths: Path) -> str:
    """The message of the InputError that reading `paths` ends in."""
    with pytest.raises(InputError) as caught:
        read_snapshot(list(paths))
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_no_source_at_all() -> None:
    """An empty list of paths is refused."""
    assert refusal() == "no snapshot given"


def test_a_missing_folder(tmp_path: Path) -> None:
    """The path is named."""
    assert refusal(tmp_path / "no") == f"{tmp_path / 'no'}: cannot be read: no such file or directory"


def test_an_empty_folder(tmp_path: Path) -> None:
    """A folder without JSON is a wrong path, not an empty estate."""
    assert refusal(tmp_path) == f"{tmp_path}: no .json or .jsonl file in this folder"


def test_a_path_that_no_system_accepts() -> None:
    """A null character ends in the same error."""
    assert refusal(Path("a\0b")).endswith("not a path")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{\n  "id": "x",\n  "properties": {"a": [1, 2', ":3:28: not valid JSON: expecting ',' delimiter"),
        (b"", ": the file is empty"),
        (b" \n", ": the file is empty"),
        (b'{"a": 1} {', ":1:10: not valid JSON: extra data"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', ": the key 'c' occurs twice in one object"),
        (b'{"a": NaN}', ": NaN is not a JSON value"),
        (b'{"a": -Infinity}', ": -Infinity is not a JSON value"),
        (b'{"a": 1e999}', ": the number 1e999 is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", ": a number with too many digits"),
        (b'{"a": "\\ud800"}', ": a text holds half of a surrogate pair"),
        (b'{"a": "\xff"}', ": not UTF-8 text: byte 0xff at offset 7"),
        ('{"a": 1}'.encode("utf-16"), ": the text is UTF-16; save it as UTF-8"),
        (b"[" * 10_000 + b"]" * 10_000, ": nested deeper than 100 levels"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, ": nested deeper than 100 levels"),
        (b"[" * 101 + b"]" * 101, ": nested deeper than 100 levels"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else None,
)
def test_a_file_that_is_no_json(write: Write, content: bytes, message: str) -> None:
    """Place, line and column where there is one, and what is wrong."""
    path = write(x_json=content) / "x.json"
    assert refusal(path) == f"{path}{message}"


def test_a_surrogate_pair_is_a_character(write: Write) -> None:
    """Only half of one is refused."""
    folder = write(x_json=json.dumps({"id": NSG, "properties": {"description": "\N{ROCKET}"}}).encode())
    assert read_snapshot([folder]).documents


def test_a_bad_line_is_named_by_its_number(write: Write) -> None:
    """Line and column are those of the file."""
    path = write(x_jsonl=b'{"id": 1}\n\n{"id": }\n') / "x.jsonl"
    assert refusal(path) == f"{path}:3:8: not valid JSON: expecting value"
    path.write_bytes(b'{"id": 1}\n{"a": 1, "a": 2}\n')
    assert refusal(path) == f"{path}:2: the key 'a' occurs twice in one object"


@pytest.mark.parametrize(
    "content", [b"no gzip", gzip.compress(b'{"id": 1}\n' * 99, mtime=0)[:-20]], ids=["foreign", "cut"]
)
def test_a_broken_gzip_file(tmp_path: Path, content: bytes) -> None:
    """Foreign bytes and a cut file alike."""
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(content)
    assert refusal(path) == f"{path}: not a complete gzip file"


def test_a_file_over_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """513 MB are never read."""
    path = tmp_path / "x.json"
    path.touch()
    os.truncate(path, 513 * 2**20)

    def read(*_: object) -> None:
        pytest.fail("the file was opened")

    monkeypatch.setattr(Path, "open", read)
    assert refusal(path) == f"{path}: larger than 512 MB"


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.json.gz"])
def test_a_document_over_the_limit_is_refused_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A long line, and what a small compressed file unpacks to."""
    monkeypatch.setattr("auditor.collectors.files.MOST_BYTES", 2**20)
    data = b'{"a": "' + b"x" * 2**20 + b'"}\n'
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    assert "larger than 1 MB" in refusal(path)


def test_the_limit_is_512_mb() -> None:
    """A document of 100 MB is read; the figure is part of the promise."""
    assert json_text.MOST_BYTES == 512 * 2**20


def test_a_file_without_permission(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own words, and the file."""
    path = write(x_json={}) / "x.json"

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    assert refusal(path) == f"{path}: cannot be read: permission denied"
    monkeypatch.setattr(Path, "iterdir", denied)
    assert refusal(path.parent) == f"{path.parent}: cannot be read: permission denied"


def test_links_that_go_round(tmp_path: Path) -> None:
    """A link to itself, and a folder below itself."""
    (tmp_path / "x.json").symlink_to("x.json")
    assert "symbolic links" in refusal(tmp_path)
    (tmp_path / "x.json").unlink()
    (tmp_path / "inner").symlink_to(tmp_path)
    assert refusal(tmp_path) == f"{tmp_path / 'inner'}: a link leads back to a folder above it"


def test_a_folder_that_two_links_name_is_read_once(tmp_path: Path, write: Write) -> None:
    """Links that do not go round are fine, and no way to make a small folder endless."""
    write(real__x_json={"id": NSG, "properties": {}})
    (tmp_path / "again").symlink_to(tmp_path / "real")
    (document,) = read_snapshot([tmp_path]).documents.values()
    assert document.places == (str(tmp_path / "again" / "x.json"),)


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """Devices and pipes are refused."""
    os.mkfifo(tmp_path / "x.json")
    assert refusal(tmp_path) == f"{tmp_path / 'x.json'}: neither a folder nor a regular file"


ROW: dict[str, Any] = {
    "scope": "/subscriptions/s",
    "kind": "microsoft.network/routetables",
    "status": "complete",
}


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ([], "a manifest is an object"),
        ({"reads": []}, "unknown format version None; this version reads 1"),
        ({"format": 2, "reads": []}, "unknown format version 2; this version reads 1"),
        ({"format": True, "reads": []}, "unknown format version True; this version reads 1"),
        ({"format": 1}, "'reads' must be a list"),
        ({"format": 1, "reads": {}}, "'reads' must be a list"),
        ({"format": 1, "reads": [7]}, "reads[0] must be an object"),
        ({"format": 1, "reads": [{**ROW, "scope": 7}]}, "reads[0]: 'scope' must be a text"),
        ({"format": 1, "reads": [ROW, {**ROW, "kind": None}]}, "reads[1]: 'kind' is missing"),
        (
            {"format": 1, "reads": [{**ROW, "status": "fine"}]},
            "reads[0]: 'status' is 'fine', expected one of complete, denied, failed, partial",
        ),
        ({"format": 1, "reads": [{**ROW, "pages": "2"}]}, "reads[0]: 'pages' must be a whole number"),
        ({"format": 1, "reads": [{**ROW, "error": {}}]}, "reads[0]: 'error' must be a text"),
        ({"format": 1, "reads": [], "cloud": "moon"}, "'cloud' is 'moon', expected public, usgov or china"),
        ({"format": 1, "reads": [], "collected": 5}, "'collected' must be a text"),
    ],
)
def test_a_manifest_that_makes_no_sense(write: Write, manifest: Any, message: str) -> None:
    """Version, types and values are checked; a newer format is not guessed at."""
    folder = write(manifest_json=manifest)
    assert refusal(folder) == f"{folder / 'manifest.json'}: {message}"
