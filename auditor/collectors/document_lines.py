"""Documents as lines of a snapshot: without secrets, and only what a snapshot can hold."""

from __future__ import annotations

import json
from typing import Any

from auditor.collectors.json_text import MOST_LEVELS, check_depth
from auditor.collectors.secrets import without_secrets
from auditor.errors import InputError


class RefusedError(ValueError):
    """A document that no snapshot can hold; the message says which and why."""


def document_line(document: Any) -> bytes:
    """One JSON value as one line, secrets removed; RefusedError for what a snapshot's reader would not accept."""
    try:
        clean = without_secrets(document)
        text = json.dumps(clean, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        if text.count("{") + text.count("[") > MOST_LEVELS:  # with fewer brackets there are fewer levels
            check_depth(clean, "")  # one document that is nested too deep would spoil the whole snapshot
        line = text.encode() + b"\n"
    except InputError as error:
        why = error.message
    except UnicodeEncodeError:
        why = "a text holds half of a surrogate pair"
    except RecursionError:
        why = "nested too deep"
    except ValueError:
        why = "a number that is none"
    else:
        return line
    found = document.get("id") if isinstance(document, dict) else None
    name = f"{found!r:.200}" if isinstance(found, str) else "an entry"
    raise RefusedError(f"{name} is left out: {why}")


def id_of(document: Any) -> str | None:
    """The document's own id, if it has one."""
    found = document.get("id") if isinstance(document, dict) else None
    return found if isinstance(found, str) else None
