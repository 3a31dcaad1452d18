"""Baseline editions: what AKS clusters need to reach, as one published page of one date has it.

An edition is a file in `policies/`; the records here mirror it. Loading proves that every condition reads
known facts only, that rows name conditions which exist and that ids are unique, so later code need not ask.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from auditor import resources
from auditor.errors import InputError
from auditor.policy.conditions import Condition, Holding, condition_holds, facts_in, problem_of
from auditor.policy.fact_names import KNOWN_FACTS
from auditor.policy.faults import did_you_mean, shown
from auditor.policy.yaml_document import LoadedDocument, load_document

__all__ = [
    "Alternative",
    "Condition",
    "Edition",
    "Holding",
    "Prerequisite",
    "Row",
    "Source",
    "condition_holds",
    "editions",
    "load_edition",
    "newest",
    "read_edition",
]

Level = Literal["required", "recommended", "conditional"]
Cloud = Literal["public", "usgov", "china", "any"]
DestinationKind = Literal["name", "any", "service-tag", "custom-dns", "api-server"]
Protocol = Literal["tcp", "udp", "http", "https"]
Practice = Literal["retired", "alias"]
AlternativeKind = Literal["any", "service-tag", "region-cidrs", "api-server", "name"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another form of a row's destination that serves as well."""

    kind: AlternativeKind
    """What the value is."""
    value: str
    """`*`, a service tag, a name, `<region-cidrs>` or `<api-server>`."""
    only_with: str | None
    """What the network must have for this form to work; None: nothing special."""


@dataclass(frozen=True, slots=True)
class Row:
    """One endpoint that clusters need."""

    id: str
    """Stable name, unique in the edition."""
    level: Level
    """As published; `conditional` is required when the condition holds."""
    condition: str
    """The id of the condition under which the row applies."""
    unless: tuple[str, ...]
    """Ids of conditions of which each one alone makes the row not applicable."""
    cloud: Cloud
    """`any` where the page does not say."""
    destination: str
    """A name or pattern, `*`, a service tag, `<custom-dns>` or `<api-server>`; `<location>` is the region."""
    destination_kind: DestinationKind
    """What the destination is."""
    narrow: Literal["api-server-fqdn"] | None
    """The cluster's own value that takes the place of the published wildcard."""
    ports: tuple[int, ...]
    """Destination ports."""
    protocol: Protocol
    """`http` and `https` may be met by application rules."""
    also_tcp: bool
    """The same ports are judged over TCP as well, as recommended."""
    service_tags: tuple[str, ...]
    """Tags that the page itself names for the row."""
    alternatives: tuple[Alternative, ...]
    """Every form of the destination that the page offers, in its order; empty: the destination alone."""
    purpose: str
    """What the traffic is for."""
    breaks: str
    """What stops working when it is blocked."""
    practice: Practice | None
    """Set when practice is known to differ from the page; the row is then reported as recommended."""
    practice_source: str | None
    """Where that is said; set exactly when `practice` is."""
    practice_note: str | None
    """What is said there; set exactly when `practice` is."""
    note: str | None
    """Anything else worth knowing."""
    section: str
    """The heading on the page under which the row stands."""


@dataclass(frozen=True, slots=True)
class Prerequisite:
    """Something the page wants done before any rule counts."""

    id: str
    """The name, unique in the edition."""
    text: str
    """What is asked for."""
    reads: str | None
    """The fact that shows it; None when no document can."""


@dataclass(frozen=True, slots=True)
class Source:
    """The text that was read."""

    url: str
    """The live page."""
    repository: str
    """Where its text is kept, owner/name on GitHub."""
    path: str
    """The file in the repository."""
    commit: str
    """The commit that was read."""
    commit_date: date
    """When that commit was made; editions follow each other in this order."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A baseline: all rows of one page at one date."""

    edition: str
    """The name, as `--policy` takes it."""
    title: str
    """The title of the page."""
    published: date
    """The date that the page gives itself."""
    status: str
    """Preview or generally available."""
    source: Source
    """Where it was read."""
    notes: tuple[str, ...]
    """How the page was read."""
    about: str | None
    """What a reader of today should know."""
    prerequisites: tuple[Prerequisite, ...]
    """What comes before the rows."""
    conditions: tuple[Condition, ...]
    """All conditions, in the order of the file."""
    rows: tuple[Row, ...]
    """All endpoints, in the order of the page."""

    def condition(self, condition_id: str) -> Condition:
        """The condition of that id, which a row of this edition names."""
        return next(condition for condition in self.conditions if condition.id == condition_id)

    def rows_of(self, cloud: str) -> tuple[Row, ...]:
        """The rows for one cloud, with those that the page gives for no cloud in particular."""
        return tuple(row for row in self.rows if row.cloud in (cloud, "any"))


def editions() -> tuple[str, ...]:
    """The names of all editions, oldest first."""
    files = resources.policies().glob("*.yaml")
    dated = ((match["date"], file.stem) for file in files if (match := _EDITION_NAME.fullmatch(file.stem)))
    return tuple(name for _, name in sorted(dated))


def newest() -> str:
    """The name of the edition that an audit uses by default."""
    return editions()[-1]


def load_edition(name: str) -> Edition:
    """The edition of that name; InputError, naming those that exist, if there is none."""
    known = editions()
    if name not in known:
        hint = did_you_mean(name, known)
        raise InputError(f"no edition is called {shown(name)}{hint}; there are {', '.join(known)}")
    return _load_shipped(resources.policies() / f"{name}.yaml")


