"""Which findings are told as one."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.resource_id import ResourceId
from auditor.reporters.interface import Options
from auditor.reporters.merge import groups, merged
from auditor.reporters.table import Table
from tests.unit.reporters import records


def test_equal_hops_merge_over_subnets() -> None:
    """Subnets, messages and commands may differ; rule, endpoint and deciding hops may not."""
    first, second = (
        records.finding(),
        records.finding(records.APPS, message="other words", commands=("az x",)),
    )
    (block,) = merged([first, second])
    assert block.pools == ("sys", "apps")
    assert block.commands == (records.COMMAND, "az x")
    assert len(merged([first, replace(second, endpoint="a.b:1/tcp")])) == 2
    assert len(merged([first, replace(second, evidence=(records.NSG_HOP,))])) == 2
    assert len(merged([first, replace(second, cluster=ResourceId("/other"))])) == 2


def test_subjects_of_one_resource_stay_apart() -> None:
    """Without an endpoint the message tells two findings about one resource apart."""
    same = records.OUTBOUND
    assert len(merged([same, replace(same, message="something else")])) == 2
    assert len(merged([same, replace(same, pools=("apps",))])) == 1


def test_worst_cluster_first() -> None:
    """A cluster with an error comes before one with a warning, whatever their names."""
    other = records.audited(records.cluster("aks-a"))
    warning = replace(records.OUTBOUND, cluster=other.cluster.id)
    found = groups(records.report(clusters=(other, records.audited()), findings=(warning, records.finding())))
    assert [group.cluster.cluster.name for group in found if group.cluster] == ["aks-payments", "aks-a"]


def test_a_long_explanation_is_told_once() -> None:
    """The second block with the same long sentence refers to the first; with `-v` it is told again."""
    long = "the path treats addresses differently: " + ", ".join(
        f"10.0.{number}.0/24" for number in range(30)
    )
    first = replace(records.UNKNOWN, message=long, reasons=())
    both = records.report(findings=(first, replace(first, endpoint="z.example.com:443/https")))
    text = Table().render(both, Options())
    assert "as for packages.microsoft.com:443/https above" in text
    assert text.count("10.0.7.0/24") == 1
    assert Table().render(both, Options(verbose=True)).count("10.0.7.0/24") == 2
