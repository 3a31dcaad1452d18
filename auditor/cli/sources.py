"""SOURCE: where the audited documents come from. The options can be repeated and mixed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from auditor import resources
from auditor.cli.az_profile import default_subscription
from auditor.cli.command import all_of
from auditor.cli.live_options import Live, live_options, save_option, scope_options
from auditor.cli.progress import Progress
from auditor.errors import AuditorError, UsageError

if TYPE_CHECKING:
    from auditor.model.snapshot import Snapshot

FORMS = """SOURCE is one or more of:
  --subscription ID|NAME   a live subscription, read with your own login{default}
  --snapshot PATH          a folder or file of ARM documents
  --example NAME           a bundled estate: {examples}
  --terraform-plan FILE    (not available in this version)
For example: egress-audit {command} {source}"""


def _unavailable(context: click.Context, option: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    if value:
        instead = "save the documents (az ... show -o json) in a folder and give it as --snapshot PATH"
        raise click.UsageError(f"{option.opts[0]} is not available in this version; {instead}", context)
    return value


def _complete(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in example_names() if name.startswith(incomplete)]


source_options = all_of(
    scope_options,
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
        "--terraform-plan",
        metavar="FILE",
        multiple=True,
        callback=_unavailable,
        expose_value=False,
        help="Read a Terraform plan (not available in this version).",
    ),
    live_options,
    save_option,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The values of these options."""

    snapshots: Sequence[Path]
    examples: Sequence[str]
    live: Live
    save: Path | None

    @classmethod
    def take(cls, options: dict[str, Any]) -> Sources:
        """The record of a command's options, which lose those that it takes.

        Raises UsageError for options that contradict each other, and for an example that does not exist.
        """
        sources = cls(
            snapshots=options.pop("snapshots"),
            examples=options.pop("examples"),
            live=Live.take(options),
            save=options.pop("save_snapshot"),
        )
        sources.live.check()
        if sources.save is not None and not sources.live.asked:
            raise UsageError(
                "--save-snapshot keeps what was read live; name a subscription with --subscription"
            )
        return sources

    @property
    def given(self) -> bool:
        """Whether there is any source."""
        return bool(self.snapshots or self.examples or self.live.asked)

    def load(self, show: Progress | None, *, clusters: Sequence[str], quiet: bool) -> Snapshot:
        """Everything that the sources hold, united; a live subscription is read now.

        `clusters` are the only ones asked about: less is read live for them.
        """
        from auditor.audit import load_snapshot

        paths = resolve(self.snapshots, self.examples)
        if self.live.asked:
            from auditor.cli.live import loaded

            return loaded(self.live, paths, self.save, clusters, show, quiet=quiet)
        if show is not None:
            show("reading", 0, 1)
        snapshot = load_snapshot(*paths)
        if show is not None:
            show("reading", 1, 1)
        return snapshot


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
    """What a source can be, for someone who gave none, with the subscription that az uses by default."""
    from auditor.reporters.terminal_text import safe_name

    known = example_names()
    mine = default_subscription()
    default = (
        f'\n                           (az uses "{safe_name(mine.name)}", {safe_name(mine.id)})'
        if mine
        else ""
    )
    example = f"--example {known[0] if known else 'NAME'}"
    source = f"--subscription {safe_name(mine.id)}" if mine else example
    return FORMS.format(examples=", ".join(known) or "none", command=command, default=default, source=source)
