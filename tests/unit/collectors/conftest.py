"""Snapshot folders written by tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write files by name into a fresh folder: bytes as they are, `.jsonl` from a list, all else as JSON."""

    def make(**files: Any) -> Path:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_jsonl", ".jsonl").replace("_json", ".json")
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
            elif path.suffix == ".jsonl":
                path.write_text("".join(json.dumps(line) + "\n" for line in content), "utf-8")
            else:
                path.write_text(json.dumps(content), "utf-8")
        return tmp_path

    return make
