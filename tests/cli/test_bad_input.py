"""Bad input: one clear line on stderr, exit code 2, no traceback."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("egress-audit: ")
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stderr


def test_no_source(run: Run) -> None:
    """Without a source the forms and the bundled examples are printed."""
    for command in ("scan", "trace"):
        done = run(command)
        assert done.returncode == 2
        assert done.stdout == ""
        for word in ("--snapshot PATH", "--example NAME", "--subscription", "locked-down", "virtual-wan"):
            assert word in done.stderr


def test_folders(run: Run, tmp_path: Path) -> None:
    """A missing folder, an empty one, and broken JSON in one."""
    refused(run("scan", "--snapshot", "nowhere"), "nowhere")
    (tmp_path / "empty").mkdir()
    refused(run("scan", "--snapshot", "empty"), "empty")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "nsg.json").write_text('{"id": "/subscriptions/x', encoding="utf-8")
    refused(run("scan", "--snapshot", "broken"), "nsg.json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trace", "--to", "mcr.microsoft.com:99999/https"], "99999"),
        (["trace", "--to", "mcr.microsoft.com"], "--to"),
        (["trace"], "--to-file"),
        (["trace", "--to-file", "nowhere.txt"], "nowhere.txt"),
        (["scan", "--policy", "aks-1999-01-01"], "aks-2019-05-14"),
        (["scan", "--policy", "egress.yaml"], "egress.yaml: cannot be read"),
        (["scan", "--no-assume", "nonsense"], "admin-rules-not-read"),
        (["scan", "--cluster", "nowhere"], "nowhere"),
        (["scan", "--output", "json"], "--format json"),
        (["trace", "--to", "a.b:1/tcp", "--output", "table"], "--format table"),
        (["scan", "--output", "no/such/file"], "no/such/file"),
        (["scan", "--format", "yaml"], "table"),
        (["scan", "--report", "json"], "FORMAT=FILE"),
        (["scan", "--report", "json=a", "--report", "table=./a"], "two reports"),
        (["scan", "--fail-on", "fatal"], "never"),
        (["scan", "--all-subscriptions", "--subscription", "x"], "contradicts"),
        (["scan", "--deep"], "name one with --subscription"),
        (["scan", "--save-snapshot", "kept"], "name a subscription"),
        (["scan", "--auth", "password"], "device-code"),
        (["scan", "--threads", "0"], "--threads"),
        (["scan", "--terraform-plan", "x"], "--terraform-plan is not available in this version"),
        (["scan", "--appliance", "nowhere.yaml"], "nowhere.yaml"),
        (["scan", "--addresses", "nowhere.yaml"], "nowhere.yaml"),
        (["scan", "--service-tags", "nowhere.json"], "nowhere.json"),
        (["scan", "folder"], "folder"),
    ],
)
def test_options(run: Run, words: list[str], said: str) -> None:
    """Whatever is wrong is named, and what would be right where it can be said."""
    refused(run(words[0], "--example", "locked-down", *words[1:]), said)


def test_names(run: Run) -> None:
    """Unknown examples, editions, rules and commands name those that exist."""
    refused(run("scan", "--example", "nope"), "locked-down")
    refused(run("baseline", "show", "nope"), "aks-2026-06-18")
    refused(run("baseline", "diff", "aks-2026-06-18", "nope"), "aks-2019-05-14")
    refused(run("rules", "nope"), "required-endpoint-blocked")
    refused(run("nope"), "nope")
    refused(run(), "--help")


def test_to_file_names_the_line(run: Run, tmp_path: Path) -> None:
    """An endpoint that does not parse is named with file and line; comments and blank lines count."""
    text = "# wanted\n\nmcr.microsoft.com:443/https  # images\nmcr.microsoft.com:99999/https\n"
    (tmp_path / "list.txt").write_text(text, encoding="utf-8")
    refused(run("trace", "--example", "broken", "--to-file", "list.txt"), "list.txt:4", "99999")
    refused(run("trace", "--example", "broken", "--to-file", "-", stdin=text), "stdin:4")
    refused(
        run("trace", "--example", "broken", "--to-file", "-", stdin="# nothing\n"), "stdin", "no endpoint"
    )


def test_hostile_text_in_messages(run: Run) -> None:
    """What a message quotes cannot act on the terminal."""
    done = run("scan", "--example", "x\x1b[2J\u202e\nb")
    refused(done)
    assert "\x1b" not in done.stderr
    assert "\u202e" not in done.stderr
