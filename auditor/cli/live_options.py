"""Options about a live Azure: which subscriptions, who reads them, in which cloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

from auditor.cli.az_profile import remembered
from auditor.cli.command import all_of
from auditor.errors import UsageError

AUTH: Final = ("cli", "environment", "managed-identity", "workload-identity", "device-code", "browser")
CLOUDS: Final = ("public", "usgov", "china")
_THREADS: Final = 16  # as Pace says, which is not imported for a help page
_MOST_THREADS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """The values of these options; None where the user said nothing."""

    subscriptions: Sequence[str] = ()
    """Ids or names."""
    all_subscriptions: bool = False
    management_groups: Sequence[str] = ()
    resource_groups: Sequence[str] = ()
    auth: str | None = None
    tenant: str | None = None
    cloud: str | None = None
    """`public`, `usgov`, `china` or a file."""
    deep: bool = False
    threads: int | None = None

    @classmethod
    def take(cls, options: dict[str, Any]) -> Live:
        """The record of a command's options, which lose those that it takes."""
        return cls(**{field.name: options.pop(field.name) for field in fields(cls) if field.name in options})

    @property
    def asked(self) -> bool:
        """Whether a live subscription is to be read at all."""
        return bool(self.subscriptions or self.all_subscriptions or self.management_groups)

    @property
    def title(self) -> str:
        """What the user typed, as the name of a source."""
        if self.all_subscriptions:
            return "all subscriptions"
        named = [f"subscription {one}" for one in self.subscriptions]
        return ", ".join([*named, *(f"management group {one}" for one in self.management_groups)])

    def check(self, *, alone: bool = False) -> None:
        """UsageError for options that contradict each other, or that say how to read what is not asked for.

        `alone` is for a command that makes sense without any subscription.
        """
        if self.all_subscriptions and (self.subscriptions or self.management_groups):
            raise UsageError("--all-subscriptions contradicts --subscription and --management-group")
        if self.asked or alone:
            return
        for option in self._narrowing():
            raise UsageError(f"{option} is about a live subscription; name one with --subscription ID|NAME")

    def _narrowing(self) -> Iterator[str]:
        given = {
            "--resource-group": self.resource_groups,
            "--auth": self.auth,
            "--tenant": self.tenant,
            "--cloud": self.cloud,
            "--deep": self.deep,
            "--threads": self.threads,
        }
        return (option for option, value in given.items() if value)


def _complete_subscription(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Names, and ids once one is begun, of the subscriptions that az remembers."""
    start = incomplete.lower()
    known = remembered()
    names = [CompletionItem(one.name, help=one.id) for one in known if one.name.lower().startswith(start)]
    ids = [CompletionItem(one.id, help=one.name) for one in known if one.id.lower().startswith(start)]
    return names + (ids if start else [])


def _complete_cloud(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    found = [CompletionItem(name) for name in CLOUDS if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


subscription_option = click.option(
    "--subscription",
    "subscriptions",
    metavar="ID|NAME",
    multiple=True,
    shell_complete=_complete_subscription,
    help="Read a live subscription. Repeatable.",
)

scope_options = all_of(
    subscription_option,
    click.option(
        "--all-subscriptions", is_flag=True, help="Read every live subscription that the login sees."
    ),
    click.option(
        "--management-group",
        "management_groups",
        metavar="NAME",
        multiple=True,
        help="Read the live subscriptions below a management group. Repeatable.",
    ),
)
"""Which subscriptions."""

login_options = all_of(
    click.option(
        "--auth",
        type=click.Choice(AUTH),
        help="How to log in; by default whatever works first: environment, workload or managed identity, az.",
    ),
    click.option("--tenant", metavar="ID", help="Log in to this tenant (directory)."),
    click.option(
        "--cloud",
        metavar="public|usgov|china|FILE",
        shell_complete=_complete_cloud,
        help="Which Azure; a FILE describes another one by its endpoints. Default: public.",
    ),
)
"""Who reads, and where."""

deep_option = click.option(
    "--deep",
    is_flag=True,
    help="Ask for effective routes and security rules, too; that needs more than Reader.",
)

live_options = all_of(
    click.option(
        "--resource-group",
        "resource_groups",
        metavar="NAME",
        multiple=True,
        help="Live: only clusters of this group; their network is followed wherever it lies. Repeatable.",
    ),
    login_options,
    deep_option,
    click.option(
        "--threads",
        type=click.IntRange(1, _MOST_THREADS),
        help=f"Live: so many reads at once. Default: {_THREADS}.",
    ),
)
"""What is read of them, and how."""

save_option = click.option(
    "--save-snapshot",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Live: keep what was read in this folder, for --snapshot.",
)
