"""SOURCE: where the audited documents come from. The options can be repeated and mixed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from click.shell_completion import CompletionItem

from auditor import resources
from auditor.cli.command import all_of
from auditor.errors import AuditorError, UsageError

FORMS = """SOURCE is one or more of:
  --snapshot PATH          a folder or file of ARM documents
  --example NAME           a bundled estate: {examples}
  --subscription ID        (not available in this version)
  --terraform-plan FILE    (not available in this version)
For example: egress-audit {command} --example {example}"""


def _unavailable(context: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        instead = "save the documents (az ... show -o json) in a folder and give it as --snapshot PATH"
        raise click.UsageError(f"{option.opts[0]} is not available in this version; {instead}", context)
    return value


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in example_names() if name.startswith(incomplete)]


source_options = all_of(
    click.option(
        "--snapshot",
        "snapshots",
        metavar="PATH",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Read a folder or file of ARM documents. Repeatable.",
    ),
    click.option(
        "--example",
        "examples",
        metavar="NAME",
        multiple=True,
        shell_complete=_complete,
        help="Read a bundled estate. Repeatable.",
    ),
    click.option(
        "--subscription",
        metavar="ID|NAME",
        multiple=True,
        callback=_unavailable,
        expose_value=False,
        help="Read a live subscription (not available in this version).",
    ),
    click.option(
        "--terraform-plan",
        metavar="FILE",
        multiple=True,
        callback=_unavailable,
        expose_value=False,
        help="Read a Terraform plan (not available in this version).",
    ),
)


def example_names() -> tuple[str, ...]:
    """The bundled estates."""
    try:
        root = resources.examples()
        return tuple(
            sorted(item.name for item in root.iterdir() if item.is_dir() and item.name[:1].isalnum())
        )
    except (AuditorError, OSError):
        return ()


def resolve(snapshots: Sequence[Path], examples: Sequence[str]) -> tuple[Path, ...]:
    """The paths to read; UsageError for an example that does not exist."""
    known = example_names()
    for name in examples:
        if name not in known:
            raise UsageError(f"no example is called {name!r}; there are {', '.join(known) or 'none'}")
    return (*snapshots, *(resources.examples() / name for name in examples))


def forms(command: str) -> str:
    """What a source can be, for someone who gave none."""
    known = example_names()
    return FORMS.format(
        examples=", ".join(known) or "none", command=command, example=known[0] if known else "NAME"
    )
