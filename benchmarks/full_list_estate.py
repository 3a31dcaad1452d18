"""Writes the `locked-down` estate with a full service tag list in place of its short one.

`python -m benchmarks.full_list_estate FOLDER` prints which list it took. It is a program of its own so that
what it needs of memory is not counted with the scan that is measured.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

from auditor.resources import examples
from benchmarks.service_tags import service_tag_list

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "real"


def main() -> None:
    """Write the estate's files into a folder."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--synthetic", action="store_true", help="take the synthetic list in any case")
    options = parser.parse_args()
    folder: Path = options.folder
    source = examples() / "locked-down"
    shutil.copyfile(source / "manifest.json", folder / "manifest.json")
    lines = (source / "resources.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if '"Microsoft.Network/locations/serviceTags"' not in line]
    assert len(kept) < len(lines)  # noqa: S101 - else the short list is still there
    (folder / "resources.jsonl").write_text("".join(kept), encoding="utf-8")
    found = [] if options.synthetic else sorted(REAL.glob("ServiceTags_Public_*.json"))
    listed = json.loads(found[-1].read_bytes()) if found else service_tag_list()
    name = found[-1].name if found else "synthetic"
    (folder / "service-tags.json").write_text(json.dumps(listed), encoding="utf-8")
    print(f"{name}: {_size(listed)}")


def _size(listed: dict[str, Any]) -> str:
    prefixes = sum(len(tag["properties"]["addressPrefixes"]) for tag in listed["values"])
    return f"{len(listed['values']):,} tags, {prefixes:,} prefixes"


if __name__ == "__main__":
    main()
