"""The examples that show how to use the library are run as they are printed."""

from __future__ import annotations

import re
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

import auditor
from auditor.resources import examples

ROOT = Path(__file__).resolve().parents[1]


def from_docstring() -> str:
    """The indented block of the package's docstring."""
    found = re.search(r"\n\n((?:    .*\n|\n)+)", f"{auditor.__doc__}\n")
    assert found is not None
    return textwrap.dedent(found[1])


def from_readme() -> str:
    """The first Python block of the README."""
    found = re.search(r"\n```python\n(.*?)\n```\n", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("example", [from_docstring, from_readme])
def test_example_runs_as_printed(
    example: Callable[[], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The example runs word for word in a folder that has the snapshot it names, and prints findings."""
    code = example()
    (place,) = re.findall(r'load_snapshot\("(.+?)"\)', code)
    shutil.copytree(examples() / "broken", tmp_path / place)
    monkeypatch.chdir(tmp_path)
    exec(compile(code, "example", "exec"), {"__name__": "example"})  # noqa: S102 - our own documentation
    printed = capsys.readouterr().out
    assert "error" in printed
    assert "*.data.mcr.microsoft.com:443/https" in printed


def test_public_names_resolve() -> None:
    """Every name in `__all__` resolves lazily, and nothing else is offered."""
    assert sorted(auditor.__all__) == dir(auditor)
    assert len(auditor.__all__) < 20
    for name in auditor.__all__:
        assert getattr(auditor, name) is not None
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = auditor.no_such_name
