"""URLs of histories: what is taken, what is refused, and that no message tells a password."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import AuditorError, InputError, UsageError
from auditor.history.address import parse_address
from auditor.history.database import Database
from auditor.history.periodic import periodic
from auditor.history.store import Store
from tests.history.conftest import PASSWORD, Server


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sqlite:///runs.db", "runs.db"),
        ("sqlite:////var/lib/runs.db", "/var/lib/runs.db"),
        ("postgresql+psycopg://u:secret@db.example:5433/egress", "PostgreSQL at db.example:5433/egress"),
        (
            "postgresql://u:secret@db.example/egress?sslmode=require&password=more",
            "PostgreSQL at db.example/egress",
        ),
        ("postgresql:///egress", "PostgreSQL at local socket/egress"),
    ],
)
def test_addresses_are_shown_without_secrets(text: str, shown: str) -> None:
    """A place is named by file, or by host and database; user, password and options stay out."""
    assert parse_address(text).shown == shown


@pytest.mark.parametrize(
    "text",
    [
        "runs.db",
        "",
        "sqlite://",
        "sqlite:///",
        "sqlite:///:memory:",
        "sqlite://host/runs.db",
        "sqlite:///runs.db?mode=ro",
        "mysql://u:hunter2@h/d",
        "postgresql+asyncpg://u:hunter2@h/d",
        "postgresql://u:hunter2@h:port/d",
        "://hunter2",
        "http://hunter2",
        "\x1b]0;hunter2://",
    ],
)
def test_what_is_no_history_is_refused(text: str) -> None:
    """One clear error that names the forms or the fault, and never repeats what might be a password."""
    with pytest.raises(UsageError) as told:
        parse_address(text)
    assert str(told.value).startswith("--history")
    assert "hunter2" not in str(told.value)
    assert "\x1b" not in str(told.value)


def test_a_password_that_a_driver_quotes_is_struck_out() -> None:
    """Whatever a driver says, as given or decoded, the password and those of options are not in it."""
    address = parse_address("postgresql://u:open%41@h/d?password=other&sslpassword=third")
    said = address.without_secrets("no openA, no other\nand no third")
    assert said == "no ***, no *** and no ***"


def test_a_server_that_refuses(server: Server) -> None:
    """A wrong password and a database that is not there: one line with the reason, without any password."""
    for url in (
        server.url("postgres", "wrong-one"),
        server.url("nowhere"),
        server.url("postgres").replace(str(server.port), "1"),
    ):
        with pytest.raises(InputError) as told:
            Store(Database(parse_address(url))).check()
        text = str(told.value)
        assert text.startswith("PostgreSQL at 127.0.0.1:")
        assert "\n" not in text
        assert not any(secret in text for secret in ("wrong-one", PASSWORD, "sesame"))


def test_files_that_are_no_history(tmp_path: Path) -> None:
    """A text, a folder, a place without a folder: one clear error that names the file, which stays as it is."""
    text = tmp_path / "notes.txt"
    text.write_text("not a database " * 100, "utf-8")
    for path in (text, tmp_path, tmp_path / "missing" / "runs.db"):
        with pytest.raises(AuditorError) as told:
            Store(Database(parse_address(f"sqlite:///{path}"))).check()
        assert str(told.value).startswith(f"{path}: the history cannot be used: ")
        with pytest.raises(AuditorError, match=str(path)):
            periodic(Database(parse_address(f"sqlite:///{path}")))
    assert text.read_text("utf-8").startswith("not a database not")
