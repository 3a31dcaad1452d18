"""Base estates and their edits: raw documents and manifest rows, before anything of the product reads them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from auditor import resources
from tests.cases_support.case_file import CASES, BrokenCaseError

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_STEP = re.compile(r"([^.\[\]]+)?(?:\[([^\]]+)\])?")
Json = dict[str, Any]


@dataclass
class EstateDocuments:
    """An estate as files hold it; edits change it in place."""

    manifest: Json
    documents: list[Json]

    def write(self, folder: Path) -> None:
        """Write it as a snapshot folder."""
        folder.mkdir(parents=True)
        lines = "".join(json.dumps(document) + "\n" for document in self.documents)
        (folder / "resources.jsonl").write_text(lines, encoding="utf-8")
        (folder / "manifest.json").write_text(json.dumps(self.manifest), encoding="utf-8")

    def one(self, suffix: str) -> Json:
        """The document whose id ends so; BrokenCaseError unless it is exactly one."""
        found = [document for document in self.documents if _ends_with(document["id"], suffix)]
        if len(found) != 1:
            shown = ", ".join(document["id"] for document in found) or "none"
            raise BrokenCaseError(f"{suffix!r} must be the end of one id, found {shown}")
        return found[0]

    def apply(self, edits: Iterable[Mapping[str, Any]]) -> None:
        """Make the edits in their order; BrokenCaseError for one that changes nothing."""
        for edit in edits:
            ((verb, what),) = edit.items()
            before = json.dumps([self.manifest, self.documents])
            self._apply(verb, self._expanded(what))
            if json.dumps([self.manifest, self.documents]) == before:
                raise BrokenCaseError(f"this edit changes nothing: {json.dumps(edit)[:200]}")

    def _apply(self, verb: str, what: Any) -> None:
        match verb:
            case "set":
                holder, key = _place(self.one(what["resource"]), what["path"])
                holder[key] = what["value"]
            case "append":
                holder, key = _place(self.one(what["resource"]), what["path"])
                holder[key] = [*(holder.get(key) or ()), what["value"]]
            case "merge":
                document = self.one(what["resource"])
                document["properties"] = _merged(document["properties"], what["value"])
            case "copy":
                document = self.one(what["resource"])
                self.documents.append(
                    {**document, "properties": _merged(document["properties"], what["value"])}
                )
            case "add":
                self._add(what if isinstance(what, list) else [what])
            case "remove":
                self.documents.remove(self.one(what))
            case "removeAll":
                self._remove_all(what)
            case "versions":
                for row in self._rows(what["kind"], ""):
                    row["apiVersion"] = what["apiVersion"]
            case "unread":
                self._unread(what)
            case _:
                raise BrokenCaseError(f"no edit is called {verb!r}")

    def _add(self, documents: list[Json]) -> None:
        known = {document["id"].lower() for document in self.documents}
        for document in documents:
            if document["id"].lower() in known:
                raise BrokenCaseError(f"{document['id']} is there already; set or merge it")
            name = document["id"].rsplit("/", 1)[-1]
            self.documents.append(
                {"name": name, "type": _kind(document["id"]), "location": "westeurope", **document}
            )

    def _remove_all(self, prefix: str) -> None:
        below = prefix.lower().rstrip("/") + "/"
        kept = [
            document for document in self.documents if not (document["id"].lower() + "/").startswith(below)
        ]
        if len(kept) == len(self.documents):
            raise BrokenCaseError(f"no id begins with {prefix!r}")
        self.documents = kept
        self.manifest["reads"] = [
            row for row in self.manifest["reads"] if not (row["scope"].lower() + "/").startswith(below)
        ]

    def _unread(self, what: Mapping[str, str]) -> None:
        for row in self._rows(what["kind"], what.get("scope", "")):
            if what["status"] == "absent":
                self.manifest["reads"].remove(row)
            else:
                row["status"] = what["status"]

    def _rows(self, kind: str, scope: str) -> list[Json]:
        rows: list[Json] = self.manifest["reads"]
        found = [
            row for row in rows if row["kind"].lower() == kind.lower() and _ends_with(row["scope"], scope)
        ]
        if not found:
            raise BrokenCaseError(f"no manifest row for {kind} under {scope or 'any scope'}")
        return found

    def _expanded(self, value: Any) -> Any:
        """The value with every `${end of an id}` written out."""
        if isinstance(value, str):
            return _REFERENCE.sub(lambda found: str(self.one(found[1])["id"]), value)
        if isinstance(value, list):
            return [self._expanded(item) for item in value]
        if isinstance(value, dict):
            return {key: self._expanded(item) for key, item in value.items()}
        return value


def load_estate(name: str) -> EstateDocuments:
    """A fresh copy of a base estate of tests/cases/estates/ or of a bundled example."""
    return copy.deepcopy(_read(name))


@cache
def _read(name: str) -> EstateDocuments:
    folder = CASES / "estates" / name
    if not folder.is_dir():
        folder = resources.examples() / name
    if not folder.is_dir():
        raise BrokenCaseError(f"no estate and no example is called {name!r}")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    documents: list[Json] = []
    for path in sorted(folder.glob("*.json*")):
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".jsonl":
            documents += [json.loads(line) for line in text.splitlines()]
        elif path.name != "manifest.json":
            value = json.loads(text)
            documents += value if isinstance(value, list) else [value]
    return EstateDocuments(manifest=manifest, documents=documents)


def _ends_with(text: str, suffix: str) -> bool:
    return not suffix or f"/{text.strip('/')}".lower().endswith(f"/{suffix.strip('/')}".lower())


def _kind(reference: str) -> str:
    provider, *rest = reference.rsplit("/providers/", 1)[1].split("/")
    return "/".join([provider, *rest[::2]])


def _place(document: Json, path: str | Sequence[str]) -> tuple[Json, str]:
    """The object that holds the last step of a path, and that step; every step before it must be there."""
    steps = _steps(path) if isinstance(path, str) else [(step, None) for step in path]
    holder: Any = document
    for name, element in steps[:-1]:
        holder = _step(holder, name, element, path)
    last, element = steps[-1]
    if element is not None or not isinstance(holder, dict):
        raise BrokenCaseError(f"{path}: the last step must be a property of an object")
    return holder, last


def _steps(path: str) -> list[tuple[str, str | None]]:
    found: list[tuple[str, str | None]] = []
    for text in path.split("."):
        match = _STEP.fullmatch(text)
        if match is None or match[1] is None:
            raise BrokenCaseError(f"{path}: {text!r} is no step; expected name or name[element]")
        found.append((match[1], match[2]))
    return found


def _step(holder: Any, name: str, element: str | None, path: str | Sequence[str]) -> Any:
    if not isinstance(holder, dict) or name not in holder:
        raise BrokenCaseError(f"{path}: there is no {name!r}")
    inner = holder[name]
    if element is None:
        return inner
    chosen = [item for item in inner if item.get("name") == element]
    if len(chosen) != 1:
        raise BrokenCaseError(f"{path}: {len(chosen)} elements of {name!r} are named {element!r}")
    return chosen[0]


def _merged(target: Any, patch: Any) -> Any:
    """RFC 7396: null takes a member away."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = _merged(result.get(key), value)
    return result