def read_edition(path: Path) -> Edition:
    """The edition in a file; InputError with the place of the first thing that is wrong."""
    document = load_document(path, "baseline")
    data: Mapping[str, Any] = document.data
    if data["edition"] != path.stem:
        document.fail(
            f"the edition is called {shown(data['edition'])}, its file {shown(path.stem)}", "edition"
        )
    edition = Edition(
        edition=data["edition"],
        title=data["title"],
        published=_date(document, "published"),
        status=data["status"],
        source=_source(document),
        notes=tuple(data["notes"]),
        about=data.get("about"),
        prerequisites=tuple(
            Prerequisite(one["id"], one["text"], one["reads"]) for one in data["prerequisites"]
        ),
        conditions=tuple(
            Condition(key, one["when"], tuple(one["reads"]), one["text"])
            for key, one in data["conditions"].items()
        ),
        rows=tuple(_row(one) for one in data["rows"]),
    )
    _check_conditions(document, edition)
    _check_prerequisites(document, edition)
    _check_rows(document, edition)
    return edition


_EDITION_NAME: Final = re.compile(r"[a-z0-9-]+-(?P<date>\d{4}-\d{2}-\d{2})")


@cache
def _load_shipped(path: Path) -> Edition:
    return read_edition(path)


def _date(document: LoadedDocument, *path: str) -> date:
    value: Any = document.data
    for key in path:
        value = value[key]
    try:
        return date.fromisoformat(value)
    except ValueError:
        document.fail(f"{'.'.join(path)}: {shown(value)} is no date", *path)


def _source(document: LoadedDocument) -> Source:
    source = document.data["source"]
    return Source(
        url=source["url"],
        repository=source["repository"],
        path=source["path"],
        commit=source["commit"],
        commit_date=_date(document, "source", "commitDate"),
    )


def _row(row: Mapping[str, Any]) -> Row:
    return Row(
        id=row["id"],
        level=row["level"],
        condition=row["condition"],
        unless=tuple(row.get("unless", ())),
        cloud=row["cloud"],
        destination=row["destination"],
        destination_kind=row["destinationKind"],
        narrow=row.get("narrow"),
        ports=tuple(row["ports"]),
        protocol=row["protocol"],
        also_tcp=row.get("alsoTcp", False),
        service_tags=tuple(row.get("serviceTags", ())),
        alternatives=tuple(
            Alternative(one["kind"], one["value"], one.get("onlyWith")) for one in row.get("alternatives", ())
        ),
        purpose=row["purpose"],
        breaks=row["breaks"],
        practice=row.get("practice"),
        practice_source=row.get("practiceSource"),
        practice_note=row.get("practiceNote"),
        note=row.get("note"),
        section=row["section"],
    )


def _check_conditions(document: LoadedDocument, edition: Edition) -> None:
    for condition in edition.conditions:
        at = ("conditions", condition.id)
        for index, name in enumerate(condition.reads):
            if name not in KNOWN_FACTS:
                hint = did_you_mean(name, sorted(KNOWN_FACTS))
                document.fail(
                    f"condition {condition.id}: unknown fact {shown(name)}{hint}", *at, "reads", index
                )
        problem = problem_of(condition)
        if problem:
            document.fail(f"condition {condition.id}: {problem}", *at, "when")
        used = set(facts_in(condition.when)) if isinstance(condition.when, str) else set()
        for index, name in enumerate(condition.reads):
            if name not in used:
                document.fail(
                    f"condition {condition.id}: the expression does not read {shown(name)}",
                    *at,
                    "reads",
                    index,
                )


def _check_prerequisites(document: LoadedDocument, edition: Edition) -> None:
    _check_unique(document, "prerequisites", [one.id for one in edition.prerequisites])
    for index, prerequisite in enumerate(edition.prerequisites):
        if prerequisite.reads is not None and prerequisite.reads not in KNOWN_FACTS:
            hint = did_you_mean(prerequisite.reads, sorted(KNOWN_FACTS))
            message = f"prerequisite {prerequisite.id}: unknown fact {shown(prerequisite.reads)}{hint}"
            document.fail(message, "prerequisites", index, "reads")


_FIXED_DESTINATIONS: Final = {"any": "*", "custom-dns": "<custom-dns>", "api-server": "<api-server>"}


def _check_rows(document: LoadedDocument, edition: Edition) -> None:
    _check_unique(document, "rows", [row.id for row in edition.rows])
    known = [condition.id for condition in edition.conditions]
    for index, row in enumerate(edition.rows):
        if row.condition not in known:
            message = (
                f"row {row.id}: unknown condition {shown(row.condition)}{did_you_mean(row.condition, known)}"
            )
            document.fail(message, "rows", index, "condition")
        for position, name in enumerate(row.unless):
            if name not in known:
                message = f"row {row.id}: unknown condition {shown(name)}{did_you_mean(name, known)}"
                document.fail(message, "rows", index, "unless", position)
        fixed = _FIXED_DESTINATIONS.get(row.destination_kind)
        if fixed is None and row.destination in _FIXED_DESTINATIONS.values():
            message = f"row {row.id}: {shown(row.destination)} is no {row.destination_kind}"
            document.fail(message, "rows", index, "destination")
        if fixed is not None and row.destination != fixed:
            message = f"row {row.id}: expected {shown(fixed)}, found {shown(row.destination)}"
            document.fail(message, "rows", index, "destination")


def _check_unique(document: LoadedDocument, key: str, ids: list[str]) -> None:
    seen: dict[str, int] = {}
    for index, name in enumerate(ids):
        if name in seen:
            first = document.place((key, seen[name], "id")).rsplit(":", 2)[1]
            document.fail(
                f"{key}: the id {shown(name)} stands twice, first on line {first}", key, index, "id"
            )
        seen[name] = index
