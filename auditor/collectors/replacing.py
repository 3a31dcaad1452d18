"""Files that are replaced in one step: at any moment there is the old one or the new one, whole."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import IO


def beside(name: str) -> str:
    """The name under which a file is written before it takes its place."""
    return f".{name}.tmp"


def replace_with(folder: Path, name: str, write: Callable[[IO[bytes]], object]) -> None:
    """Write a file in full beside its place, then put it there; OSError when that fails, and the old one stays."""
    path = folder / beside(name)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        write(stream)
        stream.flush()
        os.fsync(stream.fileno())
    path.replace(folder / name)
