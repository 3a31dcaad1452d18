"""Options that say how a snapshot is read: the baseline, what is assumed, and what the user adds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from auditor.cli.command import all_of
from auditor.cli.errors import tell

if TYPE_CHECKING:
    from auditor.audit import Policy

_FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The values of these options."""

    edition: str | None = None
    """An edition, or the path of a policy file."""
    strict: bool = False
    not_assumed: Sequence[str] = ()
    appliances: Sequence[Path] = ()
    addresses: Sequence[Path] = ()
    service_tags: Sequence[Path] = ()
    konnectivity: bool | None = None
    pods: str | None = None
    private: bool = False

    def policy(self, *, quiet: bool = False) -> Policy:
        """The policy that these options ask for; without one, the policy file in the working directory, if any."""
        from auditor.audit import load_policy

        return load_policy(
            self.edition if self.edition is not None else _found_here(quiet=quiet),
            strict=self.strict,
            not_assumed=self.not_assumed,
            appliances=self.appliances,
            addresses=self.addresses,
            service_tags=self.service_tags,
            settings=self.settings(),
        )

    def settings(self) -> dict[str, object]:
        """What Azure's documents cannot show and the user said."""
        settings: dict[str, object] = {}
        if self.konnectivity is not None:
            settings["konnectivity"] = self.konnectivity
        if self.pods is not None:
            settings["podsUseApiServerAddress"] = {"yes": True, "no": False}.get(self.pods, "unknown")
        if self.private:
            settings["privateEgress"] = True
        return settings


def _found_here(*, quiet: bool) -> str | None:
    """The policy file in the working directory, which is never used without a word."""
    from auditor.policy.organisation_file import FILE_NAME

    if not Path(FILE_NAME).exists():
        return None
    if not quiet:
        tell(f"using the policy {FILE_NAME} in this folder (--policy EDITION does without)")
    return FILE_NAME


def _day(context: click.Context, option: click.Parameter, value: str | None) -> date:
    """The day by which waivers are judged; the only look at a clock."""
    if value is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise click.BadParameter(f"{value!r} is no day, expected YYYY-MM-DD", context, option) from error


def _codes(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    from auditor.model.reading import ASSUMABLE

    for value in values:
        if value not in ASSUMABLE:
            raise click.BadParameter(
                f"{value!r} is no assumption; there are {', '.join(ASSUMABLE)}", context, option
            )
    return values


reading_options = all_of(
    click.option("--strict", is_flag=True, help="Assume nothing: what rests on an assumption is unknown."),
    click.option(
        "--no-assume",
        "not_assumed",
        metavar="CODE",
        multiple=True,
        callback=_codes,
        help="Do not assume this one. Repeatable.",
    ),
    click.option(
        "--appliance",
        "appliances",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="What a third-party next hop lets through. Repeatable.",
    ),
    click.option(
        "--addresses",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="Pin names to addresses. Repeatable.",
    ),
    click.option(
        "--service-tags",
        metavar="FILE",
        multiple=True,
        type=_FILE,
        help="Add a list of service tags. Repeatable.",
    ),
)

policy_option = click.option(
    "--policy",
    "edition",
    metavar="FILE|EDITION",
    help="What is needed: a policy file or an edition; by default egress-policy.yaml here, else the newest edition.",
)

today_option = click.option(
    "--today",
    metavar="YYYY-MM-DD",
    callback=_day,
    help="The day by which waivers are judged; default: today, in UTC.",
)

settings_options = all_of(
    click.option(
        "--konnectivity/--no-konnectivity",
        default=None,
        help="Whether konnectivity is the tunnel between nodes and control plane.",
    ),
    click.option(
        "--pods-use-api-server-address",
        "pods",
        type=click.Choice(["yes", "no", "unknown"]),
        help="Whether pods call the API server by its address.",
    ),
    click.option("--private", is_flag=True, help="Count what leaves to private destinations as egress, too."),
)
