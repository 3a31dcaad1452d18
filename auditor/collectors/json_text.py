"""JSON as strictly as a hostile input needs it: UTF-8, bounded size and depth, no duplicate keys, no NaN."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from typing import Any, Final, NoReturn

from auditor.errors import InputError

MOST_BYTES: Final = 512 * 1024 * 1024
"""A larger document is refused before it is read."""
MOST_LEVELS: Final = 100
"""ARM documents nest some twenty levels; deeper ones would exhaust the stack of whoever walks them."""

_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")


class _RefusedError(ValueError):
    """Well-formed JSON that is not accepted."""


def parse(data: bytes, place: str, line: int | None = None) -> Any:
    """The one JSON value in `data`; InputError says place, line and column of what is wrong.

    `line` is the line of the file at which `data` begins, for files with a document a line.
    """
    at = place if line is None else f"{place}:{line}"
    text = _decode(data, at)
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_constant, parse_float=_float)
    except json.JSONDecodeError as error:
        where = f"{place}:{(line or 1) + error.lineno - 1}:{error.colno}"
        raise InputError(f"not valid JSON: {error.msg[:1].lower()}{error.msg[1:]}", place=where) from None
    except _RefusedError as error:
        raise InputError(str(error), place=at) from None
    except RecursionError:
        raise _too_deep(at) from None
    except ValueError:
        raise InputError("a number with too many digits", place=at) from None
    check_depth(value, at)
    if _SURROGATE.search(text):
        _check_characters(value, at)
    return value


def _decode(data: bytes, place: str) -> str:
    if data.startswith(_UTF16):
        raise InputError("the text is UTF-16; save it as UTF-8", place=place)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(
            f"not UTF-8 text: byte 0x{data[error.start]:02x} at offset {error.start}", place=place
        ) from None
    if not text.strip():
        raise InputError("the file is empty", place=place)
    return text


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _RefusedError(f"the key {key[:80]!r} occurs twice in one object")
            seen.add(key)
    return found


def _constant(name: str) -> NoReturn:
    raise _RefusedError(f"{name} is not a JSON value")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _RefusedError(f"the number {text[:80]} is too large")
    return value


def check_depth(value: Any, place: str) -> None:
    """InputError if a value is nested deeper than `parse` accepts; walks level by level, so that it needs no stack."""
    level = [value] if isinstance(value, (dict, list)) else []
    depth = 0
    while level:
        depth += 1
        if depth > MOST_LEVELS:
            raise _too_deep(place)
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, (dict, list))
        ]


def _too_deep(place: str) -> InputError:
    return InputError(f"nested deeper than {MOST_LEVELS} levels", place=place)


def _check_characters(value: Any, place: str) -> None:
    """Half of a surrogate pair is no character: no report could be written with it."""
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError("a text holds half of a surrogate pair", place=place) from None
