"""Where runs are stored: the URL that a user gives, checked, and shown without what is secret in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from auditor.errors import UsageError

FORMS = "sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE"
_POSTGRESQL = ("postgresql", "postgresql+psycopg")


@dataclass(frozen=True, slots=True)
class Address:
    """A database that can be a history."""

    url: URL

    @property
    def file(self) -> Path | None:
        """The file of SQLite; None for a server."""
        return Path(self.url.database or "") if self.url.drivername == "sqlite" else None

    @property
    def shown(self) -> str:
        """The place in a message: a file, or host and database; never a user's password or an option."""
        if self.file is not None:
            return str(self.file)
        host = self.url.host or "local socket"
        port = f":{self.url.port}" if self.url.port else ""
        return f"PostgreSQL at {host}{port}/{self.url.database or ''}"

    def without_secrets(self, text: str) -> str:
        """What a driver says, on one line, without the password should it quote one."""
        flat = " ".join(text.split())
        for secret in sorted(self._secrets(), key=len, reverse=True):
            flat = flat.replace(secret, "***")
        return flat

    def _secrets(self) -> set[str]:
        found = {str(self.url.password or "")}
        for name, value in self.url.query.items():
            if "password" in name.lower():
                found.update((value,) if isinstance(value, str) else value)
        return found - {""}


def parse_address(text: str) -> Address:
    """The address that a URL means; UsageError, which does not repeat the URL, for anything else."""
    if "://" not in text:
        raise UsageError(f"--history takes a URL: {FORMS}")
    try:
        url = make_url(text)
    except (ArgumentError, ValueError) as error:
        raise UsageError(f"--history: this is no URL of a database; expected {FORMS}") from error
    if url.drivername == "sqlite":
        return Address(_sqlite(url))
    if url.drivername in _POSTGRESQL:
        return Address(url.set(drivername="postgresql+psycopg"))
    kind = url.drivername if url.drivername.isascii() and len(url.drivername) < 40 else "this"
    raise UsageError(f"--history: {kind!r} is no database that runs can be stored in; expected {FORMS}")


def _sqlite(url: URL) -> URL:
    if url.host or url.password or url.username:
        raise UsageError(
            "--history: a SQLite file has three slashes, four if its path is absolute: sqlite:///FILE"
        )
    if url.query:
        raise UsageError("--history: a SQLite URL takes no options behind a question mark")
    if not url.database or url.database == ":memory:" or "\0" in url.database:
        raise UsageError("--history: sqlite:/// needs the name of a file")
    return url
