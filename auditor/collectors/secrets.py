"""Secrets in ARM documents: removed before anything touches the disk; everything else stays as it is.

Azure hands out few secrets on reads, and leaves out most; but user data, settings of extensions, free-form
configuration and URLs hold what people put there. A member that is a secret by its name goes as a whole. Inside
a text only the secret goes, so that the host of a proxy or the address of a file can still be read.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Final

REMOVED: Final = "REMOVED"
"""What stands in a text in the place of a secret."""

_STAYS: Final = frozenset({"skiptoken", "$skiptoken", "continuationtoken", "pagetoken"})
"""Marks of unread pages, which verdicts depend on (ARM-20)."""
_WHOLE: Final = re.compile(
    r"customdata|userdata|.*protectedsettings(?:fromkeyvault)?|.*kubeconfigs?|commandtoexecute|.*credentials?"
    r"|.*passw(?:or)?ds?|.*pwd|.*passphrase|secret.*|.*secrets?|.*connectionstrings?"
)
"""Members that are secrets whatever they hold. Names are compared without case, blanks, dots and dashes."""
_TEXT: Final = re.compile(r".*keys?|.*tokens?|.*signature|.*sasurls?|.*sas")
"""Members that are secrets if they are texts."""
_PUBLIC: Final = re.compile(r".*publickeys?|.*vaultkey|partitionkeys?")
_SEPARATORS: Final = re.compile(r"[\s._/-]+")

_PRIVATE_KEY: Final = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
_KUBECONFIG: Final = re.compile(r"\bclient-key-data\s*:|\bkind\s*:\s*Config\b.*\busers\s*:", re.DOTALL)
_NAMES: Final = (
    r"sig|account_?key|shared_?access_?(?:key|signature)|(?:[\w-]*_?)password|pwd|(?:client_?)?secret"
    r"|(?:access_?|refresh_?|id_?|sas_?)token|api_?key|private_?key"
)
_ASSIGNED: Final = re.compile(rf"(?<![\w%])({_NAMES})(\s*=\s*)[^&;\s\"'<>]+", re.IGNORECASE)
_QUOTED: Final = re.compile(
    rf"(\\?[\"'](?:{_NAMES})\\?[\"']\s*:\s*\\?[\"']).*?(?=\\?[\"'](?:\s*[,}}\]]|\s*\Z))",
    re.IGNORECASE | re.DOTALL,
)
_USER: Final = re.compile(
    r"(\b[a-z][a-z0-9+.-]{0,20}://)(?:[^/?#\s]+|[^/?#\s@:]+:(?!\d{1,5}[/?#])[^\s@]*)@", re.IGNORECASE
)
"""User and password of a URL; a password may hold a slash, which a port is not followed by here."""
_JWT: Final = re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*")
_BEARER: Final = re.compile(r"\b(bearer\s+)[\w.~+/-]{16,}=*", re.IGNORECASE)
_MARKS: Final = re.compile(r"[=@]|PRIVATE KEY|client-key-data|kind\s*:|eyJ|bearer|[\"']\s*:", re.IGNORECASE)
"""What a text with a secret in it has somewhere."""


def without_secrets(value: Any) -> Any:
    """The JSON value without its secrets; the value itself is not changed.

    Raises RecursionError for a value nested deeper than Python's stack, which no snapshot can hold either.
    """
    # the order of the questions, and the types asked for, are about time: this sees every value that is read
    kind = type(value)
    if kind is str:
        return _without(value) if _may_hold_one(value) and _MARKS.search(value) else value
    if kind is dict:
        return {
            key: without_secrets(member)
            for key, member in value.items()
            if (suspicion := _suspicion(key)) is None or not _is_secret(suspicion, member)
        }
    if kind is list:
        return [without_secrets(member) for member in value]
    return value


def _may_hold_one(text: str) -> bool:
    """Whether `_MARKS` may find something: most texts have none of these, which takes a tenth of its time to see."""
    return (
        "=" in text
        or ":" in text
        or "@" in text
        or "eyJ" in text
        or "PRIVATE KEY" in text
        or "bearer" in text.lower()
    )


@lru_cache(maxsize=1 << 14)
def _suspicion(name: str) -> str | None:
    """What the name of a member says: a secret as a `whole`, or if it is a `text`; None for nothing."""
    plain = _SEPARATORS.sub("", name).lower()
    if plain in _STAYS:
        return None
    if _WHOLE.fullmatch(plain):
        return "whole"
    return "text" if _TEXT.fullmatch(plain) and not _PUBLIC.fullmatch(plain) else None


def _is_secret(suspicion: str, value: Any) -> bool:
    """Whether a member with a suspicious name is a secret; a switch such as `enabled` never is."""
    if value is None or isinstance(value, bool):
        return False
    return not _is_switch(value) if suspicion == "whole" else _is_text(value)


def _is_switch(value: Any) -> bool:
    return isinstance(value, str) and value.lower() in {"true", "false"}


def _is_text(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, str) for item in value)
    return isinstance(value, str) and not value.startswith("/subscriptions/")


def _without(text: str) -> str:
    if _KUBECONFIG.search(text):
        return REMOVED
    text = _PRIVATE_KEY.sub(REMOVED, text)
    text = _ASSIGNED.sub(rf"\1\2{REMOVED}", text)
    text = _QUOTED.sub(rf"\1{REMOVED}", text)
    text = _USER.sub(r"\1", text)
    text = _JWT.sub(REMOVED, text)
    return _BEARER.sub(rf"\1{REMOVED}", text)
