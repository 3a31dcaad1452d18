"""Files that users give with an audit: pinned addresses, appliances, service tag lists."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final, NoReturn

from auditor.errors import InputError
from auditor.model.reading import Appliance, ApplianceRule
from auditor.netset import AddressSet, NamePattern
from auditor.policy.faults import KeyPath, shown
from auditor.policy.yaml_document import LoadedDocument, load_document

MAX_TAG_LIST_BYTES: Final = 64 * 1024 * 1024
"""The published list of the public cloud has 4 MiB."""

_ADDRESS_LIKE: Final = re.compile(r"[0-9./]+(-[0-9.]+)?")
_BY_NAME: Final = frozenset({"http", "https", "mssql", "any"})


def load_pins(path: Path) -> Mapping[str, AddressSet]:
    """The addresses of names in a `--addresses` file, by name or pattern in lower case.

    Raises InputError with `file:line:column` and the value for a bad address, a bad name and a name that
    stands twice in different case.
    """
    return pins_of(load_document(path, "addresses"))


def pins_of(document: LoadedDocument, *at: str | int) -> Mapping[str, AddressSet]:
    """The addresses of names in the mapping at a path of a document; raises as `load_pins` does."""
    body: Any = document.data
    for part in at:
        body = body[part]
    pins: dict[str, AddressSet] = {}
    for name, texts in body.items():
        key = _pattern(document, name, *at, name, of_key=True)
        if key in pins:
            document.fail(f"the name {shown(name)} stands twice; case does not count", *at, name, of_key=True)
        sets = [_addresses(document, text, *at, name, index) for index, text in enumerate(texts)]
        pins[key] = AddressSet.union_all(sets)
    return pins


def load_appliances(path: Path) -> tuple[Appliance, ...]:
    """The appliances that a `--appliance` file describes, in its order.

    Raises InputError with `file:line:column` for a bad address, port or name, for a rule by name that no
    protocol of it can match, and for an address that two appliances have.
    """
    document = load_document(path, "appliance")
    found: dict[str, Appliance] = {}
    for index, body in enumerate(document.data["appliances"]):
        appliance = _appliance(document, index, body)
        if appliance.address in found:
            document.fail(
                f"two appliances have the address {shown(body['address'])}", "appliances", index, "address"
            )
        found[appliance.address] = appliance
    return tuple(found.values())


def load_tag_list(path: Path) -> tuple[str, Mapping[str, Any]]:
    """The name of the file and the service tag list in it, a download or the answer of `az` (design: snapshot).

    Raises InputError if the file is no such list, naming the place of the first bad value.
    """
    text = _read(path)
    body = _json(path, text)
    try:
        _check_tag_list(body)
    except _BadTagListError as error:
        line, column = _locate(text, error.path)
        raise InputError(str(error), place=f"{path}:{line}:{column}") from error
    return str(path), body


# -- pins and appliances -------------------------------------------------------------------------------


def _appliance(document: LoadedDocument, index: int, body: Mapping[str, Any]) -> Appliance:
    at: KeyPath = ("appliances", index)
    text = body["address"]
    try:
        address = str(ip_address(text))
    except ValueError:
        document.fail(f"{shown(text)} is no IP address", *at, "address")
    rules = enumerate(body["rules"])
    return Appliance(
        address=address,
        name=body.get("name", address),
        rules=tuple(_rule(document, (*at, "rules", number), rule) for number, rule in rules),
        default_allow=body.get("default", "deny") == "allow",
        place=document.place(at),
    )


def _rule(document: LoadedDocument, at: KeyPath, body: Mapping[str, Any]) -> ApplianceRule:
    protocols = tuple(body["protocols"])
    sources = tuple(body.get("sources", ("*",)))
    for index, text in enumerate(sources):
        if text != "*":
            _addresses(document, text, *at, "sources", index)
    destinations: list[str] = []
    for index, text in enumerate(body["destinations"]):
        where = (*at, "destinations", index)
        if text == "*":
            destinations.append(text)
        elif _looks_like_addresses(text):
            _addresses(document, text, *where)
            destinations.append(text)
        else:
            destinations.append(_pattern(document, text, *where))
            if not _BY_NAME.intersection(protocols):
                found = ", ".join(protocols)
                document.fail(
                    f"the name {shown(text)} matches http, https and mssql only, not {found}", *where
                )
    ports = tuple(body.get("ports", ("*",)))
    for index, text in enumerate(ports):
        _check_port(document, text, *at, "ports", index)
    return ApplianceRule(
        name=body.get("name", str(int(at[-1]) + 1)),
        sources=sources,
        destinations=tuple(destinations),
        protocols=protocols,
        ports=ports,
        allow=body["action"] == "allow",
    )


def _looks_like_addresses(text: str) -> bool:
    return ":" in text or _ADDRESS_LIKE.fullmatch(text) is not None


def _addresses(document: LoadedDocument, text: str, *at: str | int) -> AddressSet:
    try:
        return AddressSet.parse(text)
    except ValueError:
        document.fail(f"{shown(text)} is no IP address, CIDR block or range", *at)


def _pattern(document: LoadedDocument, text: str, *at: str | int, of_key: bool = False) -> str:
    """The name or pattern as it is compared: lower case, no trailing dot."""
    try:
        return str(NamePattern.parse(text))
    except ValueError as error:
        document.fail(str(error), *at, of_key=of_key)


def _check_port(document: LoadedDocument, text: str, *at: str | int) -> None:
    if text == "*":
        return
    low, _, high = text.partition("-")
    if not 1 <= int(low) <= int(high or low) <= 65535:
        document.fail(f"port {shown(text)} is outside 1-65535 or runs backwards", *at)


# -- service tag lists ---------------------------------------------------------------------------------


class _BadTagListError(Exception):
    """What is wrong with a list, and where in it."""

    def __init__(self, message: str, *path: str | int) -> None:
        super().__init__(message)
        self.path: KeyPath = path


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            raw = file.read(MAX_TAG_LIST_BYTES + 1)
    except OSError as error:
        raise InputError(
            f"cannot be read: {(error.strerror or str(error)).lower()}", place=str(path)
        ) from error
    if len(raw) > MAX_TAG_LIST_BYTES:
        raise InputError(f"larger than {MAX_TAG_LIST_BYTES // 1024**2} MiB", place=str(path))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError("not UTF-8 text", place=f"{path}:{line}:1") from error


def _json(path: Path, text: str) -> Any:
    def refuse(word: str) -> NoReturn:
        start = next((match.start() for match in _TOKEN.finditer(text) if match[0] == word), 0)
        line, column = _position(text, start)
        raise InputError(f"{word} is no JSON number", place=f"{path}:{line}:{column}")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        place = f"{path}:{error.lineno}:{error.colno}"
        raise InputError(f"not JSON: {error.msg[:1].lower()}{error.msg[1:]}", place=place) from error
    except (RecursionError, ValueError) as error:
        raise InputError(
            "not JSON that can be read: nested too deep or a number too long", place=str(path)
        ) from error


def _check_tag_list(body: object) -> None:
    """Raise for what keeps a document from being a service tag list; property names compare without case."""
    if not isinstance(body, dict):
        raise _BadTagListError(f"a service tag list is a mapping, found {shown(body)}")
    values_key, values = _member(body, "values")
    if values_key is None or not isinstance(values, list) or not values:
        raise _BadTagListError(
            "no service tag list: values is missing, empty or no list", values_key or "values"
        )
    for index, tag in enumerate(values):
        at: KeyPath = (values_key, index)
        name_key, name = _member(tag, "name")
        if not isinstance(name, str) or not name:
            raise _BadTagListError(f"service tag {index + 1} has no name", *at, name_key or "name")
        key, properties = _member(tag, "properties")
        prefixes_key, prefixes = _member(properties, "addressPrefixes")
        if key is None or prefixes_key is None or not isinstance(prefixes, list):
            raise _BadTagListError(f"service tag {shown(name)} has no list properties.addressPrefixes", *at)
        _check_prefixes(name, prefixes, (*at, key, prefixes_key))


def _check_prefixes(name: str, prefixes: list[Any], at: KeyPath) -> None:
    try:
        AddressSet.of(*prefixes)
    except (ValueError, TypeError, AttributeError):
        _name_bad_prefix(name, prefixes, at)


def _name_bad_prefix(name: str, prefixes: list[Any], at: KeyPath) -> None:
    for index, text in enumerate(prefixes):
        try:
            AddressSet.parse(text if isinstance(text, str) else "")
        except ValueError as error:
            message = f"service tag {shown(name)}: {shown(text)} is no IP address or CIDR block"
            raise _BadTagListError(message, *at, index) from error


def _member(body: object, name: str) -> tuple[str | None, object]:
    """The key as written and the value of a property, compared without case."""
    if isinstance(body, dict):
        for key, value in body.items():
            if key.lower() == name.lower():
                return key, value
    return None, None


_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{},:]|[^\s"\[\]{},:]+')


def _locate(text: str, path: KeyPath) -> tuple[int, int]:
    """Line and column of a value of a JSON text that parses; of the nearest parent that there is."""
    best = 0
    depth = -1
    for start, found in _values_of(text):
        if found == path[: len(found)] and len(found) > depth:
            best, depth = start, len(found)
            if depth == len(path):
                break
    return _position(text, best)


def _position(text: str, start: int) -> tuple[int, int]:
    return text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)


def _values_of(text: str) -> Iterator[tuple[int, KeyPath]]:
    """Where each value of a JSON text starts, with its path, in the order of the text."""
    path: list[str | int] = []
    in_mapping: list[bool] = []
    expects_key = False
    for match in _TOKEN.finditer(text):
        piece = match[0]
        if piece in "]}":
            in_mapping.pop()
            path.pop()
            expects_key = False
        elif piece == ",":
            expects_key = in_mapping[-1]
            last = path[-1]
            if isinstance(last, int):
                path[-1] = last + 1
        elif expects_key:
            path[-1] = json.loads(piece)
            expects_key = False
        elif piece != ":":
            yield match.start(), tuple(path)
            if piece in "[{":
                in_mapping.append(piece == "{")
                expects_key = piece == "{"
                path.append("" if expects_key else 0)
