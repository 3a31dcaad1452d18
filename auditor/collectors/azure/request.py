"""One read of Azure Resource Manager, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from auditor.collectors.azure.api_versions import api_version_of, kind_of_path
from auditor.model.resource_id import ResourceId

Status = Literal["complete", "denied", "failed", "partial", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to read: a resource, a list, or a question that is put by POST."""

    path: str
    """Below the resource manager's address, starting with a slash, without a query."""
    method: Literal["GET", "POST"] = "GET"
    api_version: str | None = None
    """None stands for the newest that this tool knows of the kind (ARM-1)."""
    query: tuple[tuple[str, str], ...] = ()
    """Parameters beside `api-version`, unescaped."""
    body: Mapping[str, Any] | None = None
    """What a POST says, as JSON."""
    paged: bool = False
    """Whether the answer is a list, to be read to its last page (ARM-20)."""

    @property
    def kind(self) -> str:
        """The type that is read, as the path spells it, with the name of an action behind it; see `kind_of_path`."""
        return kind_of_path(self.path)

    @property
    def provider(self) -> str:
        """The resource provider in lower case, such as `microsoft.network`; empty outside providers."""
        kind = self.kind.lower()
        return kind.partition("/")[0] if "." in kind else ""

    @property
    def subscription(self) -> str | None:
        """The subscription's id in lower case, or None outside subscriptions."""
        return ResourceId(self.path).subscription

    @property
    def version(self) -> str:
        """The api-version that is asked for."""
        return self.api_version or api_version_of(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a read ended, and what it gave; JSON values are exactly as the service sent them."""

    status: Status
    """`complete`; `partial`: a later page failed, `documents` holds those before it; `absent`: there is no such
    thing (404); `denied`: the caller may not (401, 403); `failed`: anything else, after all retries.
    """
    documents: tuple[Any, ...] = ()
    """The entries of a list, from all pages, in order. Whatever a list held is kept, even what is no object."""
    body: Any = None
    """The answer of a read that is no list."""
    pages: int = 0
    """Pages that were read whole; 1 for a read that is no list."""
    error: str | None = None
    """One line: what went wrong. A 403 names the action and the scope that the caller lacks (ARM-21)."""
    code: str | None = None
    """The service's own error code, such as `AuthorizationFailed`."""
    http_status: int | None = None
    """Of the last response; None where there was none."""
    api_version: str = ""
    """The one that was answered; an older one where the cloud does not know the one asked for (ARM-1)."""
    calls: int = 0
    """HTTP requests that the read took, retries included."""

    @property
    def complete(self) -> bool:
        """Whether everything that was asked for was read."""
        return self.status == "complete"
