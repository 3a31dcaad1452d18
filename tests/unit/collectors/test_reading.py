from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from auditor.collectors.folder_writer import FolderWriter
from auditor.collectors.journal import Row

SCOPE = "/subscriptions/00000000-0000-0000-0000-000000000001"
KIND = "Microsoft.Network/networkSecurityGroups"
GROUP = {"id": f"{SCOPE}/resourceGroups/rg/providers/{KIND}/a", "properties": {"securityRules": []}}


@pytest.mark.parametrize(
    "odd", [None, 7, "text", [], {}, {"id": 7, "properties": {}}, {**GROUP, "properties": "half"}]
)
def test_entry_that_is_no_resource_makes_a_list_partial(tmp_path: Path, odd: Any) -> None:
    """What stands for a resource and cannot be read as one is not known: the list is not complete, and says why."""
    writer = FolderWriter(tmp_path / "estate")
    writer.begin("public", {}, resume=False)
    writer.add(Row(scope=SCOPE, kind=KIND, status="complete"), [GROUP, odd])
    writer.finish()
    (read,) = writer.reads()
    writer.close()
    assert (read.status, bool(read.error)) == ("partial", True)
    assert len((tmp_path / "estate" / "resources.jsonl").read_text().splitlines()) == 2
