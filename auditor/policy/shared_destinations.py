"""Which destinations anybody can rent a place in, as `policies/shared-destinations.yaml` has it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from auditor import resources
from auditor.model.shared_destinations import SharedDestinations, SharedSuffix, SharedTag
from auditor.policy.faults import shown
from auditor.policy.yaml_document import load_document


def load_shared_destinations() -> SharedDestinations:
    """Those that ship with the package."""
    return _load_shipped(resources.policies() / "shared-destinations.yaml")


def read_shared_destinations(path: Path) -> SharedDestinations:
    """Those of a file; InputError if it does not fit or names a tag or suffix twice."""
    document = load_document(path, "shared-destinations")
    tags: dict[str, SharedTag] = {}
    for index, one in enumerate(document.data["tags"]):
        for position, name in enumerate(one["names"]):
            if name.lower() in tags:
                document.fail(
                    f"the tag {shown(name)} stands in an entry before", "tags", index, "names", position
                )
            tags[name.lower()] = SharedTag(name=name, reach=one["kind"], holds=one["holds"])
    suffixes: dict[str, SharedSuffix] = {}
    for index, one in enumerate(document.data["suffixes"]):
        for position, suffix in enumerate(one["suffixes"]):
            if suffix in suffixes:
                message = f"the suffix {shown(suffix)} stands in an entry before"
                document.fail(message, "suffixes", index, "suffixes", position)
            suffixes[suffix] = SharedSuffix(suffix=suffix, labels=one["labels"], holds=one["holds"])
    return SharedDestinations(tags=tags, suffixes=tuple(suffixes.values()))


@cache
def _load_shipped(path: Path) -> SharedDestinations:
    return read_shared_destinations(path)
