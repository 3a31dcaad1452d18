"""The commands that would confirm an answer."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

import pytest

from auditor import resources
from auditor.audit import load_policy, load_snapshot, trace
from auditor.model.build import build_estate
from auditor.model.cluster import HttpProxy
from auditor.model.finding import Trace
from auditor.model.question import parse_question
from auditor.model.resource_id import ResourceId
from auditor.rules.confirm_commands import Asked, confirm_commands

SILENCE = "silence proves nothing: a server that does not answer looks like a drop"
STAND_IN = "a.blob.core.windows.net stands for *.blob.core.windows.net: put in a name that exists"


def _asked(to: str, *, example: str = "broken", pool: str = "sys") -> Trace:
    snapshot = load_snapshot(resources.examples() / example)
    (found,) = trace(snapshot, load_policy(None), [to], pool=pool)
    return found


@pytest.mark.parametrize(
    ("to", "probes"),
    [
        (
            "mcr.microsoft.com:443/https",
            ["curl -v --max-time 10 https://mcr.microsoft.com:443/", "nslookup mcr.microsoft.com"],
        ),
        ("8.8.8.8:80/http", ["curl -v --max-time 10 http://8.8.8.8:80/"]),
        ("8.8.8.8:22/tcp", ["nc -vz -w 5 8.8.8.8 22"]),
        ("8.8.8.8/icmp", ["ping -c 3 -W 5 8.8.8.8"]),
        ("[2001:db8::1]:443/https", ["curl -v --max-time 10 'https://[2001:db8::1]:443/'"]),
        (
            "8.8.8.8:53/udp",
            [
                f"nc -vzu -w 5 8.8.8.8 53  # {SILENCE}",
                "nslookup -timeout=5 mcr.microsoft.com 8.8.8.8",
            ],
        ),
        (
            "*.blob.core.windows.net:443/https",
            [
                f"curl -v --max-time 10 https://a.blob.core.windows.net:443/  # {STAND_IN}",
                "nslookup a.blob.core.windows.net",
            ],
        ),
    ],
)
def test_probes(to: str, probes: list[str]) -> None:
    """Each protocol is tried with the tool that speaks it; a pattern is tried by a name inside it."""
    found = _asked(to).confirm
    assert [command for command in found if not command.startswith("az ")] == probes
    assert list(found[: len(probes)]) == probes


def test_each_outcome_of_a_split_answer_has_a_probe() -> None:
    """A mixed answer is tried on each side, and so are the overlay's pods, of which nothing is known (NSG-33)."""
    answer = _asked("10.0.0.0/8:22-80/tcp")
    probes = [command for command in answer.confirm if command.startswith("nc ")]
    assert probes == [f"nc -vz -w 5 {host} 22" for host in ("10.0.0.1", "10.244.0.1", "10.10.0.1")]


def test_azure_is_asked_from_a_node_and_from_the_firewall_log() -> None:
    """A scale set runs the probe without a shell in the cluster; a firewall on the path has logged it."""
    node, watcher, log = (line for line in _asked("mcr.microsoft.com:443/https").confirm if line[:3] == "az ")
    words = shlex.split(node)
    assert words[:4] == ["az", "vmss", "run-command", "invoke"]
    assert words[-1] == "curl -v --max-time 10 https://mcr.microsoft.com:443/"
    assert words[words.index("--name") + 1] == "aks-sys-12345678-vmss"
    assert "test-connectivity" in watcher
    query = 'AZFWApplicationRule | where Fqdn == "mcr.microsoft.com" | order by TimeGenerated desc | take 20'
    assert shlex.split(log)[-1] == query


def test_a_path_without_firewall_has_no_firewall_log() -> None:
    """Only what stands on the path is asked."""
    assert not any(
        "AZFW" in line for line in _asked("8.8.8.8:443/tcp", example="open", pool="nodepool1").confirm
    )


def _changed(to: str, *, pods: bool = False, **changes: Any) -> tuple[str, ...]:
    snapshot = load_snapshot(resources.examples() / "broken")
    (found,) = trace(snapshot, load_policy(None), [to], pool="sys")
    asked = Asked(
        estate=build_estate(snapshot),
        cluster=replace(found.cluster, **changes),
        asked_from=found.asked_from,
        pods=pods,
        question=parse_question(to),
        verdict=found.verdict,
    )
    return confirm_commands(asked)


def test_traffic_of_pods_is_not_tried_from_a_node() -> None:
    """Pods in a subnet of their own leave by another path than their node, so no node is asked."""
    to = "mcr.microsoft.com:443/https"
    assert any("run-command" in line for line in _changed(to))
    assert not any("run-command" in line for line in _changed(to, pods=True))


def test_windows_nodes_run_no_linux_script() -> None:
    """A command that the node does not have would look like a block."""
    pools = _asked("8.8.8.8:22/tcp").cluster.pools
    windows = tuple(replace(pool, os_type="Windows") for pool in pools)
    assert not any("run-command" in line for line in _changed("8.8.8.8:22/tcp", pools=windows))


def test_a_proxied_question_is_tried_through_the_proxy() -> None:
    """What goes to the proxy says nothing about the direct way; raw TCP does not go there (AKS-27)."""
    proxy = HttpProxy(http="http://10.1.0.9:3128/", https="http://10.1.0.9:3128/", no_proxy=())
    probes = _changed("mcr.microsoft.com:443/https", proxy=proxy)
    assert probes[0] == "curl -v --max-time 10 --proxy http://10.1.0.9:3128 https://mcr.microsoft.com:443/"
    assert not any("AZFW" in line or line.startswith("nslookup") for line in probes)
    assert _changed("8.8.8.8:22/tcp", proxy=proxy)[0] == "nc -vz -w 5 8.8.8.8 22"


def test_ordinary_interfaces_show_their_effective_rules_and_routes() -> None:
    """Interfaces of uniform scale sets have no such action, those of virtual machines do (UDR-53)."""
    (route_table, security_group) = [
        line for line in _of_machine("8.8.8.8:22/tcp") if line.startswith("az network nic ")
    ]
    assert route_table.startswith("az network nic show-effective-route-table ")
    assert security_group.startswith("az network nic list-effective-nsg ")
    assert route_table.endswith("--name 'a b'")
    assert not any(line.startswith("az network nic ") for line in _changed("8.8.8.8:22/tcp"))


def _of_machine(to: str) -> tuple[str, ...]:
    """The commands where the pool is made of virtual machines; the interface has a name that needs quotes."""
    snapshot = load_snapshot(resources.examples() / "broken")
    estate = build_estate(snapshot)
    (found,) = trace(snapshot, load_policy(None), [to], pool="sys")
    group = (
        f"/subscriptions/{found.cluster.id.subscription}/resourceGroups/{found.cluster.node_resource_group}"
    )
    own = next(nic for nic in estate.nics_of(found.cluster) if nic.pool == "sys" and not nic.model)
    machine = replace(
        own, id=ResourceId(f"{group}/providers/Microsoft.Network/networkInterfaces/a b"), scale_set=None
    )
    asked = Asked(
        estate=replace(estate, nics={machine.id: machine}, scale_sets={}),
        cluster=found.cluster,
        asked_from=found.asked_from,
        pods=False,
        question=parse_question(to),
        verdict=found.verdict,
    )
    return confirm_commands(asked)
