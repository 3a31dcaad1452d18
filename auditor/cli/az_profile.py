"""The subscriptions that the Azure CLI remembers: a help for people, never a source of what is audited."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_FILE: Final = "azureProfile.json"
_MOST_BYTES: Final = 4 * 1024 * 1024
"""A profile has a few hundred bytes for each subscription."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """One subscription of the profile, as `az account list` shows it."""

    id: str
    name: str
    default: bool


def remembered() -> tuple[Remembered, ...]:
    """The subscriptions of `~/.azure/azureProfile.json` (AZURE_CONFIG_DIR names another folder).

    Nothing at all for a file that is missing, broken or not what az writes: it is only ever used to help.
    """
    try:
        path = _folder() / _FILE
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return ()
        value = json.loads(path.read_bytes().decode("utf-8-sig"))  # az writes a byte order mark
    except (OSError, ValueError, RuntimeError, RecursionError):
        return ()
    rows = value.get("subscriptions") if isinstance(value, dict) else None
    return tuple(_rows(rows if isinstance(rows, list) else []))


def default_subscription() -> Remembered | None:
    """The one that `az account set` chose."""
    return next((one for one in remembered() if one.default), None)


def _folder() -> Path:
    named = os.environ.get("AZURE_CONFIG_DIR")
    return Path(named) if named else Path.home() / ".azure"


def _rows(rows: list[Any]) -> Iterator[Remembered]:
    for row in rows:
        if not isinstance(row, dict):
            continue
        key, name = row.get("id"), row.get("name")
        if isinstance(key, str) and key and isinstance(name, str):
            yield Remembered(key, name, row.get("isDefault") is True)
