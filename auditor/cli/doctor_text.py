"""What the doctor found out, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from auditor.reporters.paint import paint
from auditor.reporters.terminal_text import safe, safe_name
from auditor.reporters.wrap import wrap

if TYPE_CHECKING:
    from auditor.collectors.azure.connect import Subscription
    from auditor.collectors.azure.doctor import Checked, ScopeReport

_FEW = 12
_WORDS = {True: "works", False: "missing", None: "unsure"}
_COLOURS = {True: "allowed", False: "error", None: "unknown"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """All of it."""

    cloud: str
    login: str
    """How the login was made, in words."""
    seen: Sequence[Subscription]
    """The subscriptions that the login sees."""
    scopes: Sequence[ScopeReport]
    role: dict[str, Any] | None
    """The custom role that suffices in the subscriptions asked about; None if none was."""
    calls: int

    @property
    def works(self) -> bool:
        """Whether every essential right that was asked about is there and confirmed."""
        there = [scope for scope in self.scopes if not scope.absent]
        return bool(there or not self.scopes) and not any(scope.lacking for scope in there)


def diagnosis_json(found: Diagnosis) -> str:
    """The diagnosis for programs, version 1; `reports/schemas/doctor-v1.schema.json` is the contract."""
    value = {
        "version": 1,
        "cloud": found.cloud,
        "login": found.login,
        "works": found.works,
        "subscriptions": [{"id": one.id, "name": one.name, "state": one.state} for one in found.seen],
        "scopes": [
            {
                "id": scope.id,
                "name": scope.name,
                "providers": dict(scope.providers),
                "absent": scope.absent,
                "remark": scope.remark or None,
                "rights": [_right(one) for one in scope.checked],
            }
            for scope in found.scopes
        ],
        "role": found.role,
        "calls": found.calls,
    }
    return json.dumps(value, indent=2) + "\n"


def _right(one: Checked) -> dict[str, Any]:
    return {
        "action": one.right.action,
        "essential": one.right.essential,
        "status": _WORDS[one.works],
        "granted": one.granted,
        "read": one.answer.status if one.answer is not None else None,
        "detail": one.detail or None,
    }


def diagnosis_text(found: Diagnosis, *, width: int, color: bool, verbose: bool) -> str:
    """The diagnosis for people: what works in a line, what does not in full, and the role at the end."""
    lines = [
        f"login            {paint('works', 'allowed', color)}, {found.login}, cloud {safe_name(found.cloud)}"
    ]
    lines += _wrapped("subscriptions", _seen(found.seen), width)
    for scope in found.scopes:
        lines += ["", *_scope(scope, width=width, color=color, verbose=verbose)]
    lines += ["", *_end(found, width)]
    return "\n".join(lines) + "\n"


def _seen(seen: Sequence[Subscription]) -> str:
    if not seen:
        return "none seen: the login needs a role on one"
    shown = [f"{safe_name(one.name)} ({safe_name(one.id)}){_state(one.state)}" for one in seen[:_FEW]]
    more = [f"and {len(seen) - _FEW} more"] if len(seen) > _FEW else []
    return f"{len(seen)} seen: {', '.join(shown + more)}"


def _state(state: str) -> str:
    return "" if state == "Enabled" else f" {safe_name(state)}"


def _scope(scope: ScopeReport, *, width: int, color: bool, verbose: bool) -> Iterator[str]:
    yield paint(safe_name(scope.name), "title", color) + f"   {safe(scope.id)}"
    if scope.absent:
        yield "  there is no such group here"
        return
    yield from _wrapped("  providers", _providers(scope), width)
    if scope.remark:
        yield from _wrapped("  permissions", f"cannot be asked: {safe(scope.remark)}", width)
    for title in dict.fromkeys(map(_group, scope.checked)):
        group = [one for one in scope.checked if _group(one) == title]
        good = [one for one in group if one.works]
        yield from _wrapped(f"  {title}", f"{len(good)} of {len(group)} rights work", width)
        for one in group:
            if verbose or not one.works:
                yield from _line(one, width, color)


def _group(one: Checked) -> str:
    return "essential" if one.right.essential else "deep" if one.right.deep else "supplementary"


def _line(one: Checked, width: int, color: bool) -> Iterator[str]:
    word = _WORDS[one.works].ljust(9)
    detail = f": {safe(one.detail)}" if one.detail else ""
    first, *rest = wrap(f"{one.right.action}{detail}", width, first=" " * 4 + word)
    yield "    " + paint(word, _COLOURS[one.works], color) + first[4 + len(word) :]
    yield from rest


def _providers(scope: ScopeReport) -> str:
    odd = [f"{name} {safe_name(state)}" for name, state in scope.providers.items() if state != "Registered"]
    if not odd:
        return f"all {len(scope.providers)} registered"
    return ", ".join(odd) + " (nothing of an unregistered one can exist here)"


def _wrapped(label: str, text: str, width: int) -> list[str]:
    return wrap(text, width, first=label.ljust(17))


def _end(found: Diagnosis, width: int) -> Iterator[str]:
    if found.role is None:
        yield "name a subscription with --subscription ID|NAME to check the rights in it"
        return
    lacking = {one.right.action for scope in found.scopes for one in scope.lacking}
    if all(scope.absent for scope in found.scopes):
        yield "there is nothing to read: no such group"
    elif lacking:
        what = "1 essential right is" if len(lacking) == 1 else f"{len(lacking)} essential rights are"
        yield from wrap(f"{what} missing or not confirmed: a scan would be incomplete", width)
    else:
        yield "a scan can read everything essential"
    yield ""
    yield from wrap("this role suffices; save it as role.json, then", width)
    yield "az role definition create --role-definition @role.json"
    yield ""
    yield json.dumps(found.role, indent=2)
