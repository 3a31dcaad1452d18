"""Stored runs on the command line: scan stores and compares, `--new-only` is a ratchet, report tells what changed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

pytest.importorskip("sqlalchemy", reason="the extra `history` is not installed")

from auditor import resources
from tests.history.reports import count, example, making

Run = Callable[..., subprocess.CompletedProcess[str]]
URL = "sqlite:///runs.db"


def scan(run: Run, estate: str, *more: str) -> tuple[int, str]:
    """Exit code, and what was said about the history."""
    done = run("scan", "--example", estate, "--history", URL, "--output", "out.txt", *more)
    return done.returncode, done.stderr.partition("\n")[0].removeprefix("egress-audit: ")


def test_a_ratchet(run: Run, tmp_path: Path) -> None:
    """`--new-only` excuses known findings and nothing else, and `--no-store` excuses nobody by being run twice."""
    assert scan(run, "broken", "--new-only") == (1, "stored; no stored run judged these clusters before")
    code, said = scan(run, "broken", "--new-only")
    assert (code, said.partition(" of ")[0]) == (
        3,
        "stored; since run 1",
    )  # required endpoints are undetermined
    assert ": 0 new, " in said
    assert scan(run, "locked-down", "--new-only")[0] == 0
    before = (tmp_path / "runs.db").read_bytes()
    for _ in range(2):
        code, said = scan(run, "broken", "--no-store", "--new-only")
        assert (code, said.partition(" of ")[0]) == (1, "compared; since run 3")
    assert (tmp_path / "runs.db").read_bytes() == before


@pytest.fixture
def stored(tmp_path: Path) -> str:
    """A history in which the broken estate was mended."""
    from auditor.history.address import parse_address
    from auditor.history.database import Database
    from auditor.history.store import Store

    url = f"sqlite:///{tmp_path / 'runs.db'}"
    for day, name in enumerate(("broken", "locked-down")):
        Store(Database(parse_address(url))).stored(example(name), making(day))
    return url


def test_a_scan_as_json_tells_the_changes(run: Run, stored: str) -> None:
    """Every problem of the stored run is mended or persists in the scan's own JSON, which keeps its schema."""
    done = run("scan", "--example", "broken", "--history", stored, "--no-store", "--format", "json")
    document = json.loads(done.stdout)
    schema = json.loads((resources.reports() / "schemas" / "scan-v1.schema.json").read_text("utf-8"))
    assert not list(Draft202012Validator(schema).iter_errors(document))
    changes = document["changes"]
    assert changes["run"] == "2"
    problems = {one["fingerprint"] for one in document["findings"] if one["status"] in ("fail", "unknown")}
    assert problems == {*changes["new"], *(one["fingerprint"] for one in changes["persisting"])}


@pytest.mark.parametrize("style", ["table", "json", "markdown", "html"])
def test_report(run: Run, style: str, stored: str, tmp_path: Path) -> None:
    """Each format is made, the same bytes each time, to a file or to stdout."""
    done = run("report", "--history", stored, "--format", style)
    assert (done.returncode, done.stderr) == (0, "")
    assert "required-endpoint-blocked" in done.stdout
    again = run("report", "--format", style, "--output", "again", EGRESS_AUDIT_HISTORY=stored)
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert (tmp_path / "again").read_text("utf-8") == done.stdout


def test_report_as_json_keeps_its_schema(run: Run, stored: str) -> None:
    """What programs read is what `report-v1.schema.json` says."""
    schema = json.loads((resources.reports() / "schemas" / "report-v1.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    document = json.loads(run("report", "--history", stored, "--format", "json").stdout)
    Draft202012Validator(schema).validate(document)
    assert (document["base"]["id"], document["last"]["id"], document["runs"]) == ("1", "2", 1)
    assert [len(document[name]) for name in ("new", "mended")] == [0, count().gone]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("scan", "--example", "broken", "--new-only"), "--new-only needs --history URL"),
        (("scan", "--example", "broken", "--no-store"), "--no-store needs --history URL"),
        (("scan", "--example", "broken", "--history", "runs.db"), "--history takes a URL: sqlite:///FILE"),
        (("report",), "--history URL says where the runs are stored"),
        (("report", "--history", URL), "runs.db: there is no such file"),
        (("report", "--history", URL, "--since", "yesterday"), "--since: 'yesterday' is no day or time"),
        (
            ("report", "--history", "postgresql://u:hunter2@127.0.0.1:1/d"),
            "PostgreSQL at 127.0.0.1:1/d: the history cannot be used: ",
        ),
    ],
)
def test_wrong_use(run: Run, words: tuple[str, ...], message: str, tmp_path: Path) -> None:
    """One clear line and exit code 2, before any work is done; no password is repeated, no file is made."""
    done = run(*words)
    assert done.returncode == 2
    assert done.stderr.startswith(f"egress-audit: {message}")
    assert done.stderr.count("\n") == 1
    assert "hunter2" not in done.stderr
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_policy_with_faults_leaves_no_history_behind(run: Run, tmp_path: Path) -> None:
    """What cannot be audited stores nothing, not even an empty file."""
    (tmp_path / "bad.yaml").write_text("version: nine\n")
    assert scan(run, "broken", "--policy", "bad.yaml")[0] == 2
    assert not (tmp_path / "runs.db").exists()


def test_a_report_is_not_lost_with_its_history(tmp_path: Path) -> None:
    """Where the run cannot be stored after the audit, its report is written, and the code says that it failed."""
    code = (
        "import auditor.history.store as store, auditor.cli as cli\n"
        "from auditor.errors import InputError\n"
        "def fail(*_): raise InputError('disk full', place='runs.db')\n"
        "store.Store.stored = fail\n"
        "cli.main(['scan', '--example', 'broken', '--history', 'sqlite:///runs.db'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (2, "egress-audit: runs.db: disk full\n")
    assert "required" in done.stdout


@pytest.mark.parametrize(
    ("module", "url", "extra"),
    [
        ("sqlalchemy", URL, "history"),
        ("alembic", URL, "history"),
        ("psycopg", "postgresql://h/d", "postgresql"),
    ],
)
def test_a_missing_extra_is_named(tmp_path: Path, module: str, url: str, extra: str) -> None:
    """Without the libraries, `--history` says what to install; nothing else of the tool needs them."""
    code = (
        "import sys, importlib.util as util, auditor.cli as cli\n"
        f"find = util.find_spec\nutil.find_spec = lambda name, *_: None if name == {module!r} else find(name)\n"
        "cli.main(sys.argv[1:])"
    )
    words = [sys.executable, "-c", code, "scan", "--example", "broken", "--history", url]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert done.stderr.endswith(f": pip install 'egress-audit[{extra}]'\n")
    assert done.stderr.count("\n") == 1


def test_no_history_imports_no_database(tmp_path: Path) -> None:
    """A scan without `--history` loads neither SQLAlchemy nor alembic nor a driver."""
    code = (
        "import sys\nfrom auditor.cli import main\n"
        "try:\n    main(['scan', '--example', 'open', '--quiet', '--output', 'x'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('sqlalchemy', 'alembic', 'psycopg', 'sqlite3') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
