"""Command lines for the Azure CLI, made of names that strangers may have chosen."""

from __future__ import annotations

from collections.abc import Sequence
from shlex import quote

from auditor.model.resource_id import ResourceId

Value = str | int | None | Sequence[str]


def az(words: str, resource: ResourceId | None = None, /, **options: Value) -> tuple[str, ...]:
    """One command line `az WORDS --option value ...`, or none at all when it cannot be written safely.

    `resource` gives `--subscription` and `--resource-group`. An option whose value is not known (None or no
    values), is empty, holds unprintable characters, or would be read by the CLI as an option (`-x`) or as the
    name of a file to load (`@x`, `a=@x`) makes the whole command disappear: half a command is worse than none.
    """
    parts = ["az", words]
    if resource is not None:
        options = {"subscription": resource.subscription, "resource_group": resource.group, **options}
    for name, value in options.items():
        values = (
            [value]
            if isinstance(value, str)
            else [str(value)]
            if isinstance(value, int)
            else list(value or ())
        )
        if not values or not all(_safe(item) for item in values):
            return ()
        parts.append(f"--{name.replace('_', '-')} {' '.join(quote(item) for item in values)}")
    return (" ".join(parts),)


def _safe(value: str) -> bool:
    return bool(value) and value.isprintable() and not value.startswith(("-", "@")) and "=@" not in value
