"""`egress-audit policy` and `--policy FILE`, as users run them."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from auditor import resources

Run = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]

FORBID = 'forbid:\n  - to: "*.example.net:443/https"\n'
WAIVER = """\
waivers:
  - {rule: excess-egress, reason: r, owner: team-a, expires: 2026-12-31}
  - {rule: egress-unrestricted, reason: r, owner: team-a, expires: 2026-12-31}
"""


def test_a_draft_leaves_no_excess(run: Run, tmp_path: Path) -> None:
    """What `init` writes is a policy with the options as its settings, and by it the same estate has no excess left."""
    policy = tmp_path / "sub" / "egress-policy.yaml"
    policy.parent.mkdir()
    made = run("policy", "init", "--example", "broken", "--private", "--output", policy)
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert yaml.safe_load(policy.read_text(encoding="utf-8"))["settings"] == {"privateEgress": True}
    report = json.loads(run("scan", "--example", "broken", "--policy", policy, "--format", "json").stdout)
    assert report["policy"]["file"] == str(policy)
    judged = [one["status"] for one in report["findings"] if one["rule"] == "excess-egress"]
    assert set(judged) == {"pass"}
    again = run("policy", "init", "--output", policy)
    assert (again.returncode, "exists already" in again.stderr) == (2, True)


def test_init_without_a_source(run: Run, tmp_path: Path) -> None:
    """A start without rows is a policy, and so are all of its examples once the comment signs are taken away."""
    text = run("policy", "init").stdout
    (tmp_path / "a.yaml").write_text(text, encoding="utf-8")
    assert run("policy", "check", "a.yaml").stdout == "a.yaml: aks-2026-06-18; nothing of its own\n"
    lines = [
        line.removeprefix("# ")
        for line in text.splitlines()
        if line[:4] in {"# re", "# al", "# fo", "# wa", "# se"} or line.startswith("#   ")
    ]
    (tmp_path / "b.yaml").write_text(
        "\n".join(lines).replace("  appliances: [appliances.yaml]", ""), encoding="utf-8"
    )
    done = run("policy", "check", "b.yaml", "--today", "2026-07-02")
    assert done.stdout.startswith(
        "b.yaml: aks-2026-06-18; 1 required, 1 allowed, 1 forbidden, 1 waived, 1 off; strict"
    )


def test_the_example_of_the_documentation(run: Run, tmp_path: Path) -> None:
    """What the page on policies shows is a policy."""
    page = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
    (tmp_path / "p.yaml").write_text(page.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    (tmp_path / "appliances.yaml").write_text(
        "appliances: [{address: 10.9.0.4, rules: []}]\n", encoding="utf-8"
    )
    done = run("policy", "check", "p.yaml", "--today", "2026-07-02", COLUMNS="110")
    assert (done.returncode, done.stdout.splitlines()[0]) == (
        0,
        "p.yaml: aks-2026-06-18; 1 required, 2 allowed, 2 forbidden, 1 waived, 1 with a severity of its own, 1 off",
    )


def test_check(run: Run, tmp_path: Path) -> None:
    """A sound policy is summed up with what needs a look; a broken one is one line and exit code 2."""
    (tmp_path / "egress-policy.yaml").write_text(
        "allow: [{to: 'a.example.net:443/https'}]\n" + FORBID + WAIVER, encoding="utf-8"
    )
    done = run("policy", "check", "--today", "2026-12-20", COLUMNS="110")
    assert done.stdout.splitlines() == [
        "egress-policy.yaml: aks-2026-06-18; 1 allowed, 1 forbidden, 2 waived",
        "egress-policy.yaml:5:5: the waiver of excess-egress ends on 2026-12-31",
        "egress-policy.yaml:6:5: the waiver of egress-unrestricted ends on 2026-12-31",
        "egress-policy.yaml:1:9: allow a.example.net:443/https is in part forbidden by egress-policy.yaml:3:5, which",
        "  wins",
    ]
    assert "ended on 2026-12-31 and waives nothing" in run("policy", "check", "--today", "2027-01-01").stdout
    (tmp_path / "bad.yaml").write_text("forbidd: []\n", encoding="utf-8")
    bad = run("policy", "check", "bad.yaml")
    message = 'egress-audit: bad.yaml:1:1: unknown key "forbidd" (did you mean "forbid"?)\n'
    assert (bad.returncode, bad.stdout, bad.stderr) == (2, "", message)
    assert run("policy", "check", "none.yaml").returncode == 2


def test_a_policy_in_the_folder_is_used_and_said(run: Run, tmp_path: Path) -> None:
    """scan, trace and diff take egress-policy.yaml where it lies, and say so on stderr unless they are to be quiet."""
    (tmp_path / "egress-policy.yaml").write_text(FORBID, encoding="utf-8")
    scanned = run("scan", "--example", "open")
    traced = run("trace", "--example", "open", "--to", "8.8.8.8:1/tcp")
    compared = run("diff", "example:open", "example:open")
    assert [
        one.stderr.count("using the policy egress-policy.yaml") for one in (scanned, traced, compared)
    ] == [1] * 3
    assert "forbidden" in scanned.stdout
    for words in (("--quiet",), ("--policy", "aks-2026-06-18")):
        assert (
            "using the policy"
            not in run("trace", "--example", "open", "--to", "8.8.8.8:1/tcp", *words).stderr
        )
    (tmp_path / "egress-policy.yaml").write_text("x\n", encoding="utf-8")
    assert run("scan", "--example", "open").returncode == 2


def test_waivers_and_exit_codes(run: Run, tmp_path: Path) -> None:
    """Waived findings count for nothing, an ended waiver waives nothing, and the screen tells of both."""
    (tmp_path / "p.yaml").write_text(WAIVER, encoding="utf-8")
    words = ("scan", "--example", "open", "--policy", "p.yaml", "--today")
    held = run(*words, "2026-12-31", "-v")
    assert held.returncode == 0
    assert "2 findings waived by p.yaml." in " ".join(held.stdout.split())
    assert "excess-egress: 1 finding until 2026-12-31, by team-a: r" in held.stdout
    over = run(*words, "2027-01-01")
    assert over.returncode == 1
    assert "warning  waiver-expired   p.yaml:2:5" in over.stdout
    assert run(*words, "tomorrow").returncode == 2


def test_json_tells_who_accepted_what(run: Run, tmp_path: Path) -> None:
    """A waived finding carries its waiver, a finding about the policy its place, and all of it fits the schema."""
    (tmp_path / "p.yaml").write_text(FORBID + WAIVER, encoding="utf-8")
    words = ("scan", "--example", "open", "--policy", "p.yaml", "--format", "json", "--today")
    first = run(*words, "2026-07-02").stdout
    assert first == run(*words, "2026-07-02").stdout
    report = json.loads(first)
    schema = json.loads((resources.reports() / "schemas" / "scan-v1.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(report)
    waived = {one["rule"]: one["waiver"]["owner"] for one in report["findings"] if one["status"] == "waived"}
    assert waived == {"excess-egress": "team-a", "egress-unrestricted": "team-a"}
    places = {one["rule"]: one["place"] for one in report["findings"] if one["place"]}
    assert places["forbidden-egress"] == {"file": "p.yaml", "line": 2, "column": 5}
    assert [(one["uses"], one["expired"]) for one in report["policy"]["waivers"]] == [(1, False), (1, False)]
    assert report["summary"]["findings"]["waived"] == 2


def test_a_waiver_never_completes_an_audit(run: Run, tmp_path: Path) -> None:
    """With everything waived that can be, an audit of which something is unknown ends with 3."""
    text = "waivers: [{rule: '*', reason: r, owner: o, expires: 2026-12-31}]\nseverities: {excess-undetermined: off}\n"
    (tmp_path / "p.yaml").write_text(text, encoding="utf-8")
    done = run("scan", "--example", "broken", "--policy", "p.yaml", "--today", "2026-07-02")
    assert done.returncode == 3
    strict = run(
        "scan", "--example", "locked-down", "--policy", "p.yaml", "--today", "2026-07-02", "--strict"
    )
    assert strict.returncode == 3


def test_one_snapshot_by_two_policies(run: Run) -> None:
    """What a policy allows is no excess on its side of a comparison."""
    assert run("policy", "init", "--example", "open", "--output", "new.yaml").returncode == 0
    words = ("diff", "example:open", "example:open", "--fail-on", "excess")
    less = run(*words, "--old-policy", "new.yaml")
    assert less.returncode == 1
    assert "now beyond what the cluster needs" in less.stdout
    assert "new.yaml on aks-2026-06-18 (old) and aks-2026-06-18 (new)" in " ".join(less.stdout.split())
    assert run(*words, "--new-policy", "new.yaml").returncode == 0


def test_the_schema_is_printed(run: Run) -> None:
    """Editors get the very schema that policies are checked by."""
    printed = json.loads(run("policy", "schema").stdout)
    assert printed == json.loads(
        (resources.policies() / "schemas" / "egress-policy.schema.json").read_text("utf-8")
    )
    assert yaml.safe_load(run("policy", "init").stdout) == {"extends": "aks-2026-06-18"}
