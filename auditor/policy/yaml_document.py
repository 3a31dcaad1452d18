"""Files that people write (YAML or JSON), read safely and with the place of every value.

Only plain data is accepted: no anchors, aliases or tags, no repeated keys, one document, a limited size and
depth. Scalars are what YAML 1.2 and JSON say they are, so `no` is a word and `2019-05-14` is not a date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml
from jsonschema import Draft202012Validator

from auditor import resources
from auditor.errors import InputError
from auditor.policy.faults import KeyPath, faults_of, shown

MAX_BYTES: Final = 8 * 1024 * 1024
MAX_DEPTH: Final = 40


@dataclass(frozen=True, slots=True)
class LoadedDocument:
    """The content of one file that fits its schema, and where each part of it stands."""

    path: Path
    """The file as the caller named it."""
    data: Any
    """Mappings, lists, texts, numbers, true, false and null; its shape is what the schema promises."""
    _values: Mapping[KeyPath, tuple[int, int]] = field(repr=False)
    _keys: Mapping[KeyPath, tuple[int, int]] = field(repr=False)

    def place(self, path_of_keys: Sequence[str | int] = (), *, of_key: bool = False) -> str:
        """`file:line:column` of a value or of its key; of the nearest parent if there is none."""
        line, column = self.position(path_of_keys, of_key=of_key)
        return f"{self.path}:{line}:{column}"

    def position(self, path_of_keys: Sequence[str | int] = (), *, of_key: bool = False) -> tuple[int, int]:
        """Line and column, both from 1, of what `place` tells."""
        path = tuple(path_of_keys)
        if of_key and path in self._keys:
            return self._keys[path]
        while path and path not in self._values:
            path = path[:-1]
        return self._values.get(path, (1, 1))

    def fail(self, message: str, *path_of_keys: str | int, of_key: bool = False) -> NoReturn:
        """Refuse the document for what stands at the path."""
        raise InputError(message, place=self.place(path_of_keys, of_key=of_key))


def load_document(path: Path, schema_name: str) -> LoadedDocument:
    """The content of a YAML file, or of a JSON file if it is called `.json`, checked against a schema.

    `schema_name` is the name in `policies/schemas/` without `.schema.json`. Raises InputError for the first
    thing in the file that is wrong, with its place.
    """
    text = _read(path)
    reader = _Reader(path)
    if path.suffix.lower() == ".json":
        data = _parse_json(path, text)
        # JSON allows tabs between values only, and there YAML knows but blanks
        reader.read(text.replace("\t", " "))
    else:
        data = reader.read(text)
    document = LoadedDocument(path, data, reader.values, reader.keys)
    _check(document, _validator(schema_name))
    return document


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise InputError(f"cannot be read: {reason}", place=str(path)) from error
    if len(raw) > MAX_BYTES:
        raise InputError(f"larger than {MAX_BYTES // 1024**2} MiB", place=str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line = before.count(b"\n") + 1
        raise InputError("not UTF-8 text", place=f"{path}:{line}:1") from error


def _parse_json(path: Path, text: str) -> Any:
    def refuse(word: str) -> NoReturn:
        raise InputError(f"{word} is no JSON number", place=str(path))

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise InputError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", place=place) from error
    except RecursionError as error:
        raise InputError(f"nested deeper than {MAX_DEPTH} levels", place=str(path)) from error
    except ValueError as error:
        raise InputError("a number is too long", place=str(path)) from error


_NULL: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_INTEGER: Final = re.compile(r"[-+]?[0-9]{1,300}")
_NUMBER: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")


def _scalar(event: yaml.ScalarEvent) -> Any:
    word: str = event.value
    if not event.implicit[0]:
        return word
    if word in _NULL:
        return None
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    if _INTEGER.fullmatch(word):
        return int(word)
    return float(word) if _NUMBER.fullmatch(word) else word


class _Level:
    """A mapping or list that is being read."""

    __slots__ = ("items", "key", "path")

    def __init__(self, path: KeyPath, items: dict[str, Any] | list[Any]) -> None:
        self.path = path
        self.items = items
        self.key: str | None = None


class _Reader:
    """Turns parser events into data, noting the place of every value and key.

    Working on events, not on composed nodes, lets an alias be refused before anything is expanded.
    """

    def __init__(self, file: Path) -> None:
        self.values: dict[KeyPath, tuple[int, int]] = {}
        self.keys: dict[KeyPath, tuple[int, int]] = {}
        self._file = file
        self._open: list[_Level] = []
        self._top: list[Any] = []

    def read(self, text: str) -> Any:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            for event in yaml.parse(text, Loader=loader):
                self._take(event)
        except yaml.MarkedYAMLError as error:
            problem = error.problem or error.context or "it cannot be parsed"
            mark: Any = error.problem_mark or error.context_mark
            place = f"{self._file}:{mark.line + 1}:{mark.column + 1}" if mark else str(self._file)
            raise InputError(f"not YAML: {problem}", place=place) from error
        except yaml.reader.ReaderError as error:
            before = text[: error.position] if isinstance(error.position, int) else ""
            line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
            raise InputError(f"not YAML: {error.reason}", place=f"{self._file}:{line}:{column}") from error
        except RecursionError as error:
            raise InputError(f"nested deeper than {MAX_DEPTH} levels", place=str(self._file)) from error
        if not self._top:
            raise InputError("the file is empty", place=str(self._file))
        return self._top[0]

    def _take(self, event: yaml.Event) -> None:
        match event:
            case yaml.AliasEvent():
                self._refuse(event, f"the alias *{event.anchor} is not accepted: write the value out")
            case yaml.ScalarEvent():
                self._refuse_decoration(event)
                self._scalar(event)
            case yaml.MappingStartEvent():
                self._refuse_decoration(event)
                self._start(event, {})
            case yaml.SequenceStartEvent():
                self._refuse_decoration(event)
                self._start(event, [])
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._open.pop()
            case yaml.DocumentStartEvent() if self._top:
                self._refuse(event, "a second document starts; one file holds one")
            case _:
                pass

    def _refuse(self, event: yaml.Event, message: str) -> NoReturn:
        line, column = _position(event)
        raise InputError(message, place=f"{self._file}:{line}:{column}")

    def _refuse_decoration(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._refuse(event, f"the anchor &{event.anchor} is not accepted: write the value out")
        if event.tag is not None:
            self._refuse(event, f"the tag {shown(event.tag)} is not accepted: only plain values are")

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        level = self._open[-1] if self._open else None
        if level is not None and isinstance(level.items, dict) and level.key is None:
            key: str = event.value
            path = (*level.path, key)
            if key in level.items:
                line = self.keys[path][0]
                self._refuse(event, f"the key {shown(key)} stands twice, first on line {line}")
            self.keys[path] = _position(event)
            level.key = key
            return
        self._put(event, _scalar(event))

    def _start(self, event: yaml.CollectionStartEvent, items: dict[str, Any] | list[Any]) -> None:
        if len(self._open) >= MAX_DEPTH:
            self._refuse(event, f"nested deeper than {MAX_DEPTH} levels")
        if self._open and isinstance(self._open[-1].items, dict) and self._open[-1].key is None:
            self._refuse(event, "a key must be a text")
        self._open.append(_Level(self._put(event, items), items))

    def _put(self, event: yaml.Event, value: Any) -> KeyPath:
        """Hang a value into the mapping or list that is open, and tell its path."""
        if not self._open:
            path: KeyPath = ()
            self._top.append(value)
        else:
            level = self._open[-1]
            if isinstance(level.items, list):
                path = (*level.path, len(level.items))
                level.items.append(value)
            else:
                key = level.key or ""  # set by now: the grammar of YAML puts a key before each value
                path = (*level.path, key)
                level.items[key] = value
                level.key = None
        self.values[path] = _position(event)
        return path


def _position(event: yaml.Event) -> tuple[int, int]:
    mark: Any = event.start_mark  # never None for an event that a parser gave
    return mark.line + 1, mark.column + 1


@cache
def _validator(schema_name: str) -> Draft202012Validator:
    file = resources.policies() / "schemas" / f"{schema_name}.schema.json"
    return Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))


def _check(document: LoadedDocument, validator: Draft202012Validator) -> None:
    """Raise for the schema fault that comes first in the file."""
    faults = [fault for error in validator.iter_errors(document.data) for fault in faults_of(error)]
    if faults:
        first = min(
            faults, key=lambda fault: (document.position(fault.path, of_key=fault.of_key), fault.message)
        )
        document.fail(first.message, *first.path, of_key=first.of_key)
