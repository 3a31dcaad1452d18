"""The cluster's HTTP proxy: http and https questions that it does not exclude go to it (AKS-27)."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from auditor.filters.parts import NO_CODES, Codes
from auditor.filters.terms import literal
from auditor.model.cluster import HttpProxy
from auditor.model.question import Question, question
from auditor.netset import NamePattern

_DEFAULT_PORTS = {"http": 80, "https": 443}
_UNKNOWN: Codes = frozenset({"enum-unknown"})
_PARTLY: Codes = frozenset({"uncertain:AKS-27"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WayToProxy:
    """What the proxy makes of a question."""

    question: Question | None
    """TCP to the proxy; None where its URL is not understood."""
    unknown: Codes = NO_CODES
    """Why its URL is not understood."""
    perhaps: Codes = NO_CODES
    """Why the question may go direct instead; empty where it surely goes to the proxy."""


def way_to_proxy(asked: Question, proxy: HttpProxy | None) -> WayToProxy | None:
    """The way of a question to the proxy; None when it surely goes direct."""
    if proxy is None or asked.protocol not in {"http", "https"} or asked.own_api_server or asked.anywhere:
        return None
    url = (proxy.https or proxy.http) if asked.protocol == "https" else proxy.http
    if url is None and not proxy.url_doubt:
        return None
    excluded = _excluded(asked, proxy.no_proxy)
    perhaps = proxy.direct_doubt
    if excluded is True:
        # Wrong entries beside this one and a switch that says nothing change nothing; another copy's list may.
        perhaps = perhaps - _UNKNOWN
        if not perhaps:
            return None
    elif excluded is not False:
        perhaps = perhaps | excluded
    to_proxy = _question(url) if url is not None and not proxy.url_doubt else None
    unknown = NO_CODES if to_proxy is not None else proxy.url_doubt or _UNKNOWN
    return WayToProxy(question=to_proxy, unknown=unknown, perhaps=perhaps)


def proxied(asked: Question, proxy: HttpProxy | None) -> Question | None:
    """The question that the proxy turns `asked` into, where it is known; None when it goes direct."""
    way = way_to_proxy(asked, proxy)
    return way.question if way is not None else None


def _question(url: str) -> Question | None:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
        port = _DEFAULT_PORTS.get(parts.scheme, 80) if parts.port is None else parts.port
        shown = f"[{host}]" if ":" in host else host
        return question(shown, "tcp", ((port, port),)) if port else None
    except ValueError:
        return None


def _excluded(asked: Question, no_proxy: tuple[str, ...]) -> bool | Codes:
    """NoProxy holds names, suffixes with or without a leading dot, addresses and CIDRs; `*` excludes everything.

    Codes where that is not known.
    """
    found = [_excludes(entry.strip().lower(), asked) for entry in no_proxy if entry.strip()]
    if True in found:
        return True
    codes: Codes = NO_CODES.union(*(one for one in found if not isinstance(one, bool)))
    return codes or False


def _excludes(entry: str, asked: Question) -> bool | Codes:
    if entry == "*":
        return True
    addresses = literal(entry)
    if addresses is not None:
        if asked.addresses is None:
            return False
        return asked.addresses <= addresses or (_PARTLY if asked.addresses & addresses else False)
    host, colon, port = entry.rpartition(":")
    if colon and port.isdigit() and host:
        # Some software takes a port for that port alone, other software does not know ports.
        return _UNKNOWN if _excludes(host.removeprefix("[").removesuffix("]"), asked) is not False else False
    if asked.name is None:
        return _UNKNOWN if any(char in entry for char in "*?/") else False
    suffix = entry.removeprefix("*").removeprefix(".")
    try:
        exact, below = NamePattern.parse(suffix), NamePattern.parse(f"*.{suffix}")
    except ValueError:
        # What is no name is no name of anybody, unless software knows more wildcards than the documents.
        return _UNKNOWN if any(char in suffix for char in "*?") else False
    if asked.name <= exact or asked.name <= below:
        return True
    return _PARTLY if exact <= asked.name or below <= asked.name else False
