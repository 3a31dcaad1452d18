"""Options about stored runs, and what a scan does with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click

from auditor.cli.command import all_of
from auditor.cli.errors import tell
from auditor.errors import AuditorError, UsageError

if TYPE_CHECKING:
    from auditor.audit import Policy
    from auditor.history.database import Database
    from auditor.history.store import Making, Store
    from auditor.model.finding import Report

history_url_option = click.option(
    "--history",
    metavar="URL",
    envvar="EGRESS_AUDIT_HISTORY",
    show_envvar=True,
    help="Where runs are stored: sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE.",
)

history_options = all_of(
    history_url_option,
    click.option("--no-store", is_flag=True, help="Compare with the stored runs, but do not store this one."),
    click.option(
        "--new-only",
        is_flag=True,
        help="Exit 1 only for findings that the stored runs do not have.",
    ),
)


def open_history(url: str) -> Database:
    """The history at a URL; UsageError for a URL that names none, and where the libraries for it are missing."""
    if find_spec("sqlalchemy") is None or find_spec("alembic") is None:
        raise UsageError(
            "--history needs libraries that are not installed: pip install 'egress-audit[history]'"
        )
    from auditor.history.address import parse_address
    from auditor.history.database import Database

    return Database(parse_address(url))


@dataclass(slots=True, kw_only=True)
class Keeping:
    """What these options ask for; `keep` does it."""

    history: str | None
    no_store: bool
    new_only: bool
    failure: AuditorError | None = None
    """Why the run could not be stored: raised once its report is out."""
    _store: Store | None = None

    @classmethod
    def take(cls, options: dict[str, Any]) -> Keeping:
        """Take these options out of those of a command; UsageError for one that needs `--history`."""
        taken = cls(**{name: options.pop(name) for name in ("history", "no_store", "new_only")})
        for name, flag in (("--new-only", taken.new_only), ("--no-store", taken.no_store)):
            if flag and taken.history is None:
                raise UsageError(f"{name} needs --history URL: there is nothing to compare with")
        return taken

    def open(self) -> None:
        """Open the history before any work is done; raises what would keep the run from being stored later."""
        if self.history is None:
            return
        database = open_history(self.history)
        from auditor.history.store import Store

        self._store = Store(database)
        if not self.no_store:
            self._store.check()

    def keep(self, report: Report, policy: Policy, asked: Sequence[str], *, quiet: bool) -> Report:
        """The report with its changes, stored unless that is not wanted."""
        if self._store is None:
            return report
        from auditor.history.store import Making

        making = Making(time=datetime.now(UTC), settings=policy.settings, asked=tuple(asked))
        try:
            kept = self._kept(self._store, report, making)
        except AuditorError as error:
            self.failure = error
            return report
        if not quiet:
            tell(_said(kept, stored=not self.no_store))
        return kept

    def _kept(self, store: Store, report: Report, making: Making) -> Report:
        return store.compared(report, making) if self.no_store else store.stored(report, making)


def _said(report: Report, *, stored: bool) -> str:
    """What happened, for stderr."""
    verb = "stored" if stored else "compared"
    changes = report.changes
    if changes is None:
        return f"{verb}; no stored run judged these clusters before"
    counts = (
        f"{len(changes.new)} new, {len(changes.persisting)} persisting, {len(changes.mended)} mended, "
        f"{len(changes.not_comparable)} not comparable"
    )
    return f"{verb}; since run {changes.run} of {changes.since}: {counts}"
