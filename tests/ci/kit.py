"""The files of the CI kit, and the shell in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
KIT = ROOT / "ci"
ACTION = KIT / "github" / "action.yml"
STEPS = KIT / "azure-pipelines" / "steps.yml"
GITLAB = KIT / "gitlab" / "egress-audit.gitlab-ci.yml"
CRON_JOB = KIT / "kubernetes" / "cronjob.yaml"
HOOKS = ROOT / ".pre-commit-hooks.yaml"


def load(path: Path) -> Any:
    """The only document of a file."""
    return yaml.safe_load(path.read_text("utf-8"))


def step(name: str) -> dict[str, Any]:
    """A step of the action."""
    found: dict[str, Any] = next(one for one in load(ACTION)["runs"]["steps"] if one.get("name") == name)
    return found


def azure_step() -> dict[str, Any]:
    """The step of Azure Pipelines that audits."""
    found: dict[str, Any] = next(one for one in load(STEPS)["steps"] if one.get("task") == "AzureCLI@2")
    return found


def scripts() -> Iterator[tuple[str, str]]:
    """Every piece of shell, with a name for it."""
    for number, one in enumerate(load(ACTION)["runs"]["steps"]):
        if "run" in one:
            yield f"action-{number}", one["run"]
    yield "azure-install", next(one["bash"] for one in load(STEPS)["steps"] if "bash" in one)
    yield "azure-scan", azure_step()["inputs"]["inlineScript"]
    job = load(GITLAB)["egress-audit"]
    yield "gitlab-before", "\n".join(job["before_script"])
    yield "gitlab-scan", "\n".join(job["script"])
