"""Docs, help and schemas tell the same: nothing is left undocumented, and nothing is documented that does not exist."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from auditor.cli import cli
from auditor.cli.exit_codes import ExitCode
from auditor.cli.output import REPORT_FORMATS

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    path
    for path in sorted(
        [
            *ROOT.glob("*.md"),
            *(ROOT / "docs").rglob("*.md"),
            *(ROOT / name / "README.md" for name in ("policies", "reports", "examples")),
        ]
    )
    if path.is_file()
]
_COMING = "(not available in this version)"
ALWAYS = {"--help", "-h", "--debug", "--version"}
"""Options that every command takes and `--help` explains well enough."""
Command = tuple[tuple[str, ...], click.Command]


def text(path: Path) -> str:
    return path.read_text("utf-8")


@cache
def everything() -> str:
    """All pages that a user reads."""
    return "\n".join(text(path) for path in PAGES)


def commands(command: click.Command = cli, names: tuple[str, ...] = ()) -> Iterator[Command]:
    """Every command that does something, with its name in words."""
    if not isinstance(command, click.Group):
        yield names, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from commands(found, (*names, name))


EVERY = list(commands())


def options(command: click.Command) -> dict[str, click.Option]:
    """The options that its help shows."""
    return {
        name: item
        for item in command.params
        if isinstance(item, click.Option) and not item.hidden
        for name in (*item.opts, *item.secondary_opts)
    }


@pytest.mark.parametrize(("names", "command"), EVERY, ids=[" ".join(names) for names, _ in EVERY])
def test_every_command_and_option_is_documented(names: tuple[str, ...], command: click.Command) -> None:
    """The index names every command, and some page every long option that its help shows."""
    index = text(ROOT / "docs" / "index.md")
    first, *rest = names
    rows = [line for line in index.splitlines() if re.match(rf"\| `egress-audit {first}\b", line)]
    assert rows, f"docs/index.md does not name {first}"
    assert all(any(re.search(rf"\b{word}\b", row) for row in rows) for word in rest), names
    pages = everything()
    for name in options(command).keys() - ALWAYS:
        if name.startswith("--") and _COMING not in (options(command)[name].help or ""):
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", pages), f"no page tells about {name}"
    assert command.help
    assert all(item.help for item in options(command).values()), "an option without help"


def lines() -> Iterator[tuple[str, str]]:
    """Every command line in the pages and in the help, with the place where it stands."""
    for path in PAGES:
        for number, line in enumerate(text(path).splitlines(), 1):
            if line.strip().startswith("egress-audit "):
                yield f"{path.relative_to(ROOT)}:{number}", line.strip()
            yield from (
                (f"{path.relative_to(ROOT)}:{number}", found)
                for found in re.findall(r"`(egress-audit [a-z][^`]*)`", line)
            )
    for names, command in [((), cli), *EVERY]:
        for line in (command.epilog or "").splitlines():
            if line.strip().startswith("egress-audit "):
                yield f"help of {' '.join(names)}", line.strip()


LINES = list(lines())


def test_there_are_command_lines() -> None:
    """The pages and the help show how each command is used."""
    assert len(LINES) > 50
    said = [line for _, line in LINES]
    for names, _ in EVERY:
        assert any(line.startswith(f"egress-audit {' '.join(names)}") for line in said), names


@pytest.mark.parametrize(("place", "line"), LINES, ids=[f"{number}" for number in range(len(LINES))])
def test_command_lines_are_true(place: str, line: str) -> None:
    """A command line that we show names a command and options that exist, with values that they take."""
    words = shlex.split(line.removesuffix("\\"), comments=True)[1:]
    words = words[: next((at for at, word in enumerate(words) if word in ("|", ">", "&&", ";")), len(words))]
    command: click.Command = cli
    while words and isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None or words[0].startswith("-"), f"{place}: no command {words[0]}"
        if found is None:
            break
        command, words = found, words[1:]
    known = {
        name: item
        for item in command.get_params(click.Context(command))
        for name in (*item.opts, *item.secondary_opts)
    }
    for at, word in enumerate(words):
        name, equals, value = word.partition("=")
        if not re.match(r"--?[a-z]", name):
            continue
        assert name in known, f"{place}: {name} is no option of {command.name}"
        kind = known[name].type
        given = value if equals else words[at + 1] if at + 1 < len(words) else ""
        if isinstance(kind, click.Choice) and re.fullmatch(r"[a-z][a-z-]*", given):
            assert given in kind.choices, f"{place}: {given} is no value of {name}"


def test_every_format_has_its_section() -> None:
    """docs/formats.md tells about each format of a report."""
    page = text(ROOT / "docs" / "formats.md")
    for name in REPORT_FORMATS:
        assert re.search(rf"^## {name}\b", page, re.MULTILINE) or f"`{name}`" in page, name


def test_every_exit_code_is_explained() -> None:
    """docs/exit-codes.md has a row for each, the help a line, and neither has another one."""
    page = text(ROOT / "docs" / "exit-codes.md").partition("\n\n**")[0]
    assert {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(map(int, ExitCode))
    told = (cli.epilog or "").partition("Exit codes:")[2]
    assert {int(code) for code in re.findall(r"^  (\d+)  ", told, re.MULTILINE)} == set(map(int, ExitCode))


def test_every_variable_is_documented() -> None:
    """Environment variables that options read are in the docs."""
    for _, command in EVERY:
        for item in command.params:
            names = item.envvar if isinstance(item.envvar, list | tuple) else [item.envvar]
            for name in filter(None, names):
                assert f"`{name}`" in everything(), name


def schemas() -> list[Path]:
    return sorted([*(ROOT / "reports" / "schemas").iterdir(), *(ROOT / "policies" / "schemas").iterdir()])


@pytest.mark.parametrize("path", schemas(), ids=lambda path: path.name)
def test_every_schema_is_referenced(path: Path) -> None:
    """The contract of a format is found from the page about the format."""
    assert path.name in everything()


def anchors(page: str) -> set[str]:
    """What a heading is called in a link, as GitHub makes it."""
    plain = re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL)
    found = re.findall(r"^#+ (.+)$", plain, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", head).lower()).strip().replace(" ", "-") for head in found
    }


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    """Every link inside the repository has its file, and its heading where it names one."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text(path)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = unquote(target).partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), f"{path.relative_to(ROOT)}: {target}"
        if anchor and there.suffix == ".md":
            assert anchor in anchors(text(there)), f"{path.relative_to(ROOT)}: {target}"


