"""Estates that no service would store, or that lack a document, end with one clear line or with an honest unknown."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., subprocess.CompletedProcess[str]]
ESTATE = Path(__file__).resolve().parents[1] / "cases" / "estates" / "hub-spoke"


def documents() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(ESTATE.glob("*.json")):
        body = json.loads(path.read_text(encoding="utf-8"))
        if path.name not in {"manifest.json", "service-tags.json"}:
            found += body if isinstance(body, list) else body.get("value", [body])
    return found


def saved(folder: Path, bodies: list[dict[str, Any]], *, manifest: bool = True) -> Path:
    target = folder / "estate"
    target.mkdir()
    (target / "documents.json").write_text(json.dumps(bodies), encoding="utf-8")
    if manifest:
        (target / "manifest.json").write_bytes((ESTATE / "manifest.json").read_bytes())
    return target


def of_type(bodies: list[dict[str, Any]], kind: str) -> list[dict[str, Any]]:
    return [
        body
        for body in bodies
        if f"/{kind}/" in body["id"].lower() and body["id"].lower().split("/")[-2] == kind
    ]


def one_line(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 2
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    for word in words:
        assert word in lines[0]


@pytest.mark.parametrize("manifest", [True, False])
def test_a_cycle_of_parent_policies(run: Run, tmp_path: Path, *, manifest: bool) -> None:
    """Policies that are each other's parents are named, with the file."""
    bodies = documents()
    policies = of_type(bodies, "firewallpolicies")
    other = {**policies[0], "id": policies[0]["id"] + "-other", "name": "other"}
    other["properties"] = {**policies[0]["properties"], "basePolicy": {"id": policies[0]["id"]}}
    policies[0]["properties"]["basePolicy"] = {"id": other["id"]}
    result = run("scan", "--snapshot", saved(tmp_path, [*bodies, other], manifest=manifest))
    one_line(result, "documents.json", "parents of each other", policies[0]["id"].split("/")[-1])


def test_an_unknown_cluster_name(run: Run, tmp_path: Path) -> None:
    """The clusters that exist are named."""
    bodies = documents()
    cluster = of_type(bodies, "managedclusters")[0]
    result = run("scan", "--snapshot", saved(tmp_path, bodies), "--cluster", "elsewhere")
    one_line(result, "elsewhere", cluster["id"].split("/")[-1])


def test_an_ambiguous_cluster_name(run: Run, tmp_path: Path) -> None:
    """Two clusters of one name are told apart by their ids."""
    bodies = documents()
    cluster = of_type(bodies, "managedclusters")[0]
    twin = {**cluster, "id": cluster["id"].replace("/resourceGroups/", "/resourceGroups/twin-", 1)}
    name = cluster["id"].split("/")[-1]
    result = run("scan", "--snapshot", saved(tmp_path, [*bodies, twin]), "--cluster", name)
    one_line(result, cluster["id"], twin["id"])
    chosen = run(
        "scan", "--snapshot", tmp_path / "estate", "--cluster", cluster["id"].upper(), "--format", "json"
    )
    assert [item["id"] for item in json.loads(chosen.stdout)["clusters"]] == [cluster["id"]]


def test_a_missing_security_group_is_unknown(run: Run, tmp_path: Path) -> None:
    """What a reference names and the snapshot lacks is never absent: nothing is allowed, exit 3."""
    bodies = documents()
    gone = of_type(bodies, "networksecuritygroups")
    kept = [body for body in bodies if body not in gone]
    result = run("scan", "--snapshot", saved(tmp_path, kept, manifest=False), "--format", "json")
    report = json.loads(result.stdout)
    asked = [
        item for cluster in report["clusters"] for item in cluster["endpoints"] if item["applies"] is True
    ]
    assert result.returncode == 3
    assert asked
    assert {item["verdict"] for item in asked} <= {"unknown", "blocked"}, (
        "never allowed; the firewall still blocks"
    )
    unknown = [item for item in asked if item["verdict"] == "unknown"]
    assert unknown
    assert all("unreadable-resource" in item["reasons"] for item in unknown)
    assert report["coverage"]["complete"] is False
