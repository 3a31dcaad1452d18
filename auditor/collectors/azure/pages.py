"""The entries of one page of a list, and how the next page is asked for (ARM-20, ARM-32)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from auditor.collectors.azure.request import Request
from auditor.errors import InputError


@dataclass(frozen=True, slots=True)
class Page:
    """The page that follows: a link to follow as it stands, or the same question with a token in its body."""

    mark: str
    """What tells the page from others: the same one twice is a loop."""
    link: str | None = None
    body: Mapping[str, Any] | None = None


def entries(value: Any) -> list[Any]:
    """The entries of a page, whatever they are: `value`, or `data` of Resource Graph; InputError if it has none."""
    if isinstance(value, dict):
        for name in ("value", "data"):
            found = value.get(name)
            if isinstance(found, list):
                return found
    raise InputError("the answer is no list")


def next_page(value: Mapping[str, Any], request: Request) -> Page | None:
    """The next page, or None after the last one; InputError where the service says that some is held back."""
    link = value.get("nextLink")
    if link:
        return Page(str(link), link=link)
    if request.method == "GET":
        return None
    return _graph_page(value, request) if "data" in value else _token_page(value, request)


def _token_page(value: Mapping[str, Any], request: Request) -> Page | None:
    """Effective admin rules carry a token from the answer into the next question's body."""
    token = value.get("skipToken")
    if not token:
        return None
    return Page(str(token), body={**(request.body or {}), "skipToken": token})


def _graph_page(value: Mapping[str, Any], request: Request) -> Page | None:
    token = value.get("$skipToken")
    if token:
        body = request.body or {}
        options = body.get("options")
        kept = options if isinstance(options, dict) else {}
        return Page(str(token), body={**body, "options": {**kept, "$skipToken": token}})
    if str(value.get("resultTruncated")).lower() == "true":
        raise InputError("Resource Graph holds back a part of the answer")
    return None
