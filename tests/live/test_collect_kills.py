"""A collection that is killed leaves a snapshot that says what is missing, and goes on to the same bytes."""

from __future__ import annotations

import json
import random
import threading
import time
from itertools import islice
from pathlib import Path

import pytest

from auditor.collectors.folder import Folder
from auditor.collectors.interface import Part
from auditor.model.essential import COLLECTION
from tests.arm.server import ArmServer
from tests.live.collecting import queue, start

SUBSCRIPTIONS = ("3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614", "b7429d06-1e8f-4d35-a2c7-94f06e3d5b18")
FILES = ["manifest.json", "resources.jsonl"]
CALLS = 53
"""What an undisturbed collection takes, about: kills are spread over it."""
MOMENTS = [(number, random.Random(number).randrange(1, CALLS + 8)) for number in range(20)]  # noqa: S311 - no secret


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, _broken: ArmServer) -> dict[str, bytes]:
    """The files of a collection that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "estate"
    _finish(_broken, folder)
    return _files(folder)


def _finish(server: ArmServer, folder: Path, *, resume: bool = False) -> None:
    process = start(server, folder, SUBSCRIPTIONS, resume=resume)
    process.join(60)
    assert process.exitcode == 0
    process.close()


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@pytest.mark.parametrize(("seed", "call"), MOMENTS)
def test_killed(arm: ArmServer, tmp_path: Path, undisturbed: dict[str, bytes], seed: int, call: int) -> None:
    """SIGKILL at a random moment: the folder reads, claims nothing that it lacks, and resumes to equal bytes."""
    folder = tmp_path / "estate"
    reached = threading.Event()
    if call <= CALLS:
        arm.faults.add(first=call, times=1, before=lambda _: reached.set())
    process = start(arm, folder, SUBSCRIPTIONS)
    while not reached.wait(0.002) and process.is_alive():
        if call > CALLS and (folder / ".resources.jsonl.tmp").exists():
            break  # the last moments: while the snapshot is put in its final order
    time.sleep(random.Random(seed).random() * 0.02)  # noqa: S311 - no secret
    process.kill()
    process.join()
    process.close()
    if not folder.exists() or not any(folder.iterdir()):
        _finish(arm, folder)
    else:
        _check_claims(Folder(folder).read(), undisturbed)
        if sorted(path.name for path in folder.iterdir()) != FILES:
            _finish(arm, folder, resume=True)
    assert _files(folder) == undisturbed


def _check_claims(part: Part, undisturbed: dict[str, bytes]) -> None:
    """What the manifest calls complete is there, and a snapshot that lacks something says so."""
    assert part.has_manifest
    held = {copy.id.key for copy in part.copies}
    given = _given(undisturbed)
    rows = {(read.scope.lower(), read.kind.lower()): read for read in part.reads}
    for key, read in rows.items():
        if read.complete:
            assert given[key] <= held
    if not any(read.kind == COLLECTION for read in part.reads):
        assert rows.keys() == given.keys()
        assert all(read.complete for read in part.reads)


def _given(files: dict[str, bytes]) -> dict[tuple[str, str], set[str]]:
    """The ids that each read of the undisturbed collection gave: documents lie in the order of the rows."""
    ids = (json.loads(line)["id"].lower() for line in files["resources.jsonl"].splitlines())
    return {
        (row["scope"].lower(), row["kind"].lower()): {
            key for key in islice(ids, row["documents"]) if "/servicetags" not in key
        }
        for row in json.loads(files["manifest.json"])["reads"]
    }


def test_memory_stays_flat(arm: ArmServer, tmp_path: Path) -> None:
    """Four times the resources, and memory grows by a part of their bytes: what is kept of each is its place."""
    arm.manager.page_size = 1000
    peaks = []
    for number in (2_000, 8_000):
        _fill(arm, number)
        told = queue()
        process = start(arm, tmp_path / str(number), SUBSCRIPTIONS, told=told)
        peaks.append(told.get())
        process.join(60)
        assert process.exitcode == 0
        process.close()
    small, large = ((tmp_path / name / "resources.jsonl").stat().st_size for name in ("2000", "8000"))
    assert large - small > 12 * 2**20
    assert (peaks[1] - peaks[0]) * 1024 < (large - small) / 2


def _fill(arm: ArmServer, number: int) -> None:
    group = f"/subscriptions/{SUBSCRIPTIONS[0]}/resourceGroups/rg-many/providers/Microsoft.Network"
    for index in range(number):
        arm.estate.put(
            {
                "id": f"{group}/publicIPAddresses/pip-{index:06}",
                "name": f"pip-{index:06}",
                "type": "Microsoft.Network/publicIPAddresses",
                "location": "westeurope",
                "tags": {f"tag-{tag:02}": "x" * 60 for tag in range(30)},
                "properties": {"provisioningState": "Succeeded", "ipAddress": "20.0.0.1"},
            }
        )
