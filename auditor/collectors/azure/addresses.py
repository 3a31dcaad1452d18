"""Addresses of calls: built from paths that documents may have written, or given by the service."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from auditor.collectors.azure.request import Request
from auditor.errors import InputError

_HTTPS: Final = 443
_LONGEST: Final = 16_384


def address_of(base: str, request: Request, version: str) -> str:
    """The address of a request; InputError for a path that is none, as an id from a document may be."""
    path = request.path
    segments = path.split("/")
    if not path.startswith("/") or "" in segments[1:] or {".", ".."} & set(segments) or len(path) > _LONGEST:
        raise InputError(f"{path!r:.200} is no path of a resource")
    query = urlencode([*request.query, ("api-version", version)], quote_via=quote, safe="")
    return f"{base}{quote(path, safe='/:@!$&()*+,;=~')}?{query}"


def followed(base: str, link: object) -> str:
    """A link that the service gave (`nextLink`, `Location`), to be followed as it stands (ARM-20).

    Raises InputError where it leaves the cloud's resource manager: the token would go with it.
    """
    if not isinstance(link, str) or len(link) > _LONGEST:
        raise InputError("the answer names a next address that is none")
    try:
        parts, home = urlsplit(link), urlsplit(base)
        same = (
            parts.scheme == home.scheme == "https"
            and parts.username is None
            and parts.hostname == home.hostname
            and (parts.port or _HTTPS) == (home.port or _HTTPS)
        )
    except ValueError:
        same = False
    if not same or not link.isprintable() or "\\" in link:
        raise InputError("the answer names a next address outside the cloud's resource manager; not followed")
    # The SDK would take braces for a template of its own; escaped, they are the same address.
    return link.replace("{", "%7B").replace("}", "%7D")
