from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor import resources

_NAMES = ["addresses", "appliance", "baseline", "egress-policy", "service-tag-map", "shared-destinations"]


def _schema(name: str) -> dict[str, Any]:
    path = resources.policies() / "schemas" / f"{name}.schema.json"
    schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return schema


def _objects(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The schema and every schema below it."""
    yield schema
    children = [*schema.get("properties", {}).values(), *schema.get("patternProperties", {}).values()]
    children += [
        schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)
    ]
    for child in children:
        yield from _objects(child)


@pytest.mark.parametrize("name", _NAMES)
def test_schemas_are_sound(name: str) -> None:
    """Each schema is valid, closed against unknown keys, and describes every property."""
    schema = _schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in _objects(schema):
        assert part.get("description"), part
        assert part.get("type") != "object" or "additionalProperties" in part
