"""Help, completion and start-up."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from auditor import __version__
from auditor.cli import COMMANDS, cli

Run = Callable[..., subprocess.CompletedProcess[str]]

EVERY = [
    (),
    *((name,) for name in COMMANDS),
    ("baseline", "list"),
    ("baseline", "show"),
    ("baseline", "diff"),
    ("policy", "check"),
    ("policy", "init"),
    ("policy", "schema"),
]


@pytest.mark.parametrize("words", EVERY)
def test_help(run: Run, words: tuple[str, ...]) -> None:
    """Every command explains itself, with examples on lines of their own."""
    done = run(*words, "--help")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "Usage: egress-audit" in done.stdout
    examples = done.stdout.partition("Examples:\n")[2].splitlines()
    assert examples[0].startswith("    egress-audit ")


def test_help_lists_all_commands(run: Run) -> None:
    """The list in the help is made without importing the commands, and yet complete and true."""
    text = run("--help").stdout
    for name, short in COMMANDS.items():
        assert f"  {name:<12}{short}" in text
        command = cli.get_command(cli.make_context("x", ["--help"], resilient_parsing=True), name)
        assert command is not None
        assert command.name == name


def test_help_imports_little() -> None:
    """`--help` is instant because nothing heavy is imported for it."""
    heavy = ("azure", "jmespath", "jsonschema", "rich", "tabulate", "yaml", "auditor.audit", "auditor.model")
    code = (
        "import sys\nfrom auditor.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"sys.exit(','.join(name for name in {heavy!r} if name in sys.modules) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_rules_are_listed_as_the_documentation_lists_them(run: Run) -> None:
    """Rules that only tell what is not known are `unknown` in both, for what they find fails nothing."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "index.md").read_text(encoding="utf-8")
    documented = re.findall(r"^\| (\w+) \| \[`([\w-]+)`\]", page, re.MULTILINE)
    listed = re.findall(r"^(error|warning|note|unknown) +([\w-]+)", run("rules").stdout, re.MULTILINE)
    assert documented
    assert sorted(listed) == sorted(documented)
    assert run("rules", "collection-incomplete").stdout.startswith(
        "collection-incomplete (error, status always unknown)"
    )


def test_version(run: Run) -> None:
    """`--version` names the program and its version."""
    assert run("--version").stdout == f"egress-audit, version {__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(run: Run, shell: str) -> None:
    """Each shell gets a script that asks our command."""
    done = run("completion", shell)
    assert done.returncode == 0
    assert f"_EGRESS_AUDIT_COMPLETE={shell}_complete" in done.stdout


def test_completion_answers(run: Run) -> None:
    """The script's question is answered: commands, and editions for `baseline show`."""

    def complete(words: str) -> list[str]:
        environment = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
        done = run(_EGRESS_AUDIT_COMPLETE="bash_complete", **environment)
        return [line.partition(",")[2] for line in done.stdout.splitlines()]

    assert complete("egress-audit tr") == ["trace"]
    assert complete("egress-audit baseline show aks-2019") == ["aks-2019-05-14"]
    assert complete("egress-audit scan --example lock") == ["locked-down"]


def test_interrupt_and_internal_errors_have_codes_of_their_own() -> None:
    """An interrupt ends with 130 and an internal error with 4, in one line that tells how to see more."""
    code = (
        "import auditor.cli as cli, auditor.cli.rules\n"
        "def fail(**_): raise {error}\n"
        "auditor.cli.rules.rules.callback = fail\n"
        "cli.main(['rules'{option}])"
    )

    def call(error: str, option: str = "") -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-c", code.format(error=error, option=option)]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)

    done = call("KeyboardInterrupt")
    assert (done.returncode, done.stderr) == (130, "egress-audit: interrupted\n")
    done = call("RuntimeError('x\\ny')")
    assert done.returncode == 4
    assert done.stderr.startswith("egress-audit: internal error: RuntimeError: x y (run again with --debug")
    assert done.stderr.count("\n") == 1
    done = call("RuntimeError('x')", ", '--debug'")
    assert done.returncode == 4
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("egress-audit: internal error: RuntimeError: x\n")
