"""The wheel carries the code and all data files; what a .gitignore hides would be missing from it, silently."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DATA = ("policies", "reports", "examples")

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("hatchling") is None,
    reason="hatchling is not installed here; .ci/run and `make package` build the wheel too",
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout, built without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        capture_output=True,
        timeout=120,
        check=True,
    )
    (found,) = folder.glob("*.whl")
    return found


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def files(folder: str) -> dict[str, bytes]:
    """The files below a folder of the checkout, without what Python and editors leave."""
    return {
        path.relative_to(ROOT).as_posix(): path.read_bytes()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith(".")
    }


@pytest.mark.parametrize("folder", DATA)
def test_data_files_are_all_there(wheel: Path, folder: str) -> None:
    """Every file of a data folder lies in the wheel, byte for byte, and no other does."""
    shipped = {
        name.removeprefix("auditor/_data/"): body
        for name, body in contents(wheel).items()
        if name.startswith(f"auditor/_data/{folder}/")
    }
    assert shipped == files(folder)
    assert shipped
    assert not [name for name in shipped if name.endswith(".py")]


def test_code_is_all_there(wheel: Path) -> None:
    """The package is there with its marker of types; nothing else is a top-level name."""
    shipped = contents(wheel)
    assert {
        name for name in shipped if name.startswith("auditor/") and not name.startswith("auditor/_data/")
    } == set(files("auditor"))
    assert "auditor/py.typed" in shipped
    tops = {name.split("/", 1)[0] for name in shipped}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"auditor"}


def test_command_is_declared(wheel: Path) -> None:
    """Installing it gives the command."""
    (entry_points,) = (
        body for name, body in contents(wheel).items() if name.endswith(".dist-info/entry_points.txt")
    )
    assert entry_points.decode().split() == ["[console_scripts]", "egress-audit", "=", "auditor.cli:main"]


def test_unpacked_wheel_works_alone(wheel: Path, tmp_path: Path) -> None:
    """Away from the checkout it audits its own example with its own editions."""
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    done = subprocess.run(
        [sys.executable, "-m", "auditor", "scan", "--example", "locked-down"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "aks-payments" in done.stdout
