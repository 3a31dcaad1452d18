"""Reading `egress-policy.yaml`: what an organisation asks for, checked down to the column."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar

from auditor import resources
from auditor.errors import InputError
from auditor.model.finding import Place, Severity, Waiver
from auditor.model.reading import Appliance
from auditor.netset import AddressSet
from auditor.policy.baseline import editions
from auditor.policy.destinations import (
    Destination,
    Host,
    destination,
    parse_destination,
    parse_host,
    parse_service,
)
from auditor.policy.faults import KeyPath, did_you_mean, shown
from auditor.policy.files import load_appliances, load_tag_list, pins_of
from auditor.policy.organisation import Organisation, PolicyRow, fits
from auditor.policy.settings import KNOWN_SETTINGS
from auditor.policy.yaml_document import LoadedDocument, load_document

SCHEMA: Final = "egress-policy"
FILE_NAME: Final = "egress-policy.yaml"
"""The file that commands look for in the working directory."""

INCOMPLETENESS: Final = frozenset({"collection-incomplete", "endpoint-undetermined"})
"""Rules that say nothing but what is not known: nobody can accept that, or leave it out."""

_ABOUT_WAIVERS: Final = frozenset({"waiver-expired", "waiver-unused"})
_SCOPE: Final = ("cluster", "subnet", "resource", "endpoint")
_OUTSIDE_QUESTIONS: Final = frozenset({"any", "esp", "ah", "ip"})
"""Protocols that no question is asked by."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyFile:
    """A policy file with all that it refers to."""

    organisation: Organisation
    extends: str | None
    """The edition; None: the newest."""
    settings: Mapping[str, object]
    """Those that a mapping of settings may hold."""
    pins: Mapping[str, AddressSet]
    appliances: tuple[Appliance, ...]
    tag_lists: tuple[tuple[str, Mapping[str, Any]], ...]


def load_policy_file(path: Path) -> PolicyFile:
    """The policy in a file; InputError with `file:line:column` and the value for the first thing that is wrong."""
    document = load_document(path, SCHEMA)
    data: Mapping[str, Any] = document.data
    settings: Mapping[str, Any] = data.get("settings", {})
    severities = data.get("severities", {})
    return PolicyFile(
        organisation=Organisation(
            file=str(path),
            require=tuple(_rows(document, "require")),
            allow=tuple(_rows(document, "allow")),
            forbid=tuple(_rows(document, "forbid")),
            waivers=tuple(_waivers(document)),
            severities={rule: _severity(document, rule, word) for rule, word in severities.items()},
            severity_places={
                rule: _place(document, ("severities", rule), of_key=True) for rule in severities
            },
        ),
        extends=_edition(document),
        settings={key: value for key, value in settings.items() if key in KNOWN_SETTINGS},
        pins=pins_of(document, "settings", "addresses") if "addresses" in settings else {},
        appliances=_appliances(document),
        tag_lists=tuple(_referred(document, "serviceTags", load_tag_list)),
    )


@cache
def known_rules() -> tuple[str, ...]:
    """The ids of all rules, as the schema lists them for editors."""
    file = resources.policies() / "schemas" / f"{SCHEMA}.schema.json"
    schema = json.loads(file.read_text(encoding="utf-8"))
    return tuple(schema["properties"]["severities"]["properties"])


def _place(document: LoadedDocument, path: KeyPath, *, of_key: bool = False) -> Place:
    line, column = document.position(path, of_key=of_key)
    return Place(file=str(document.path), line=line, column=column)


def _edition(document: LoadedDocument) -> str | None:
    name: str | None = document.data.get("extends")
    known = editions()
    if name is not None and name not in known:
        hint = did_you_mean(name, known)
        document.fail(f"no edition is called {shown(name)}{hint}; there are {', '.join(known)}", "extends")
    return name


def _severity(document: LoadedDocument, rule: str, word: str) -> Severity | None:
    if word != "off":
        return Severity(word)
    if rule in INCOMPLETENESS:
        document.fail(f"{rule} cannot be off: it tells that the audit is incomplete", "severities", rule)
    return None


# -- rows ----------------------------------------------------------------------------------------------


def _rows(document: LoadedDocument, kind: str) -> Iterator[PolicyRow]:
    for index, body in enumerate(document.data.get(kind, ())):
        at: KeyPath = (kind, index)
        texts = _listed(body["to"])
        excepted = tuple(
            _parsed(document, parse_host, text, (*at, "except", number))
            for number, text in enumerate(body.get("except", ()))
        )
        if any(host.anywhere for host in excepted):
            document.fail("nothing is left of a row that excepts everything", *at, "except")
        found = tuple(_destinations(document, at, body, texts))
        if kind == "require":
            _check_required(document, at, body, found)
        if kind == "forbid":
            _check_forbidden(document, at, found)
        yield PolicyRow(
            number=index + 1,
            to=_short(texts, body.get("services", ())),
            destinations=found,
            excepted=excepted,
            clusters=tuple(body.get("clusters", ())),
            reason=body.get("reason", body.get("purpose", "")),
            breaks=body.get("breaks", ""),
            place=_place(document, at),
        )


