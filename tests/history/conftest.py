"""Real databases: a SQLite file for each test, and one PostgreSQL server for all of them."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest

pytest.importorskip("sqlalchemy", reason="the extra `history` is not installed")

from auditor.history.address import parse_address
from auditor.history.database import Database
from auditor.history.store import Store

PASSWORD = "open-sesame%41"  # noqa: S105 - of a server that lives as long as the test
SECRET = "open-sesame%2541"  # noqa: S105 - the same, as a URL quotes it


class Server(NamedTuple):
    """A PostgreSQL server on loopback that asks for a password."""

    port: int
    command: list[str]

    def url(self, database: str, password: str = SECRET) -> str:
        return f"postgresql+psycopg://postgres:{password}@127.0.0.1:{self.port}/{database}"

    def sql(self, text: str, database: str = "postgres") -> str:
        """What psql prints for a statement, or for a script."""
        words = ["psql", "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-qAtX"]
        done = subprocess.run(
            [_binary(words[0]), *words[1:], "-v", "ON_ERROR_STOP=1", "-d", database],
            env=os.environ | {"PGPASSWORD": PASSWORD},
            input=text,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return done.stdout


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A new server in a folder of its own; skips, saying why, where there is none to start."""
    user = _user()
    folder = Path(tempfile.mkdtemp(prefix="egress-pg-", dir="/tmp"))
    secret = folder / "password"
    secret.write_text(PASSWORD, "utf-8")
    if user:
        shutil.chown(folder, user)
        shutil.chown(secret, user)
    run_as = ["runuser", "-u", user, "--"] if user else []
    data = folder / "data"
    port = _free_port()
    server = [*run_as, _binary("pg_ctl"), "-D", str(data), "-w", "-l", str(folder / "log")]
    try:
        _quiet(
            *run_as,
            _binary("initdb"),
            *("-D", str(data), "-U", "postgres", "-A", "scram-sha-256", "--pwfile", str(secret)),
            *("--no-sync", "-E", "UTF8", "--locale", "C"),
        )
        options = f"-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {folder}"
        _quiet(*server, "-o", options, "start")
        yield Server(port, server)
    finally:
        if (data / "postmaster.pid").exists():
            _quiet(*server, "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'runs.db'}"


@pytest.fixture
def postgresql_url(server: Server) -> str:
    """An empty database of the server."""
    name = f"egress_{uuid4().hex[:12]}"
    server.sql(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    """Both kinds, one after the other."""
    found: str = request.getfixturevalue(f"{request.param}_url")
    return found


@pytest.fixture
def database(url: str) -> Database:
    """An empty history of each kind."""
    return Database(parse_address(url))


@pytest.fixture
def store(database: Database) -> Store:
    """The same, as a scan uses it."""
    return Store(database)


def _user() -> str:
    """Whom to run the server as: the name for root, which PostgreSQL refuses, else empty."""
    if _binary("initdb", wanted=False) == "":
        pytest.skip("PostgreSQL is not installed here (on Debian: apt install postgresql)")
    if os.geteuid() != 0:
        return ""
    if "postgres" not in {entry.pw_name for entry in pwd.getpwall()} or shutil.which("runuser") is None:
        pytest.skip("initdb refuses root, and there is no user postgres with runuser to run it as")
    return "postgres"


def _binary(name: str, *, wanted: bool = True) -> str:
    """A program of PostgreSQL: on the path, or where Debian keeps it."""
    there = [
        shutil.which(name),
        *map(str, sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)),
    ]
    found = next((path for path in there if path), "")
    assert found or not wanted, name
    return found


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _quiet(*words: str) -> None:
    """Run a command; what it says is shown only when it fails. A server must not inherit our pipes."""
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(words, stdout=said, stderr=subprocess.STDOUT, timeout=60, check=False, cwd="/")
        said.seek(0)
        assert done.returncode == 0, said.read()
