"""What an answer that is no success means, in one line: who lacks what, what is not there, what broke."""

from __future__ import annotations

import re
from typing import Any, Final

from auditor.collectors.azure.request import Request, Status

_MISSING: Final = re.compile(
    r"perform action '([^']{1,300})'(?: or '[^']{0,300}')? over scope '([^']{1,1000})'"
)
_VERSIONS: Final = re.compile(r"supported (?:api-)?versions are '([^']*)'", re.IGNORECASE)
_VERSION: Final = re.compile(r"20\d\d-\d\d-\d\d")
_WRONG_VERSION: Final = frozenset(
    {
        "invalidapiversionparameter",
        "noregisteredproviderfound",
        "invalidresourcetype",
        "unsupportedapiversion",
    }
)
_LONGEST: Final = 400


def one_line(text: str) -> str:
    """Text of a service as one line that no terminal obeys, of bounded length."""
    line = " ".join(text.split())
    line = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in line)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 4] + " ..."


def error_of(body: Any) -> tuple[str, str]:
    """Code and message of an ARM error body; empty texts where it says none."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", ""
    code, message = error.get("code"), error.get("message")
    return (
        one_line(code) if isinstance(code, str) else "",
        one_line(message) if isinstance(message, str) else "",
    )


def is_unregistered(status: int, body: Any) -> bool:
    """Whether the subscription does not use the provider at all, so that its lists are empty (ARM-34)."""
    return status == 409 and error_of(body)[0].lower() == "missingsubscriptionregistration"


def older_version(body: Any, asked: str) -> str | None:
    """The newest api-version that an error offers instead of a newer one which the cloud does not know (ARM-1)."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict) or str(error.get("code")).lower() not in _WRONG_VERSION:
        return None
    offered = _VERSIONS.search(str(error.get("message")))
    if offered is None:
        return None
    stable = (item.strip() for item in offered.group(1).split(","))
    return max((item for item in stable if _VERSION.fullmatch(item) and item < asked), default=None)


def judged(status: int, body: Any, request: Request) -> tuple[Status, str, str]:
    """How a read ended that was answered with `status`: the status, the service's code, and one line about it."""
    code, message = error_of(body)
    said = f"{status} {code}".rstrip()
    if status == 403:
        return "denied", code, _denied(said, body, message, request)
    if status == 401:
        return "denied", code, f"{said}: {message or 'the login is not accepted'}"
    if status == 404 and code.lower() not in _WRONG_VERSION:
        return "absent", code, f"{said}: {message}" if message else said
    if status == 429:
        return "failed", code, f"{said}: still throttled after all retries"
    return "failed", code, f"{said}: {message}" if message else said


def _denied(said: str, body: Any, message: str, request: Request) -> str:
    """A 403 with the action and the scope that the caller lacks (ARM-21)."""
    error = body.get("error", body) if isinstance(body, dict) else None
    full = error.get("message") if isinstance(error, dict) else None
    missing = _MISSING.search(full) if isinstance(full, str) else None
    if missing is not None:
        action, scope = (one_line(part) for part in missing.groups())
        return f"{said}: {action} is missing on {scope}"
    verb = "action" if request.method == "POST" else "read"
    lacking = f"{one_line(request.kind)}/{verb} on {one_line(request.path)}"
    return f"{said}: {lacking} ({message})" if message else f"{said}: {lacking}"