def _destinations(
    document: LoadedDocument, at: KeyPath, body: Mapping[str, Any], texts: list[str]
) -> Iterator[Destination]:
    if "services" not in body:
        for number, text in enumerate(texts):
            yield _parsed(document, parse_destination, text, _to_place(at, body, number))
        return
    services = [
        _parsed(document, parse_service, text, (*at, "services", number))
        for number, text in enumerate(body["services"])
    ]
    for number, text in enumerate(texts):
        where = _to_place(at, body, number)
        host: Host = _parsed(document, parse_host, text, where)
        for service in services:
            try:
                yield destination(host, service)
            except ValueError as error:
                document.fail(str(error), *where)


def _check_required(
    document: LoadedDocument, at: KeyPath, body: Mapping[str, Any], found: tuple[Destination, ...]
) -> None:
    """What is required is asked for as a question, so it must be one."""
    for number, one in enumerate(found):
        where = _to_place(at, body, number)
        if one.service.protocol in _OUTSIDE_QUESTIONS:
            document.fail(f"{shown(one.to)}: name the protocol that is required", *where)
        if any(low == 0 for low, _ in one.service.ports):
            document.fail(f"{shown(one.to)}: name the ports that are required, from 1 to 65535", *where)
        if one.host.anywhere and one.service.application is not None:
            document.fail(f"{shown(one.to)}: name the host that is required", *where)


def _check_forbidden(document: LoadedDocument, at: KeyPath, found: tuple[Destination, ...]) -> None:
    """A name that is forbidden is asked for as questions."""
    for one in found:
        if one.host.name is not None and one.service.protocol in _OUTSIDE_QUESTIONS - {"any"}:
            document.fail(
                f"{shown(one.to)}: a name is forbidden by tcp, udp, icmp, http, https, mssql or any", *at
            )


def _to_place(at: KeyPath, body: Mapping[str, Any], number: int) -> KeyPath:
    return (*at, "to", number) if isinstance(body["to"], list) else (*at, "to")


def _parsed(document: LoadedDocument, parse: Callable[[str], T], text: str, at: KeyPath) -> T:
    try:
        return parse(text)
    except ValueError as error:
        document.fail(str(error), *at)


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _short(texts: list[str], services: list[str] | tuple[str, ...]) -> str:
    """`a, b and 3 more by tcp/443`: a row in a few words."""
    return _few(texts) + (f" by {_few(list(services))}" if services else "")


def _few(texts: list[str]) -> str:
    more = f" and {len(texts) - 2} more" if len(texts) > 3 else ""
    return ", ".join(texts[:2] if more else texts) + more


# -- waivers -------------------------------------------------------------------------------------------


def _waivers(document: LoadedDocument) -> Iterator[Waiver]:
    seen: dict[tuple[str, tuple[str, ...]], int] = {}
    for index, body in enumerate(document.data.get("waivers", ())):
        at: KeyPath = ("waivers", index)
        scope = tuple(f"{key}={text}" for key in _SCOPE if key in body for text in _listed(body[key]))
        one = Waiver(
            rule=_waived_rule(document, at, body["rule"]),
            scope=scope,
            reason=body["reason"],
            owner=body["owner"],
            expires=_date(document, at, body["expires"]),
            place=_place(document, at),
        )
        same = (one.rule.lower(), tuple(sorted(text.lower() for text in scope)))
        if same in seen:
            document.fail(f"a waiver of {one.rule} with this scope stands on line {seen[same]} already", *at)
        seen[same] = one.place.line
        yield one


def _waived_rule(document: LoadedDocument, at: KeyPath, rule: str) -> str:
    known = known_rules()
    meant = [name for name in known if fits(rule, name)]
    if not meant:
        hint = did_you_mean(rule, known)
        document.fail(f"no rule is called {shown(rule)}{hint}; there are {', '.join(known)}", *at, "rule")
    if INCOMPLETENESS.issuperset(meant):
        message = f"{rule} cannot be waived: it tells that the audit is incomplete"
        document.fail(f"{message} (--allow-incomplete accepts that for a run)", *at, "rule")
    if _ABOUT_WAIVERS.issuperset(meant):
        document.fail(f"{rule} cannot be waived: mend the waiver that it tells of", *at, "rule")
    return rule


def _date(document: LoadedDocument, at: KeyPath, text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        document.fail(f"expires: {shown(text)} is no day of the calendar", *at, "expires")


# -- files beside the policy ---------------------------------------------------------------------------


def _appliances(document: LoadedDocument) -> tuple[Appliance, ...]:
    found: dict[str, Appliance] = {}
    for several in _referred(document, "appliances", load_appliances):
        for one in several:
            if one.address in found:
                before = found[one.address].place
                raise InputError(
                    f"the appliance {one.address} is described at {before} already", place=one.place
                )
            found[one.address] = one
    return tuple(found.values())


def _referred(document: LoadedDocument, key: str, load: Callable[[Path], T]) -> Iterator[T]:
    for index, text in enumerate(document.data.get("settings", {}).get(key, ())):
        path = document.path.parent / text
        if "\0" in text or not path.is_file():
            document.fail(f"there is no file {shown(text)} beside the policy", "settings", key, index)
        yield load(path)
