"""`egress-audit diff`, from the command to the exit code."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from auditor import resources

Run = Callable[..., subprocess.CompletedProcess[str]]
Json = dict[str, Any]
LOCKED, BROKEN = "example:locked-down", "example:broken"
HOST = {
    "ruleType": "NetworkRule",
    "name": "host",
    "ipProtocols": ["TCP"],
    "sourceAddresses": ["10.20.0.0/22"],
    "destinationAddresses": ["9.9.9.0/24"],
    "destinationPorts": ["443"],
}


def schema(name: str) -> Draft202012Validator:
    text = (resources.reports() / "schemas" / f"{name}.schema.json").read_text("utf-8")
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def edited(folder: Path, edit: Callable[[Json], None]) -> Path:
    """The example `locked-down` on disk, with each document given to `edit`."""
    shutil.copytree(resources.examples() / "locked-down", folder)
    path = folder / "resources.jsonl"
    documents = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    for document in documents:
        edit(document)
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    return folder


def with_host(document: Json) -> None:
    """One more host that a network rule lets out."""
    for collection in document.get("properties", {}).get("ruleCollections", ()):
        if collection["name"] == "net-aks-required":
            collection["rules"].append(HOST)


def test_nothing(run: Run) -> None:
    """The same on both sides is no difference and exit code 0."""
    done = run("diff", LOCKED, LOCKED)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("1 cluster compared by aks-2026-06-18: no difference.")


def test_more(run: Run, tmp_path: Path) -> None:
    """A rule more: its exact set, the rule, what stopped it before; exit code 1 unless that is accepted."""
    folder = edited(tmp_path / "after", with_host)
    done = run("diff", LOCKED, folder, "--width", "100")
    assert (done.returncode, done.stderr) == (1, "")
    assert "more     tcp/443 to 9.9.9.0/24 (256 addresses)\n" in done.stdout
    assert "beyond what the cluster needs\n" in done.stdout
    assert "rule net-aks-required/host" in done.stdout
    assert "was stopped by firewall fw-hub-weu: no network rule of policy" in done.stdout
    assert "no required endpoint got worse" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100
    codes = [
        run("diff", *sides, "--fail-on", level).returncode
        for level in ("more", "excess", "never")
        for sides in ((LOCKED, folder), (folder, LOCKED))
    ]
    assert codes == [1, 0, 1, 0, 0, 0]


def test_json(run: Run, tmp_path: Path) -> None:
    """The JSON keeps its schema, holds whole sets unless a limit is given, and is the same each time."""
    first = run("diff", LOCKED, BROKEN, "--format", "json")
    second = run("diff", LOCKED, BROKEN, "--format", "json", "--output", "out.json")
    assert (first.returncode, second.returncode, second.stdout) == (1, 1, "")
    assert (tmp_path / "out.json").read_text("utf-8") == first.stdout
    document = json.loads(first.stdout)
    schema("diff-v1").validate(document)
    (cluster,) = document["clusters"]
    batch, nodes = cluster["subnets"]
    assert (batch["presence"], nodes["presence"]) == ("appeared", "both")
    assert [part["hiddenSets"] for part in batch["more"]] == [0] * len(batch["more"])
    assert any(len(part["sets"]) > 1 for part in batch["more"])
    worse = [item["to"] for item in cluster["endpoints"] if item["worse"] is True]
    assert worse == ["*.data.mcr.microsoft.com:443/https", "management.azure.com:443/https"]
    assert document["summary"]["gotMore"]
    assert document["summary"]["gotWorse"]
    limited = json.loads(run("diff", LOCKED, BROKEN, "--format", "json", "--limit", "1").stdout)
    schema("diff-v1").validate(limited)
    part = next(part for part in limited["clusters"][0]["subnets"][0]["more"] if part["hiddenSets"])
    assert len(part["sets"]) == 1


def test_limit_and_verbose(run: Run) -> None:
    """The table says how much it hides and how to see it; `-v` adds the paths and what is assumed."""
    short = run("diff", LOCKED, BROKEN, "--limit", "1").stdout
    assert "more set of services at 76,520 addresses (--limit 0 shows all)" in short
    assert "path 1. " not in short
    whole = run("diff", LOCKED, BROKEN, "--limit", "0", "-v").stdout
    assert "--limit 0" not in whole
    assert "path 1. " in whole
    assert "Assumed:" in whole
    assert len(whole) > len(short)


def test_two_policies(run: Run) -> None:
    """One snapshot by two editions: nothing leaves otherwise, and what is judged otherwise is told."""
    editions = ("--old-policy", "aks-2019-05-14", "--new-policy", "aks-2026-06-18")
    done = run("diff", BROKEN, BROKEN, *editions)
    assert done.returncode == 1
    assert "leaves as before; was needed, now beyond what the cluster needs" in done.stdout
    assert "aks-2019-05-14 (old) and aks-2026-06-18 (new)" in done.stdout
    assert "\n    more " not in done.stdout
    same = run("diff", BROKEN, BROKEN, "--policy", "aks-2019-05-14")
    assert (same.returncode, same.stdout.count("no difference")) == (0, 1)


def test_incomplete(run: Run, tmp_path: Path) -> None:
    """A read that failed on one side makes 3 where nothing got more, and is told; more still makes 1."""

    def fail(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
        for row in manifest["reads"]:
            if row["kind"].lower() == "microsoft.network/loadbalancers":
                row.update(status="denied", error="403")
        (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")

    old, new = edited(tmp_path / "old", lambda _: None), edited(tmp_path / "new", with_host)
    fail(old)
    done = run("diff", old, LOCKED)
    assert done.returncode == 3
    assert "old side incomplete: " in done.stdout
    assert "something essential was not read on the old side" in done.stderr
    assert run("diff", old, LOCKED, "--allow-incomplete").returncode == 0
    assert run("diff", old, LOCKED, "--quiet").stderr == ""
    assert run("diff", old, new).returncode == 1


def test_ipv6(run: Run, tmp_path: Path) -> None:
    """A subnet that gets IPv6 addresses makes 3: more may leave; that they went makes 0, and is told."""

    def dual_stack(document: Json) -> None:
        if document["name"] == "vnet-spoke-payments":
            document["properties"]["addressSpace"]["addressPrefixes"].append("fd00:10::/48")
            subnet = document["properties"]["subnets"][0]["properties"]
            subnet["addressPrefixes"] = [subnet.pop("addressPrefix"), "fd00:10::/64"]

    folder = edited(tmp_path / "after", dual_stack)
    done = run("diff", LOCKED, folder)
    assert done.returncode == 3
    assert "unclear  tcp, udp, icmp to 2000::/3" in done.stdout
    assert "more may leave than before" in done.stderr
    back = run("diff", folder, LOCKED)
    assert (back.returncode, "is surely stopped now" in back.stdout) == (0, True)
    assert run("diff", folder, folder).returncode == 0


def test_unknown_on_both_sides(run: Run, tmp_path: Path) -> None:
    """From one appliance that nobody can describe to another makes 3; the same on both sides stays 0."""

    def through(address: str) -> Callable[[Json], None]:
        def edit(document: Json) -> None:
            if document["name"] == "rt-aks-nodes":
                document["properties"]["routes"][0]["properties"]["nextHopIpAddress"] = address

        return edit

    old, new = (edited(tmp_path / name, through(f"10.{name}.0.4")) for name in ("77", "78"))
    done = run("diff", old, new)
    assert done.returncode == 3
    assert "not known on either side, and it hangs on something else now" in done.stdout
    assert "what neither side can tell hangs on something else now, so more may leave" in done.stderr
    document = json.loads(run("diff", old, new, "--format", "json").stdout)
    schema("diff-v1").validate(document)
    parts = document["clusters"][0]["subnets"][0]["undetermined"]
    assert {(one["old"], one["new"]) for one in parts} == {("unknown", "unknown")}
    assert run("diff", old, new, "--allow-incomplete").returncode == 0
    assert run("diff", new, new).returncode == 0


def test_no_cluster(run: Run, tmp_path: Path) -> None:
    """A side without any cluster makes 3 where nothing got more: nothing that was seen there proves nothing."""
    shutil.copytree(resources.examples() / "locked-down", tmp_path / "bare")
    path = tmp_path / "bare" / "resources.jsonl"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text(
        "".join(line for line in lines if "/managedClusters" not in json.loads(line)["id"]), "utf-8"
    )
    gone = run("diff", LOCKED, "bare")
    assert (gone.returncode, "there is no AKS cluster on the new side" in gone.stderr) == (3, True)
    assert run("diff", LOCKED, "bare", "--allow-incomplete").returncode == 0
    neither = run("diff", "bare", "bare")
    assert (neither.returncode, "there is no AKS cluster on either side" in neither.stderr) == (3, True)
    assert run("diff", "bare", LOCKED).returncode == 1
    assert run("diff", LOCKED, "example:open").returncode == 1


def test_both_sides(run: Run, tmp_path: Path) -> None:
    """What `--also` names is read on both sides."""
    folder = tmp_path / "spoke"
    shutil.copytree(resources.examples() / "locked-down", folder)
    lines = (folder / "resources.jsonl").read_text("utf-8").splitlines(keepends=True)
    hub = [line for line in lines if "/azureFirewalls/" in json.loads(line)["id"]]
    assert hub
    rest = [line for line in lines if line not in hub]
    (folder / "resources.jsonl").write_text("".join(rest), encoding="utf-8")
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["reads"] = [row for row in manifest["reads"] if "azureFirewalls" not in row["kind"]]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    (tmp_path / "hub.jsonl").write_text("".join(hub), encoding="utf-8")
    assert run("diff", folder, LOCKED).returncode == 3
    done = run("diff", folder, LOCKED, "--also", "hub.jsonl")
    assert (done.returncode, done.stdout.count("no difference")) == (0, 1)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((LOCKED,), "missing argument 'NEW'"),
        ((LOCKED, "example:nope"), "no example is called 'nope'"),
        ((LOCKED, "nowhere"), "nowhere: cannot be read"),
        ((LOCKED, BROKEN, "--cluster", "nobody"), "no cluster named 'nobody'"),
        ((LOCKED, BROKEN, "--new-policy", "aks-1999"), "aks-1999"),
        ((LOCKED, BROKEN, "--no-assume", "luck"), "'luck' is no assumption"),
    ],
)
def test_wrong_usage(run: Run, words: tuple[str, ...], message: str) -> None:
    """What cannot be compared is refused with a reason and exit code 2."""
    done = run("diff", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr
