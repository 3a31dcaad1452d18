"""One stage of a path in words: who decides, by which rule, and why."""

from __future__ import annotations

from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Hop, Stage
from auditor.reporters.terminal_text import safe, safe_name

_STAGES = {
    Stage.ADMIN: "admin rules",
    Stage.NIC_NSG: "NIC NSG",
    Stage.SUBNET_NSG: "subnet NSG",
}
_SECURITY_GROUP = "microsoft.network/networksecuritygroups"


def stage_name(hop: Hop) -> str:
    """The kind of device that the hop is."""
    if hop.stage is Stage.EXIT and hop.resource and ResourceId(hop.resource).kind == _SECURITY_GROUP:
        return "NSG of the destination"
    return _STAGES.get(hop.stage, hop.stage.value)


def who(hop: Hop) -> str:
    """The stage and the name of the resource that decides there, with its rule."""
    stage = stage_name(hop)
    name = f" {safe_name(resource_name(hop.resource))}" if hop.resource else ""
    rule = f", rule {safe_name(hop.rule)}" if hop.rule else ""
    if hop.rule and hop.stage is Stage.ROUTE:
        rule = f", route {safe_name(hop.rule)}"
    priority = f" (priority {hop.priority})" if hop.rule and hop.priority is not None else ""
    return f"{stage}{name}{rule}{priority}"


def sentence(hop: Hop) -> str:
    """Who decides and what comes of it, with the clause that says so."""
    detail = safe(hop.detail) if hop.detail else _plain(hop)
    clause = f" ({safe_name(hop.clause)})" if hop.clause and hop.clause not in detail else ""
    return f"{who(hop)}: {detail}{clause}"


def step(hop: Hop) -> str:
    """The hop as one step of a listed path: the effect stands between who and why."""
    detail = f"; {remark(hop)}" if remark(hop) else ""
    codes = f" [{', '.join(map(safe_name, hop.codes))}]" if hop.codes else ""
    clause = f" ({safe_name(hop.clause)})" if hop.clause and hop.clause not in hop.detail else ""
    return f"{who(hop)}: {hop.outcome.value}{detail}{clause}{codes}"


def remark(hop: Hop) -> str:
    """The detail of the hop, if it says more than the name, the rule and the effect do."""
    return safe(hop.detail) if hop.detail not in _repeated(hop) else ""


def _repeated(hop: Hop) -> frozenset[str]:
    """Sentences that say no more than the name, the rule and the effect do."""
    deeds = {f"{kind}rule {hop.rule} {deed} it" for kind in ("", "default ") for deed in ("allows", "denies")}
    return frozenset(deeds | {f"crosses peering {ResourceId(hop.resource or '').name}"})


def resource_name(resource: str) -> str:
    """The name of a resource by its id; a child is named with its parent."""
    reference = ResourceId(resource)
    parent = reference.parent
    return f"{parent.name}/{reference.name}" if parent else reference.name


def _plain(hop: Hop) -> str:
    return f"{hop.outcome.value} by default" if hop.rule is None else hop.outcome.value
