"""One cluster: its needs asked from each of its sources, and what rules need beyond that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.audit.coverage import incomplete_of
from auditor.audit.excess import bypass_problems, bypasses_of, excess_of, unneeded_problems
from auditor.audit.explainer import Explainer
from auditor.audit.forbidden import forbidden_of
from auditor.audit.organisation import forbidden_rows, own_allowance, own_needs, own_questions
from auditor.errors import InputError
from auditor.filters.firewall import FirewallFilter
from auditor.filters.terms import addresses_of
from auditor.model.cluster import Cluster
from auditor.model.egress import Allowance, Forbidden
from auditor.model.finding import AuditedCluster, Endpoint, From, Trace
from auditor.model.firewall import NetworkRule
from auditor.model.gap import Gap
from auditor.model.need import Need
from auditor.model.network import Subnet
from auditor.model.question import Question
from auditor.model.reading import Hints
from auditor.model.verdict import Outcome, Verdict
from auditor.netset import Traffic
from auditor.netset.service import ANY
from auditor.paths.cluster_paths import ClusterPaths
from auditor.paths.dead_rules import unjudged_notes
from auditor.paths.network import Network
from auditor.paths.problems import problems_of
from auditor.paths.sources import Source
from auditor.policy.allowance import allowance_of, published_allowance
from auditor.policy.facts import build_facts
from auditor.policy.hints import build_hints, documented_hints, tag_members
from auditor.policy.needs import needs_of, published_of
from auditor.policy.organisation_sets import united
from auditor.policy.policy import Policy
from auditor.policy.prerequisites import prerequisite_notes
from auditor.policy.shared_destinations import load_shared_destinations

_PROGRESS_STEP = 25
"""Questions between two reports of progress: a bar need not move for each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A cluster with its needs asked from each source, and what its policy admits beside them."""

    paths: ClusterPaths
    facts: Mapping[str, object]
    needs: tuple[Need, ...]
    endpoints: tuple[Endpoint, ...]
    needed: Allowance
    published: Allowance
    """What is published for AKS and not needed by this cluster."""
    assumed: frozenset[str]
    hints: Hints
    notes: tuple[str, ...] = ()
    """What of the policy could not be used."""


def ask(cluster: Cluster, network: Network, policy: Policy) -> Asked:
    """The answers about what one cluster needs, with the paths to ask more."""
    estate = network.estate
    facts = build_facts(cluster, estate, policy.settings)
    needs = needs_of(cluster, estate, policy.edition, facts, policy.settings) + own_needs(cluster, policy)
    published = published_of(cluster, policy.edition, facts, policy.settings)
    cloud = str(facts["cloud"])
    hints = build_hints(
        (*needs, *published, *own_questions(cluster, policy, cloud)),
        cluster,
        cloud=cloud,
        pins=policy.pins,
        appliances=policy.appliances,
    )
    paths = _paths(cluster, network, hints, cloud, policy)
    own, notes = own_allowance(cluster, policy, hints, estate.service_tags)
    needed = united(allowance_of(needs, hints, estate.service_tags), own)
    return Asked(
        paths=paths,
        facts=facts,
        needs=needs,
        endpoints=tuple(_endpoints(paths, needs, hints)),
        needed=_with_itself(needed, paths),
        published=published_allowance(needs, published, hints, estate.service_tags),
        assumed=policy.reading.assumed,
        hints=hints,
        notes=notes,
    )


def _with_itself(allowance: Allowance, paths: ClusterPaths) -> Allowance:
    """What a cluster admits, with the traffic among its own nodes and pods, which it cannot do without (AKS-36)."""
    subnets = [source.subnet for source in paths.sources if isinstance(source.subnet, Subnet)]
    own = addresses_of(text for subnet in subnets for text in subnet.prefixes)
    return replace(allowance, traffic=allowance.traffic | Traffic.box(own, ANY))


def audit_cluster(cluster: Cluster, network: Network, policy: Policy) -> AuditedCluster:
    """Every answer about one cluster."""
    estate = network.estate
    asked = ask(cluster, network, policy)
    paths, endpoints = asked.paths, asked.endpoints
    beyond = (paths, asked.needed, asked.published, asked.assumed)
    excess, undetermined = excess_of(*beyond)
    probes = {"unrestricted": tuple(_unrestricted(paths))}
    problems = problems_of(paths, policy.reading.assumed, asked.needs, load_shared_destinations())
    return AuditedCluster(
        cluster=cluster,
        estate=estate,
        sources=tuple(paths.asked_from(source) for source in paths.sources),
        endpoints=endpoints,
        probes=probes,
        notes=(
            *prerequisite_notes(policy.edition, asked.facts, cluster, estate),
            *_notes(cluster, paths),
            *asked.notes,
            *unjudged_notes(paths),
        ),
        problems=(*problems, *unneeded_problems(*beyond), *bypass_problems(paths, asked.assumed)),
        excess=excess,
        undetermined=undetermined,
        strict=policy.settings.strict,
        bypasses=bypasses_of(*beyond),
        forbidden=_forbidden(asked, policy),
        incomplete=incomplete_of(cluster, estate, endpoints, paths.sources),
    )


def traces_of(
    cluster: Cluster,
    network: Network,
    policy: Policy,
    questions: Sequence[Question],
    *,
    pool: str | None,
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Trace, ...]:
    """One answer for each question, pool and subnet, questions in the order asked."""
    facts = build_facts(cluster, network.estate, policy.settings)
    cloud = str(facts["cloud"])
    own = [_as_own(question, cluster) for question in questions]
    hints = build_hints(own, cluster, cloud=cloud, pins=policy.pins, appliances=policy.appliances)
    paths = _paths(cluster, network, hints, cloud, policy)
    sources = [source for source in paths.sources if pool is None or source.pool.lower() == pool.lower()]
    if not sources:
        known = ", ".join(dict.fromkeys(source.pool for source in paths.sources)) or "none"
        raise InputError(f"cluster {cluster.name} has no pool {pool!r}; it has: {known}", place="--pool")
    needs = needs_of(cluster, network.estate, policy.edition, facts, policy.settings)
    baseline = {
        question.name for need in needs for question in need.alternatives if question.name is not None
    }
    explainer = Explainer(cluster, network.estate)
    found: list[Trace] = []
    for done, question in enumerate(own):
        if progress is not None and done % _PROGRESS_STEP == 0:
            progress("questions", done, len(own))
        for source in sources:
            verdict = paths.ask(question, source, baseline=question.name in baseline)
            found.append(explainer.trace(paths.asked_from(source), question, verdict, pods=source.pods))
    if progress is not None:
        progress("questions", len(own), len(own))
    return tuple(found)


def _as_own(question: Question, cluster: Cluster) -> Question:
    """A question about the cluster's own API server name is treated as the baseline's row for it."""
    names = {name.lower() for name in (cluster.fqdn, cluster.private_fqdn) if name is not None}
    if question.name is None or str(question.name) not in names:
        return question
    # a private cluster's own names are answered by the endpoint that is connected to it (AKS-24)
    private = (
        cluster.api_server.private is not False or str(question.name) == (cluster.private_fqdn or "").lower()
    )
    return replace(question, own_api_server=True, private_of=cluster.id.key if private else None)


def _paths(cluster: Cluster, network: Network, hints: Hints, cloud: str, policy: Policy) -> ClusterPaths:
    members = tag_members(policy.newest, cloud, cluster.location)
    private = policy.settings.private_egress
    return ClusterPaths(cluster, network, hints, members, policy.reading, private=private)


def _endpoints(paths: ClusterPaths, needs: Sequence[Need], hints: Hints) -> Iterator[Endpoint]:
    for need in needs:
        tags = _tags(need, hints)
        for source in paths.sources:
            verdict = None if need.applies is False else _verdict(paths, need, source)
            yield _endpoint(need, paths.asked_from(source), verdict, tags)
        if not paths.sources:
            nowhere = From(pool="(no pool)", subnet=None)
            yield _endpoint(need, nowhere, None if need.applies is False else _no_source(), tags)


def _tags(need: Need, hints: Hints) -> tuple[str, ...]:
    """The service tags that surely hold the destination: an allow of them mends what a name cannot."""
    found = [question.tag for question in need.alternatives if question.tag is not None]
    for question in need.alternatives:
        hint = hints.names.get(str(question.name).lower()) if question.name is not None else None
        found += list(hint.tags) if hint is not None and hint.grade in {"named", "service"} else []
    return tuple(dict.fromkeys(found))


def _verdict(paths: ClusterPaths, need: Need, source: Source) -> Verdict:
    found = paths.needed(need.alternatives, source)
    if not need.alternatives and need.note:
        found = replace(found, notes=(*found.notes, need.note))
    if need.applies is None:
        reasons = tuple(sorted({*found.reasons, "condition-unknown"}))
        return replace(found, reasons=reasons)
    return found


def _no_source() -> Verdict:
    return Verdict(outcome=Outcome.UNKNOWN, assumptions=(), reasons=("unreadable-resource",), pieces=())


def _endpoint(need: Need, asked_from: From, verdict: Verdict | None, tags: tuple[str, ...]) -> Endpoint:
    return Endpoint(
        id=need.id,
        to=need.to,
        level=need.level,
        applies=need.applies,
        condition=need.condition,
        purpose=need.purpose,
        breaks=need.breaks,
        origin=need.origin,
        asked_from=asked_from,
        verdict=verdict,
        unread=need.unread,
        tags=tags,
    )


def _forbidden(asked: Asked, policy: Policy) -> tuple[Forbidden, ...]:
    """What the policy forbids and what of it leaves; any name may do so, so all that documents tell of names counts."""
    paths = asked.paths
    if not forbidden_rows(paths.cluster, policy):
        return ()
    documented = documented_hints(paths.cluster, cloud=str(asked.facts["cloud"]))
    hints = replace(asked.hints, names={**documented, **asked.hints.names})
    return forbidden_of(paths, policy, hints, paths.network.estate.service_tags)


def _unrestricted(paths: ClusterPaths) -> Iterator[tuple[From, Verdict]]:
    """TCP 443 and a port that no rule names (rule egress-unrestricted)."""
    for source in paths.sources:
        https = paths.unrestricted(_raw(443), source)
        verdict = https
        if https.outcome is Outcome.ALLOWED:
            other = paths.unrestricted(_raw(_unnamed_port(paths, source)), source)
            verdict = other if other.outcome is not Outcome.ALLOWED else https
        yield paths.asked_from(source), verdict


def _raw(port: int) -> Question:
    return Question(to=f"*:{port}/tcp", protocol="tcp", ports=((port, port),), anywhere=True)


def _unnamed_port(paths: ClusterPaths, source: Source) -> int:
    """A high port that no rule on the way names as such."""
    named: set[str] = set()
    for device in paths.network.reachable_filters(source, paths.members):
        if isinstance(device, FirewallFilter):
            for place in device.resolved.collections:
                for rule in place.collection.rules:
                    if isinstance(rule, NetworkRule):
                        named.update(rule.ports)
    for group in paths.network.estate.security_groups.values():
        for entry in group.rules:
            named.update(entry.destination_ports)
    return next(port for port in range(47808, 65535) if str(port) not in named)


def _notes(cluster: Cluster, paths: ClusterPaths) -> Iterator[str]:
    for flaw in cluster.flaws:
        yield f"cluster {cluster.name}: {flaw.detail} ({flaw.code})"
    if cluster.stopped is not False:
        does = "is" if cluster.stopped else "may be"
        yield f"cluster {cluster.name} {does} stopped: its answers are predictions from models (AKS-35)"
    for pool in cluster.pools if cluster.stopped is not True else ():
        if pool.count == 0:
            yield f"pool {pool.name} of {cluster.name} has no nodes: its answers are predictions from models (AKS-35)"
    if cluster.network_plugin == "none":
        yield (
            f"cluster {cluster.name} brings its own network plugin: where its pods send from is not known; only "
            "its nodes are judged (AKS-16)"
        )
    if cluster.auto_provisioning is not False:
        does = "provisions" if cluster.auto_provisioning else "may provision"
        yield (
            f"cluster {cluster.name} {does} nodes automatically: nodes in subnets that no agent pool and no "
            "network interface of the snapshot names are not judged (pool-coverage, AKS-8)"
        )
    if cluster.egress_gateway:
        yield (
            f"cluster {cluster.name} has a static egress gateway: which pods leave by it is a Kubernetes fact that no "
            "Azure document shows (gateway-pool, AKS-17)"
        )
    for source in paths.sources:
        if isinstance(source.subnet, Gap):
            yield f"pool {source.pool} of {cluster.name}: subnet {source.subnet.id.name} {source.subnet.detail}"
