"""How a fault in a file is worded: the value as found, the nearest known word, a schema error in plain words."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from jsonschema.exceptions import ValidationError

KeyPath = tuple[str | int, ...]
"""The way from the top of a document to a value: mapping keys and list indexes."""

_SHOWN: Final = 80

_TYPES: Final[Mapping[str, str]] = {
    "array": "a list",
    "boolean": "true or false",
    "integer": "a whole number",
    "null": "null",
    "number": "a number",
    "object": "a mapping",
    "string": "a text",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing in a document that does not fit its schema."""

    message: str
    """What was expected and what was found."""
    path: KeyPath
    """Where."""
    of_key: bool
    """The key is wrong rather than its value."""


def shown(value: object) -> str:
    """A value as a message shows it: as JSON, on one line, cut at 80 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """` (did you mean "x"?)` if a known word resembles this one, else nothing."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f' (did you mean "{close[0]}"?)' if close else ""


def faults_of(error: ValidationError) -> Iterator[Fault]:
    """The faults that one schema error stands for: one for each unknown key, else one."""
    path: KeyPath = tuple(error.absolute_path)
    schema = error.schema if isinstance(error.schema, Mapping) else {}
    found: Any = error.instance
    if error.validator == "additionalProperties":
        for key in _unknown_keys(found, schema):
            yield Fault(
                f"{_name(path)}unknown key {shown(key)}{_known_keys(key, schema)}", (*path, key), of_key=True
            )
    elif "propertyNames" in list(error.absolute_schema_path)[-2:]:
        key = str(found)
        yield Fault(
            f"{_name(path)}the key {shown(key)} is not a name that fits here", (*path, key), of_key=True
        )
    elif error.validator == "anyOf":
        yield from _alternatives(error)
    else:
        wording = _WORDINGS.get(str(error.validator))
        message = wording(error.validator_value, found, schema) if wording else error.message[: 2 * _SHOWN]
        yield Fault(_name(path) + message, path, of_key=False)


def _alternatives(error: ValidationError) -> Iterator[Fault]:
    """What is wrong with a value that may have several shapes: the faults of the shape that it has, if any."""
    path: KeyPath = tuple(error.absolute_path)
    meant = [
        one for one in error.context if not (one.validator == "type" and tuple(one.absolute_path) == path)
    ]
    if meant:
        yield from faults_of(meant[0])
        return
    wanted = [str(one.validator_value) for one in error.context]
    yield Fault(_name(path) + _type(wanted, error.instance, {}), path, of_key=False)


def _unknown_keys(found: Mapping[str, Any], schema: Mapping[str, Any]) -> list[str]:
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    return [key for key in found if key not in known and not any(re.search(one, key) for one in patterns)]


def _known_keys(key: str, schema: Mapping[str, Any]) -> str:
    known = list(schema.get("properties", {}))
    if not known:
        return ""
    return did_you_mean(key, known) or f"; known are {', '.join(known)}"


def _name(path: KeyPath) -> str:
    """`rows[3].ports: ` before a message; nothing for the top of the document."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return f"{text}: " if text else ""


def _type(wanted: Any, found: Any, _: Mapping[str, Any]) -> str:
    names = [wanted] if isinstance(wanted, str) else wanted
    return f"expected {' or '.join(_TYPES[name] for name in names)}, found {shown(found)}"


def _word(wanted: Any, found: Any, _: Mapping[str, Any]) -> str:
    known = [value if isinstance(value, str) else json.dumps(value) for value in wanted]
    return f"expected one of {', '.join(known)}, found {shown(found)}{did_you_mean(str(found), known)}"


def _missing(wanted: Any, found: Any, _: Mapping[str, Any]) -> str:
    return f"the key {shown(next(key for key in wanted if key not in found))} is missing"


def _companion(wanted: Any, found: Any, _: Mapping[str, Any]) -> str:
    pairs = ((key, companion) for key, companions in wanted.items() for companion in companions)
    key, companion = next((key, other) for key, other in pairs if key in found and other not in found)
    return f"the key {shown(companion)} is missing, which {shown(key)} calls for"


def _described(_: Any, found: Any, schema: Mapping[str, Any]) -> str:
    wanted = str(schema.get("description", "another value")).rstrip(".")
    return f"{shown(found)} does not fit; expected: {wanted[:1].lower()}{wanted[1:]}"


def _count(limit: str, things: str) -> _Wording:
    return lambda wanted, found, _: f"expected {limit} {wanted} {things}, found {len(found)}"


_Wording = Callable[[Any, Any, Mapping[str, Any]], str]

_WORDINGS: Final[Mapping[str, _Wording]] = {
    "dependentRequired": _companion,
    "enum": _word,
    "maxItems": _count("at most", "entries"),
    "maxLength": lambda wanted, found, _: f"expected at most {wanted} characters, found {len(found)}",
    "maximum": lambda wanted, found, _: f"expected at most {wanted}, found {shown(found)}",
    "minItems": _count("at least", "entries"),
    "minLength": lambda _, found, __: f"expected a text, found {shown(found)}",
    "minProperties": _count("at least", "keys"),
    "minimum": lambda wanted, found, _: f"expected at least {wanted}, found {shown(found)}",
    "not": _described,
    "pattern": _described,
    "required": _missing,
    "type": _type,
    "uniqueItems": lambda _, found, __: f"an entry stands twice in {shown(found)}",
}
