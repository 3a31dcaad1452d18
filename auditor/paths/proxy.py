"""The cluster's HTTP proxy: http and https questions that it does not exclude go to it (AKS-27)."""

from __future__ import annotations

from urllib.parse import urlsplit

from auditor.filters.terms import literal
from auditor.model.cluster import HttpProxy
from auditor.model.question import Question, question
from auditor.netset import NamePattern

_DEFAULT_PORTS = {"http": 80, "https": 443}


def proxied(asked: Question, proxy: HttpProxy | None) -> Question | None:
    """The question that the proxy turns `asked` into: TCP to the proxy; None when it goes direct."""
    if proxy is None or asked.protocol not in {"http", "https"} or asked.own_api_server or asked.anywhere:
        return None
    if _excluded(asked, proxy.no_proxy):
        return None
    url = (proxy.https or proxy.http) if asked.protocol == "https" else proxy.http
    return _question(url) if url else None


def _question(url: str) -> Question | None:
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host = parts.hostname or ""
        port = parts.port or _DEFAULT_PORTS.get(parts.scheme, 80)
        shown = f"[{host}]" if ":" in host else host
        return question(shown, "tcp", ((port, port),))
    except ValueError:
        return None


def _excluded(asked: Question, no_proxy: tuple[str, ...]) -> bool:
    """NoProxy holds names, suffixes with or without a leading dot, addresses and CIDRs; `*` excludes everything."""
    return any(_excludes(entry.strip().lower(), asked) for entry in no_proxy if entry.strip())


def _excludes(entry: str, asked: Question) -> bool:
    if entry == "*":
        return True
    addresses = literal(entry)
    if addresses is not None:
        return asked.addresses is not None and asked.addresses <= addresses
    if asked.name is None:
        return False
    suffix = entry.removeprefix("*").removeprefix(".")
    try:
        exact, below = NamePattern.parse(suffix), NamePattern.parse(f"*.{suffix}")
    except ValueError:
        return False
    return asked.name <= exact or asked.name <= below
