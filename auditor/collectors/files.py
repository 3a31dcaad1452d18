"""Which files a source consists of, and their bytes: gzip or plain, bounded, never a device."""

from __future__ import annotations

import gzip
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

from auditor.collectors.json_text import MOST_BYTES
from auditor.errors import InputError

MANIFEST: Final = "manifest.json"
SPOOL: Final = "resources.part.jsonl"
"""What a collection that did not finish has read; its last line may be cut short."""
Identity = tuple[int, int]
"""Device and inode: what tells folders apart whatever their names."""
_SUFFIXES: Final = (".json", ".jsonl", ".json.gz", ".jsonl.gz")


def files_below(source: Path) -> list[Path]:
    """The JSON files of a source in sorted order: itself, or everything below the folder that is not hidden.

    Links are followed, each folder once; one that leads back to a folder on its own way is an error.
    """
    mode = _mode(source)
    if stat.S_ISDIR(mode):
        return list(_walk(source, frozenset(), set()))
    _check_regular(source, mode)
    return [source]


def _walk(folder: Path, above: frozenset[Identity], seen: set[Identity]) -> Iterator[Path]:
    """The files of one folder and of those below it; `above` is the way here, `seen` everything so far."""
    try:
        status = folder.stat()
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise _unreadable(folder, error) from None
    here = (status.st_dev, status.st_ino)
    if here in above:
        raise InputError("a link leads back to a folder above it", place=str(folder))
    if here in seen:
        return
    seen.add(here)
    for path in entries:
        if path.name.startswith("."):
            continue
        if not path.name.lower().endswith(_SUFFIXES):
            if _is_folder(path):
                yield from _walk(path, above | {here}, seen)
            continue
        mode = _mode(path)
        if stat.S_ISDIR(mode):
            yield from _walk(path, above | {here}, seen)
        else:
            _check_regular(path, mode)
            yield path


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise _unreadable(path, error) from None


def whole(path: Path) -> bytes:
    """All bytes of a file with one document; a file over the limit is refused before it is read."""
    with _opened(path) as stream:
        data = _read(path, stream, MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise _too_large(str(path))
    return data


def lines(path: Path, *, torn: bool = False) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, one at a time; blank lines are left out.

    With `torn`, so is a last line without its end: it was being written when the writer was killed.
    """
    with _opened(path, whole_file=False) as stream:
        number = 0
        while True:
            number += 1
            line = _read(path, stream, MOST_BYTES + 1, line=True)
            if not line or (torn and not line.endswith(b"\n") and len(line) <= MOST_BYTES):
                return
            if len(line) > MOST_BYTES:
                raise _too_large(f"{path}:{number}")
            if line.strip():
                yield number, line


def _opened(path: Path, *, whole_file: bool = True) -> BinaryIO:
    try:
        if path.name.lower().endswith(".gz"):
            return cast("BinaryIO", gzip.open(path, "rb"))
        if whole_file and path.stat().st_size > MOST_BYTES:
            raise _too_large(str(path))
        return path.open("rb")
    except OSError as error:
        raise _unreadable(path, error) from None


def _read(path: Path, stream: BinaryIO, most: int, *, line: bool = False) -> bytes:
    try:
        return stream.readline(most) if line else stream.read(most)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise InputError("not a complete gzip file", place=str(path)) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise InputError("not a path", place=repr(str(path))) from None


def _check_regular(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise InputError("neither a folder nor a regular file", place=str(path))


def _unreadable(path: Path, error: OSError) -> InputError:
    return InputError(f"cannot be read: {(error.strerror or type(error).__name__).lower()}", place=str(path))


def _too_large(place: str) -> InputError:
    return InputError(f"larger than {MOST_BYTES // 2**20} MB", place=place)
