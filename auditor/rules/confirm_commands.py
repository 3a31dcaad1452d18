"""Command lines that would confirm an answer: probes from a node or pod, then what Azure itself can be asked.

They are for people to read and run; nothing here runs them. Names come from questions and snapshots, so each value is
quoted for a POSIX shell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from shlex import quote

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.finding import From
from auditor.model.outbound import Nic
from auditor.model.question import Question, endpoint_text, parse_question
from auditor.model.verdict import Outcome, Piece, Stage, Verdict
from auditor.netset import AddressSet, NameSet
from auditor.paths.proxy import proxied
from auditor.rules.az_command import az
from auditor.rules.wording import distinct

_SECONDS = 10
_SILENCE = "silence proves nothing: a server that does not answer looks like a drop"
_CONNECTIVITY = {"tcp": "Tcp", "https": "Tcp", "http": "Tcp", "mssql": "Tcp", "icmp": "Icmp"}
_NODE_NIC = "microsoft.network/networkinterfaces"


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One destination that stands for a question or a part of it."""

    host: str
    """A name or an address, without brackets."""
    port: int | None
    protocol: str
    pattern: str = ""
    """The name pattern that the host stands for, or nothing."""

    @property
    def bracketed(self) -> str:
        """The host as URLs write it."""
        return f"[{self.host}]" if ":" in self.host else self.host


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question from one place, with its answer."""

    estate: Estate
    cluster: Cluster
    asked_from: From
    pods: bool
    """Asked from a subnet of pods, which a node's own traffic does not leave from."""
    question: Question
    verdict: Verdict


def confirm_commands(asked: Asked) -> tuple[str, ...]:
    """The commands, probes first; at most one probe for each outcome that the pieces have."""
    proxy = _proxy(asked)
    found: list[str] = []
    probes = tuple(_probes(asked))
    for probe in probes:
        found += _from_inside(probe, proxy)
    for probe in probes[:1]:
        found += _through_azure(asked, probe, proxy)
    return distinct(found)


def _probes(asked: Asked) -> Iterator[Probe]:
    question = asked.question
    best: dict[Outcome, Piece] = {}
    for piece in asked.verdict.pieces:
        known = best.get(piece.verdict)
        if piece.witness and not piece.aside and (known is None or known.addresses < piece.addresses):
            best[piece.verdict] = piece
    witnesses = [piece.witness for piece in best.values()]
    if not witnesses or _proxy(asked):
        # The pieces of a proxied question describe the way to the proxy.
        witnesses = [_witness(question)]
    pattern = str(question.name) if question.name is not None and question.name.wildcard else ""
    for text in distinct(witnesses):
        inside = parse_question(text)
        host = (
            str(inside.name) if inside.name is not None else (inside.addresses or AddressSet.of()).witness()
        )
        port = inside.ports[0][0] if inside.ports else None
        yield Probe(host=host, port=port, protocol=question.protocol, pattern=pattern)


def _witness(question: Question) -> str:
    if question.name is not None:
        host = NameSet.of(question.name).witness()
    else:
        host = (question.addresses or AddressSet.of("0.0.0.0/0")).witness()
    shown = f"[{host}]" if ":" in host else host
    return endpoint_text(shown, question.protocol, question.ports and ((question.ports[0][0],) * 2,))


def _proxy(asked: Asked) -> str:
    """`HOST:PORT` of the HTTP proxy that the question goes to (AKS-27), or nothing."""
    to_proxy = proxied(asked.question, asked.cluster.proxy)
    return to_proxy.to.rpartition("/")[0] if to_proxy is not None else ""


def _from_inside(probe: Probe, proxy: str) -> Iterator[str]:
    note = ""
    if probe.pattern:
        note = f"  # {probe.host} stands for {probe.pattern}: put in a name that exists"
    yield _command(probe, proxy) + note
    if probe.protocol == "udp" and probe.port == 53:
        yield f"nslookup -timeout=5 mcr.microsoft.com {quote(probe.host)}"
    if any(char.isalpha() for char in probe.host) and ":" not in probe.host and not proxy:
        yield f"nslookup {quote(probe.host)}"


