"""The published schemas of the formats that are not ours, offline."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import xmlschema
from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

from auditor.reporters.ocsf import OCSF_VERSION

SCHEMAS = Path(__file__).parent / "schemas"


@cache
def sarif() -> Draft202012Validator:
    """SARIF 2.1.0."""
    schema = json.loads((SCHEMAS / "sarif-2.1.0.json").read_text("utf-8"))
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


@cache
def junit() -> xmlschema.XMLSchema:
    """JUnit as Jenkins reads it."""
    return xmlschema.XMLSchema(SCHEMAS / "junit-10.xsd")


@cache
def ocsf() -> Draft202012Validator:
    """A Compliance Finding of the version that the reporter names, with the cloud profile."""
    whole: Any = OcsfJsonSchemaEmbedded(get_ocsf_schema(version=OCSF_VERSION))
    schema = whole.get_class_schema(class_name="compliance_finding", profiles=["cloud"])
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
