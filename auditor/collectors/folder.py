"""Snapshots from folders and files: what `collect` wrote, or whatever `az ... show -o json` printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.collectors.files import MANIFEST, SPOOL, files_below, lines, whole
from auditor.collectors.interface import Copy, Part, Source
from auditor.collectors.json_text import parse
from auditor.collectors.manifest import Manifest, parse_manifest
from auditor.collectors.normalise import Item, items
from auditor.collectors.unite import unite_parts
from auditor.errors import InputError
from auditor.model.snapshot import Skipped, Snapshot


@dataclass(frozen=True, slots=True)
class Folder:
    """A source that is a folder, searched to its depths, or a single file."""

    path: Path
    called: str = ""
    """What the user typed, where that is not the path: a live subscription that was collected into it."""
    passing: bool = False
    """Whether the folder will be gone: then places are told by what the user typed, too."""

    @property
    def name(self) -> str:
        """See the interface."""
        return self.called or str(self.path)

    def read(self) -> Part:
        """See the interface; a source that holds no JSON file at all is an InputError too."""
        files = files_below(self.path)
        if not files:
            raise InputError("no .json or .jsonl file in this folder", place=self.name)
        manifests = [path for path in files if path.name.lower() == MANIFEST]
        rest = [path for path in files if path.name.lower() != MANIFEST]
        said = [self._manifest(path) for path in manifests]
        torn = not all(manifest.finished for manifest in said)
        found: list[Item] = [item for path in rest for item in _items(path, self._place(path), torn=torn)]
        return Part(
            source=self.name,
            copies=tuple(item for item in found if isinstance(item, Copy)),
            skipped=tuple(item for item in found if isinstance(item, Skipped)),
            tag_lists=tuple(item for item in found if isinstance(item, tuple)),
            reads=tuple(read for manifest in said for read in manifest.reads),
            has_manifest=bool(said),
            cloud=self._cloud(said),
            collected=min((item.collected for item in said if item.collected), default=None),
        )

    def _place(self, path: Path) -> str:
        return f"{self.name}: {path.relative_to(self.path)}" if self.passing else str(path)

    def _manifest(self, path: Path) -> Manifest:
        return parse_manifest(parse(whole(path), str(path)), str(path), self.name)

    def _cloud(self, manifests: Sequence[Manifest]) -> str | None:
        clouds = sorted({item.cloud for item in manifests if item.cloud})
        if len(clouds) > 1:
            raise InputError(f"its manifests name different clouds: {', '.join(clouds)}", place=self.name)
        return clouds[0] if clouds else None


def read_snapshot(sources: Sequence[Path | Source]) -> Snapshot:
    """One snapshot of all sources, folders and files alike; InputError says what is wrong and where."""
    if not sources:
        raise InputError("no snapshot given")
    return unite_parts([(Folder(one) if isinstance(one, Path) else one).read() for one in sources])


def _items(path: Path, place: str, *, torn: bool) -> Iterator[Item]:
    """What is in one file, a line at a time where the file has a document a line."""
    for value, where in _values(path, place, torn=torn):
        yield from items(value, where)


def _values(path: Path, place: str, *, torn: bool) -> Iterator[tuple[Any, str]]:
    """`torn` says that a collection did not finish: its spool may end in the middle of a line."""
    if path.name.lower().removesuffix(".gz").endswith(".jsonl"):
        for number, line in lines(path, torn=torn and path.name == SPOOL):
            yield parse(line, place, number), f"{place}:{number}"
    else:
        yield parse(whole(path), place), place
