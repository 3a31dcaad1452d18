"""Case files: what a folder under tests/cases/ says, checked against its schema and then read into records."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import jsonschema
import yaml

from auditor.rules.register import INFOS

CASES = Path(__file__).resolve().parent.parent / "cases"
ReadingName = Literal["default", "strict"]


class BrokenCaseError(Exception):
    """A case file that does not say what it means; a test that meets one fails."""


class _UniqueKeys(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """See SafeLoader."""
        keys = [self.construct_object(key, deep=deep) for key, _ in node.value]
        twice = sorted({str(key) for key in keys if keys.count(key) > 1})
        if twice:
            raise BrokenCaseError(f"{node.start_mark}: written twice: {', '.join(twice)}")
        return super().construct_mapping(node, deep=deep)


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What one question should be answered under one reading."""

    verdict: str | None
    assumptions: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    hops: tuple[Mapping[str, Any], ...] = ()
    blockers: tuple[Mapping[str, Any], ...] | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question, or one row of the edition, and its answers."""

    to: str | None = None
    row: str | None = None
    applies: bool | Literal["unknown"] = True
    level: str | None = None
    pool: str | None = None
    subnet: str | None = None
    default: Expected
    strict: Expected

    def expected(self, reading: ReadingName) -> Expected:
        """The answer under a reading."""
        return self.default if reading == "default" else self.strict


@dataclass(frozen=True, kw_only=True)
class Case:
    """One case file."""

    path: Path
    title: str
    clauses: tuple[str, ...]
    gotcha: str | None = None
    base: str
    edits: tuple[Mapping[str, Any], ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    asks: tuple[Ask, ...] = ()
    exit: Mapping[str, int] | None = None
    found: frozenset[str] = frozenset()
    not_found: frozenset[str] = frozenset()
    waived: frozenset[str] = frozenset()
    told: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The folder below tests/cases/."""
        return self.path.parent.relative_to(CASES).as_posix()


def case_paths() -> list[Path]:
    """Every case file; a folder of an area that holds none is a broken case."""
    areas = sorted(path for path in CASES.iterdir() if path.is_dir() and path.name != "estates")
    folders = [folder for area in areas for folder in sorted(area.iterdir()) if folder.is_dir()]
    for folder in folders:
        if not (folder / "case.yaml").is_file():
            raise BrokenCaseError(f"{folder.relative_to(CASES)} holds no case.yaml")
    return [folder / "case.yaml" for folder in folders]


def case_id(path: Path) -> str:
    """The id of the case in a file, without reading it."""
    return path.parent.relative_to(CASES).as_posix()


def read_case(path: Path) -> Case:
    """The case in a file; BrokenCaseError for whatever does not fit."""
    # bandit's S506 is about loaders that build objects; this one is a SafeLoader
    document = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeys)  # noqa: S506
    return case_of(document, path)


def case_of(document: Any, path: Path) -> Case:
    """The case in a parsed document; BrokenCaseError for whatever does not fit."""
    faults = sorted(
        _validator().iter_errors(document), key=lambda fault: [str(one) for one in fault.absolute_path]
    )
    if faults:
        places = "; ".join(f"{fault.json_path}: {fault.message}" for fault in faults)
        raise BrokenCaseError(f"{path}: {places}")
    return Case(
        path=path,
        title=document["title"],
        clauses=tuple(document["clauses"]),
        gotcha=document.get("gotcha"),
        base=document["base"],
        edits=tuple(document.get("edit", ())),
        options=document.get("options", {}),
        asks=tuple(_asks(document.get("ask", ()), path)),
        exit=document.get("exit"),
        found=_rules(document, "found", path),
        not_found=_rules(document, "not_found", path),
        waived=_rules(document, "waived", path),
        told=tuple(document.get("told", ())),
    )


def _rules(document: Mapping[str, Any], key: str, path: Path) -> frozenset[str]:
    named = frozenset(document.get(key, ()))
    unknown = sorted(named - {info.id for info in INFOS})
    if unknown:
        raise BrokenCaseError(f"{path}: {key} names no rule: {', '.join(unknown)}")
    return named


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((CASES / "case.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def _asks(listed: Sequence[Mapping[str, Any]], path: Path) -> Iterator[Ask]:
    for one in listed:
        default = Expected(
            verdict=one["verdict"],
            assumptions=tuple(one.get("assumptions", ())),
            reasons=tuple(one.get("reasons", ())),
            hops=tuple([one["hop"]] if "hop" in one else one.get("hops", ())),
            blockers=tuple(one["blockers"]) if "blockers" in one else None,
            note=one.get("note", ""),
        )
        where = f"{path}: {one.get('to') or one.get('row')}"
        _check(one, default, where)
        yield Ask(
            to=one.get("to"),
            row=one.get("row"),
            applies=one.get("applies", True),
            level=one.get("level"),
            pool=one.get("pool"),
            subnet=one.get("subnet"),
            default=default,
            strict=_strict(one, default, where),
        )


def _check(one: Mapping[str, Any], default: Expected, where: str) -> None:
    if "hop" in one and "hops" in one:
        raise BrokenCaseError(f"{where}: both hop and hops")
    if default.verdict == "unknown" and not default.reasons:
        raise BrokenCaseError(f"{where}: an unknown has reasons")
    if default.verdict == "unknown" and default.assumptions:
        raise BrokenCaseError(f"{where}: an unknown rests on no assumption")
    if default.verdict in {"allowed", "blocked"} and not default.hops and not default.blockers:
        raise BrokenCaseError(f"{where}: name the hop that decides")
    if "row" not in one and ("level" in one or "applies" in one or default.verdict is None):
        raise BrokenCaseError(f"{where}: level, applies and a null verdict belong to rows")


def _strict(one: Mapping[str, Any], default: Expected, where: str) -> Expected:
    """Under --strict nothing is assumed: an answer that rests on an assumption is unknown (docs/verdicts.md)."""
    if "strict" not in one:
        return Expected(verdict="unknown", reasons=default.assumptions) if default.assumptions else default
    said = one["strict"]
    if default.assumptions and said["verdict"] != "unknown":
        raise BrokenCaseError(f"{where}: an answer with assumptions is unknown under strict")
    if said["verdict"] == "unknown" and not said.get("reasons"):
        raise BrokenCaseError(f"{where}: an unknown has reasons, under strict too")
    return Expected(verdict=said["verdict"], reasons=tuple(said.get("reasons", ())))
