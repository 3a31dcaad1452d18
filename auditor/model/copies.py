"""Copies of one value, and what it means that one of them lacks what another has (docs/snapshot-format.md).

Azure leaves out what is null. So a whole document that lacks a property says that there is none, and disagrees with
one that has it; a narrower form of the resource leaves the property open.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

_VERSION = re.compile(r"(\d{4}-\d{2}-\d{2})(-.*)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a copy was written, as far as anything tells."""

    narrow: bool = False
    """An element inside its parent, or a bare reference: not the document of the resource."""
    flattened: bool = False
    """Without `properties`, as az prints it: what its model does not know is not there."""
    version: str | None = None
    """The api-version that gave it; None where nothing says so."""

    def leaves_open(self, other: Form) -> bool:
        """Whether a copy of this form says nothing by lacking what one of `other` has."""
        return self.narrow or (self.flattened and not other.flattened) or _older(self.version, other.version)


UNTOLD = Form()
"""A document of which nothing is known but that it is one."""


@dataclass(frozen=True, slots=True)
class Told:
    """One copy of a value."""

    place: str
    value: Any
    form: Form = UNTOLD

    def of(self, value: Any) -> Told:
        """What the same copy says elsewhere."""
        return replace(self, value=value)


Copies = Sequence[Told]


def common_form(forms: Sequence[Form]) -> Form:
    """The form of what was united: it lacks only what no copy has."""
    versions = {form.version for form in forms}
    return Form(
        narrow=all(form.narrow for form in forms),
        flattened=all(form.flattened for form in forms),
        version=versions.pop() if len(versions) == 1 else None,
    )


def _older(version: str | None, other: str | None) -> bool:
    """Whether an api-version is surely older than another; a preview is not told from the release of its day."""
    mine, others = (_VERSION.fullmatch((text or "").strip().lower()) for text in (version, other))
    return mine is not None and others is not None and mine[1] < others[1]