def _command(probe: Probe, proxy: str) -> str:
    host, port = quote(probe.host), probe.port
    match probe.protocol:
        case "http" | "https":
            through = f" --proxy {quote(f'http://{proxy}')}" if proxy else ""
            url = f"{probe.protocol}://{probe.bracketed}:{port}/"
            return f"curl -v --max-time {_SECONDS}{through} {quote(url)}"
        case "udp":
            return f"nc -vzu -w 5 {host} {port}  # {_SILENCE}"
        case "icmp":
            return f"ping -c 3 -W 5 {host}"
        case _:
            return f"nc -vz -w 5 {host} {port}"


def _through_azure(asked: Asked, probe: Probe, proxy: str) -> Iterator[str]:
    nics = [nic for nic in _nics(asked) if nic.subnets and asked.asked_from.subnet in nic.subnets]
    yield from _run_command(asked, nics, _command(probe, proxy).partition("  #")[0])
    protocol = _CONNECTIVITY.get(probe.protocol)
    if protocol is not None and not proxy:
        subnet = asked.asked_from.subnet
        where = (
            f"in subnet {subnet.name}" if subnet is not None and subnet.name.isprintable() else "beside it"
        )
        port = {"dest_port": probe.port} if probe.port is not None else {}
        words = az(
            "network watcher test-connectivity",
            source_resource="VM_ID",
            dest_address=probe.host,
            protocol=protocol,
            **port,
        )
        yield from (f"{line}  # VM_ID: any virtual machine {where}" for line in words)
    ordinary = next((nic for nic in nics if nic.id.kind == _NODE_NIC), None)
    if ordinary is not None:
        # Interfaces of uniform scale sets have no such action (UDR-53).
        for action in ("show-effective-route-table", "list-effective-nsg"):
            yield from az(f"network nic {action}", ordinary.id, name=ordinary.id.name)
    stages = {hop.stage for piece in asked.verdict.pieces for hop in piece.hops}
    if Stage.FIREWALL in stages and not proxy:
        yield from _firewall_logs(probe)


def _nics(asked: Asked) -> Iterator[Nic]:
    if asked.pods:
        return
    name = asked.asked_from.pool.lower()
    for nic in asked.estate.nics_of(asked.cluster):
        if nic.pool is not None and nic.pool.lower() == name:
            yield nic


def _run_command(asked: Asked, nics: list[Nic], script: str) -> Iterator[str]:
    """The probe on a node of a scale set, without a shell in the cluster; a Windows node speaks another language."""
    windows = {pool.name.lower() for pool in asked.cluster.pools if pool.os_type.lower() == "windows"}
    if asked.asked_from.pool.lower() in windows:
        return
    owned = [nic for nic in nics if nic.scale_set is not None]
    # A model has no instance: nodes are read before it.
    for nic in sorted(owned, key=lambda nic: nic.model)[:1]:
        scale_set = nic.scale_set
        instance = (
            nic.id.text.rpartition("/networkInterfaces/")[0].rpartition("/")[2] if not nic.model else "0"
        )
        if scale_set is not None:
            yield from az(
                "vmss run-command invoke",
                scale_set,
                name=scale_set.name,
                instance_id=instance,
                command_id="RunShellScript",
                scripts=script,
            )


def _firewall_logs(probe: Probe) -> Iterator[str]:
    """What the firewall's structured logs say; WORKSPACE_ID is the workspace that its diagnostics go to."""
    named = any(char.isalpha() for char in probe.host) and ":" not in probe.host
    if named and probe.protocol in {"http", "https", "mssql"}:
        where = f'AZFWApplicationRule | where Fqdn == "{probe.host}"'
    else:
        terms = [] if named else [f'DestinationIp == "{probe.host}"']
        terms += [f"DestinationPort == {probe.port}"] if probe.port is not None else []
        where = f"AZFWNetworkRule | where {' and '.join(terms)}" if terms else ""
    if where:
        query = f"{where} | order by TimeGenerated desc | take 20"
        yield from az("monitor log-analytics query", workspace="WORKSPACE_ID", analytics_query=query)
