"""The writer of snapshot folders: streamed, and whole after a kill at any moment (design: snapshot)."""

from __future__ import annotations

from pathlib import Path


class FolderWriter:
    """Writes what was read into one folder, which only its owner may see."""

    def __init__(self, folder: Path, *, compressed: bool = False) -> None:
        self.folder = folder
        self.compressed = compressed
