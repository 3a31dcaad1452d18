"""The CI kit is what its platforms take: valid by their schemas, pinned, and with options that the command has."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from auditor.cli import cli
from tests.ci.kit import ACTION, CRON_JOB, GITLAB, HOOKS, KIT, ROOT, STEPS, load, scripts

DOCKERFILE = KIT / "docker" / "Dockerfile"
FOREIGN = {
    "pip": {"--quiet", "--disable-pip-version-check", "--python", "--no-cache-dir", "--no-compile", "--yes"},
    "venv": {"--without-pip"},
}
"""Options in the kit that belong to other programs."""


@pytest.mark.parametrize(
    ("path", "schema", "more"),
    [
        (ACTION, "github-actions", ()),
        (KIT / "github" / "egress-audit.yml", "github-workflows", ()),
        (KIT / "github" / "egress-audit.yml", "github-workflows-require-timeout", ()),
        (STEPS, "azure-pipelines", ("--data-transform", "azure-pipelines", "--regex-variant", "nonunicode")),
        (
            KIT / "azure-pipelines" / "egress-audit.yml",
            "azure-pipelines",
            ("--data-transform", "azure-pipelines", "--regex-variant", "nonunicode"),
        ),
        (GITLAB, "gitlab-ci", ("--data-transform", "gitlab-ci")),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else None,
)
def test_valid_by_the_platforms_schema(path: Path, schema: str, more: tuple[str, ...]) -> None:
    """Each file keeps the published schema of its platform, as check-jsonschema bundles it."""
    pytest.importorskip("check_jsonschema")
    kind = "custom" if schema.endswith("timeout") else "vendor"
    words = ["-m", "check_jsonschema", "--builtin-schema", f"{kind}.{schema}", *more, str(path)]
    done = subprocess.run([sys.executable, *words], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def documents() -> list[dict[str, Any]]:
    paths = sorted((KIT / "kubernetes").glob("*.yaml"))
    return [one for path in paths for one in yaml.safe_load_all(path.read_text("utf-8"))]


@pytest.mark.parametrize("document", documents(), ids=lambda one: one["kind"])
def test_kubernetes_takes_it(document: dict[str, Any]) -> None:
    """Each document keeps the schema of its kind, strictly: no property that Kubernetes does not know."""
    validate = pytest.importorskip("kubernetes_validate")
    validate.validate(document, validate.latest_version(), strict=True)


def test_the_pod_is_confined() -> None:
    """No root, nothing writable but its volumes, no capability, bounded memory, the login by workload identity."""
    template = next(one for one in documents() if one["kind"] == "CronJob")["spec"]["jobTemplate"]["spec"][
        "template"
    ]
    assert template["metadata"]["labels"]["azure.workload.identity/use"] == "true"
    pod = template["spec"]
    account = next(one for one in documents() if one["kind"] == "ServiceAccount")
    assert pod["serviceAccountName"] == account["metadata"]["name"]
    assert "azure.workload.identity/client-id" in account["metadata"]["annotations"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] >= 10_000
    for container in (*pod["initContainers"], *pod["containers"]):
        confined = container["securityContext"]
        assert confined["readOnlyRootFilesystem"]
        assert not confined["allowPrivilegeEscalation"]
        assert confined["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]
    claims = {one["metadata"]["name"] for one in documents() if one["kind"] == "PersistentVolumeClaim"}
    used = {
        one["persistentVolumeClaim"]["claimName"] for one in pod["volumes"] if "persistentVolumeClaim" in one
    }
    assert used == claims


def options_of(*names: str) -> set[str]:
    """The options of a command, and those of the whole program."""
    command: click.Command = cli
    context = click.Context(cli)
    for name in names:
        assert isinstance(command, click.Group), name
        found = command.get_command(context, name)
        assert found is not None, f"there is no command {' '.join(names)}"
        command = found
    return {text for item in command.get_params(context) for text in (*item.opts, *item.secondary_opts)}


def test_the_shell_uses_options_that_exist() -> None:
    """Every long option in the kit's scripts is one of `scan`, or of the other programs that they run."""
    foreign = set().union(*FOREIGN.values())
    seen = set()
    for name, text in scripts():
        used = set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))
        assert used <= options_of("scan") | foreign, name
        seen |= used
    assert {"--report", "--fail-on", "--new-only", "--no-store", "--policy", "--snapshot"} <= seen


@pytest.mark.parametrize("number", [0, 1])
def test_the_pod_uses_options_that_exist(number: int) -> None:
    """Arguments of the containers are a command of ours and its options, and click can parse the values."""
    pod = next(one for one in documents() if one["kind"] == "CronJob")["spec"]["jobTemplate"]["spec"][
        "template"
    ]["spec"]
    command, *words = (*pod["initContainers"], *pod["containers"])[number]["args"]
    assert {word.partition("=")[0] for word in words} <= options_of(command)
    found = cli.get_command(click.Context(cli), command)
    assert found is not None
    found.make_context(command, [word.replace("/data/", "") for word in words], resilient_parsing=True)