def test_every_page_is_reachable() -> None:
    """From the index, every page of the docs is one or two links away."""
    index = ROOT / "docs" / "index.md"
    first = set(re.findall(r"\]\(([\w/.-]+\.md)\)", text(index)))
    found = {(index.parent / target).resolve() for target in first}
    found |= {
        (page.parent / target).resolve()
        for page in tuple(found)
        for target in re.findall(r"\]\(([\w/.-]+\.md)\)", text(page))
    }
    assert {path.resolve() for path in (ROOT / "docs").rglob("*.md")} - found == {index.resolve()} - found


def test_every_file_of_the_kit_is_documented() -> None:
    """docs/ci.md has a row for each file of the CI kit."""
    page = text(ROOT / "docs" / "ci.md")
    files = [path for path in (ROOT / "ci").rglob("*") if path.is_file() and path.suffix != ".dockerignore"]
    assert files
    for path in files:
        assert f"`{path.relative_to(ROOT).as_posix()}`" in page, path


def test_every_input_of_the_action_is_documented() -> None:
    """docs/ci.md has every input of the GitHub action, with its default."""
    import yaml

    page = text(ROOT / "docs" / "ci.md")
    action = yaml.safe_load(text(ROOT / "ci" / "github" / "action.yml"))
    for name, entry in action["inputs"].items():
        (row,) = [
            line
            for line in page.splitlines()
            if line.startswith("| `") and f"`{name}`" in line.split(" | ")[0]
        ]
        told = row.split("|")[2].strip().strip("`")
        assert told == entry["default"], name
    assert all(f"`{name}`" in page for name in action["outputs"])
