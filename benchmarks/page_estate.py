"""Reports of any number of clusters for pages: the bundled examples audited once, then copied under other names.

Every copy has networks, security groups and findings of its own, so that nothing but what the copies would share in
an estate, such as a hub's firewall, is shared. `python -m benchmarks.page_estate COUNT FILE` writes such a page.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from auditor.audit import check, load_snapshot
from auditor.model.estate import Estate
from auditor.model.finding import AuditedCluster, Endpoint, Report
from auditor.model.resource_id import ResourceId
from auditor.policy.policy import load_policy
from auditor.reporters.html.reporter import Html
from auditor.reporters.interface import Options
from auditor.resources import examples

ENDPOINTS: Final = 50
"""Endpoints that each cluster of an estate needs; those of the examples and inventions."""
_EXAMPLES = ("broken", "locked-down", "open", "virtual-wan")
_OWN = re.compile(
    r"(?i)(aks-(?:payments|web|orders)|(?:vnet|rg|peer)-spoke-\w+|snet-[\w-]+|nsg-aks-\w+|rt-aks-\w+)\b"
)
"""Names that no two clusters of an estate would share; those of a hub are the same in all copies."""


def estate(count: int) -> Report:
    """A report of so many clusters, each needing `ENDPOINTS` endpoints."""
    templates = [_example(name) for name in _EXAMPLES]
    clusters: list[AuditedCluster] = []
    findings: list[Any] = []
    for number in range(count):
        template = templates[number % len(templates)]
        copier = _Copier(f"{number:03}")
        clusters += [_filled(copier.copy(one)) for one in template.clusters[:1]]
        first = template.clusters[0].cluster.id
        findings += [copier.copy(one) for one in template.findings if one.cluster == first]
    return replace(templates[0], clusters=tuple(clusters), findings=tuple(findings), sources=("estate",))


@cache
def _example(name: str) -> Report:
    return check(load_snapshot(examples() / name), load_policy())


def _filled(audited: AuditedCluster) -> AuditedCluster:
    """The cluster with inventions beside its own endpoints, each answered as one of its own."""
    needed: dict[str, list[Endpoint]] = {}
    for endpoint in audited.endpoints:
        if endpoint.verdict is not None:
            needed.setdefault(endpoint.to, []).append(endpoint)
    own = list(needed.values())
    more = [
        replace(endpoint, id=f"require:{number}", to=f"mirror-{number}.contoso.example:443/https")
        for number in range(ENDPOINTS - len(own))
        for endpoint in own[number % len(own)]
    ]
    return replace(audited, endpoints=(*audited.endpoints, *more))


class _Copier:
    """Copies records with other names; what is shared in the original is shared in the copy."""

    def __init__(self, suffix: str) -> None:
        self._suffix = suffix
        self._done: dict[int, tuple[object, Any]] = {}

    def copy(self, value: Any) -> Any:
        """The value under other names; sets of traffic and the estate stay what they are."""
        if isinstance(value, str) and type(value) is str:
            return _OWN.sub(rf"\1-{self._suffix}", value)
        if isinstance(value, ResourceId):
            return ResourceId(self.copy(value.text))
        known = self._done.get(id(value))
        if known is None:
            known = (value, self._copied(value))
            self._done[id(value)] = known
        return known[1]

    def _copied(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(self.copy, value))
        ours = is_dataclass(value) and type(value).__module__.startswith("auditor.model.")
        if isinstance(value, Estate) or not ours:
            return value
        return replace(
            value, **{one.name: self.copy(getattr(value, one.name)) for one in fields(value) if one.init}
        )


def main(arguments: Sequence[str] | None = None) -> None:
    """Write one page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("count", type=int)
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    options.file.write_text(Html().render(estate(options.count), Options()), encoding="utf-8")


if __name__ == "__main__":
    main()
