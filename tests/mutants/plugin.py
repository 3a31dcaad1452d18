"""A pytest plugin: first it notes which functions each test calls, then it runs only the tests that can tell.

A mutant in a function that a test never calls cannot fail it. Of the others those that killed mutants near by come
first, the rest in an order that mixes their subjects. The plugin also brings a profile of hypothesis: the same
examples on every run, and no search for the smallest that fails.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import CodeType, FrameType
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, Phase, settings

PROFILE: Final = "mutants"
settings.register_profile(
    PROFILE,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=(HealthCheck.too_slow,),
)

NOTES: Final = "MUTANT_NOTES"
"""The variable that names the file to write what each test calls."""
ORDER: Final = "MUTANT_ORDER"
"""The variable that names the file with the ids of the only tests to run, in their order."""

AT_IMPORT: Final = ""
"""The name under which stands what is called before the first test."""

_called: dict[str, list[str]] = {}
_codes: set[CodeType] = set()


def _note(frame: FrameType, event: str, argument: Any) -> None:  # noqa: ARG001 - what Python passes
    if event == "call":
        _codes.add(frame.f_code)


if NOTES in os.environ:
    sys.setprofile(_note)


def function_of(code: CodeType) -> str:
    """`Class.method` of some code; what stands inside of a function, such as a lambda, is part of it."""
    return ".".join(name for name in code.co_qualname.split(".") if not name.startswith("<"))


def mixed(name: str) -> bytes:
    """A place in an order that has nothing to do with names."""
    return sha256(name.encode()).digest()


def _noted(root: Path) -> list[str]:
    """The functions called since the last time, each as `file:function`."""
    home = f"{root}/"
    codes = list(_codes)  # iterating calls something, and that is noted too
    _codes.clear()
    found = {
        f"{code.co_filename.removeprefix(home)}:{function_of(code)}"
        for code in codes
        if code.co_filename.startswith(f"{home}auditor/")
    }
    return sorted(found)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Note what a test calls, its fixtures included."""
    done = yield
    if NOTES in os.environ:
        _called[item.nodeid] = _noted(item.config.rootpath)
        sys.setprofile(_note)  # in case a test set its own
    return done


def pytest_collection_finish(session: pytest.Session) -> None:
    """Note what was called to import the code and the tests."""
    if NOTES in os.environ:
        _called[AT_IMPORT] = _noted(session.config.rootpath)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that cannot tell, and put the others in their order."""
    if ORDER not in os.environ:
        return
    place = {name: number for number, name in enumerate(Path(os.environ[ORDER]).read_text().splitlines())}
    config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in place])
    items[:] = sorted((item for item in items if item.nodeid in place), key=lambda item: place[item.nodeid])


def pytest_sessionfinish() -> None:
    """Write the notes."""
    if NOTES in os.environ:
        Path(os.environ[NOTES]).write_text(json.dumps(_called))