def test_the_hook_runs_a_command_that_exists() -> None:
    """What pre-commit would run, on a policy that is right and on one that is not."""
    (hook,) = load(HOOKS)
    assert set(hook) == {"id", "name", "description", "entry", "language", "files", "pass_filenames"}
    program, *words = hook["entry"].split()
    assert program == "egress-audit"
    options_of(*words)
    assert re.search(hook["files"], "egress-policy.yaml")
    assert re.search(hook["files"], "teams/a/egress-policy.yml")
    assert not re.search(hook["files"], "my-egress-policy.yaml")


@pytest.mark.parametrize(("text", "code"), [("version: 1\n", None), ("forbidd: []\n", 2)])
def test_the_hook_tells_good_from_bad(tmp_path: Path, text: str, code: int | None) -> None:
    """A policy with a key that does not exist stops the commit."""
    (hook,) = load(HOOKS)
    (tmp_path / "egress-policy.yaml").write_text(text, "utf-8")
    words = [sys.executable, "-m", "auditor", *hook["entry"].split()[1:]]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == (code if code is not None else done.returncode)
    assert code is None or "egress-policy.yaml:1:1" in done.stderr


def test_everything_is_pinned() -> None:
    """Actions by commit, images by a version; only the example's reference to this action is the reader's to set."""
    text = "\n".join(path.read_text("utf-8") for path in sorted(KIT.rglob("*")) if path.is_file())
    for found in re.findall(r"uses: (\S+)", text):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", found) or found.startswith("OWNER/egress-audit/"), found
    images = re.findall(r"(?:FROM|image:) (\S+)", text)
    assert images
    assert all(re.search(r":\d+\.\d+", image) for image in images), images


def test_no_expression_is_a_part_of_a_script() -> None:
    """What a user writes reaches the shell as an environment variable, never as its text."""
    for name, text in scripts():
        assert "${{" not in text, name
        assert "$(" not in re.sub(r"\$\((mktemp|od -An[^)]*)\)", "", text), name
        assert "eval" not in text, name


@pytest.mark.parametrize(("name", "text"), list(scripts()), ids=[name for name, _ in scripts()])
def test_the_shell_parses(name: str, text: str) -> None:
    """Every piece of shell is one, for the shell that runs it."""
    shell = "sh" if name.startswith("gitlab") else "bash"
    done = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr


def test_every_input_is_used() -> None:
    """An input of the action that no step reads would be a promise without effect; likewise for Azure Pipelines."""
    action = load(ACTION)
    steps = yaml.safe_dump(action["runs"])
    for name, entry in action["inputs"].items():
        assert f"inputs.{name} " in steps.replace("}}", " "), name
        assert entry["description"]
    template = load(STEPS)
    for parameter in template["parameters"]:
        assert f"parameters.{parameter['name']} }}}}" in yaml.safe_dump(template["steps"]), parameter["name"]


# -- Dockerfile ----------------------------------------------------------------------------------------


def test_the_dockerfile_is_clean() -> None:
    """Hadolint finds nothing."""
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if linter is None:
        pytest.skip("hadolint is not installed here")
    done = subprocess.run([linter, str(DOCKERFILE)], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_the_image_is_small_and_not_root() -> None:
    """The last stage has no root and no pip, takes only the environment, and starts our command."""
    lines = [line for line in DOCKERFILE.read_text("utf-8").splitlines() if not line.startswith("#")]
    start = max(number for number, line in enumerate(lines) if line.startswith("FROM "))
    last = lines[start:]
    assert [line for line in last if line.startswith("COPY")] == [
        "COPY --from=build /opt/egress-audit /opt/egress-audit"
    ]
    assert "USER 10001:10001" in last
    assert 'ENTRYPOINT ["egress-audit"]' in last
    assert any("pip uninstall --yes pip" in line for line in last)
    assert "slim" in lines[start]
    copied = {word for line in lines[:start] if line.startswith("COPY") for word in line.split()[1:-1]}
    assert all((ROOT / name).exists() for name in copied), copied
    ignored = (DOCKERFILE.parent / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert {f"!{name}" for name in copied} <= set(ignored)


def test_the_kit_speaks_of_one_version() -> None:
    """The pod's user is the image's, so that it owns what it may write."""
    user = re.search(r"^USER (\d+)", DOCKERFILE.read_text("utf-8"), re.MULTILINE)
    assert user is not None
    assert f"runAsUser: {user[1]}\n" in CRON_JOB.read_text("utf-8")
