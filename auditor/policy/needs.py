"""What one cluster needs: the rows of an edition, decided and filled in, with what else the cluster shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.need import Need
from auditor.model.question import Question, endpoint_text, question
from auditor.policy.added_needs import isolated_needs, unite_own_list, vnet_integration_needs
from auditor.policy.baseline import Edition, Row
from auditor.policy.conditions import Holding, condition_holds
from auditor.policy.facts import dns_servers
from auditor.policy.hints import fill_location
from auditor.policy.settings import Settings

REQUIRED: Final = "required"
RECOMMENDED: Final = "recommended"

_REGION_CIDRS: Final = "AzureCloud.<location>"
"""The service tag that stands for the address ranges of a region (AKS-20)."""

_LONG_ANSWERS: Final = "DNS answers that do not fit into UDP, and forwarders that ask over TCP, fail"


def needs_of(
    cluster: Cluster, estate: Estate, edition: Edition, facts: Mapping[str, object], settings: Settings
) -> tuple[Need, ...]:
    """The rows of the edition in its order, then what isolation, VNet integration and the own list add.

    Rows that do not apply come with `applies` False and nothing to ask. A need that applies, or may, and has
    nothing to ask could not be filled in: its note says why, and it counts as unknown. Several needs may share
    an id (one for each DNS server); id and `to` together are unique. A required need that applies is always
    among them, so a cluster never passes with no row judged.
    """
    cloud = str(facts["cloud"])
    judge = _Judge(edition, cluster, facts, settings)
    needs = [need for row in edition.rows_of(cloud) for need in _needs_of_row(row, cluster, estate, judge)]
    needs += isolated_needs(cluster, cloud)
    needs += vnet_integration_needs(cluster, estate)
    needs = unite_own_list(needs, cluster)
    if not any(need.applies and need.level == REQUIRED for need in needs):
        needs.append(_nothing_listed(edition, cloud))
    return tuple(needs)


def published_of(
    cluster: Cluster, edition: Edition, facts: Mapping[str, object], settings: Settings
) -> tuple[Need, ...]:
    """What the edition publishes and this cluster does not need, with what it would ask for.

    That is rows that do not apply, and the published wildcard of a row of which the cluster needs one name. A row
    that cannot be filled in is left out.
    """
    judge = _Judge(edition, cluster, facts, settings)
    found: list[Need] = []
    for row in edition.rows_of(str(facts["cloud"])):
        judgement = judge.of(row)
        needed = judgement.applies is not False
        if row.destination_kind == "custom-dns" or (needed and row.narrow is None):
            continue
        questions, _ = _questions(replace(row, narrow=None) if needed else row, cluster)
        need = _need_of(row, cluster, judgement, judge)
        to = questions[0].to if questions else need.to
        found.append(replace(need, to=to, applies=False, alternatives=questions))
    return tuple(found)


# -- does a row apply ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Judgement:
    """Whether a row applies, and why, in words."""

    applies: bool | None
    condition: str
    unread: tuple[str, ...] = ()


class _Judge:
    """Decides rows of one edition for one cluster; each condition is tried once."""

    def __init__(
        self, edition: Edition, cluster: Cluster, facts: Mapping[str, object], settings: Settings
    ) -> None:
        stated = {
            "konnectivity": settings.konnectivity,
            "podsUseApiServerAddress": settings.pods_use_api_server_address,
        }
        self.origin = (edition.edition,)
        self._cluster = cluster
        self._texts = {one.id: one.text for one in edition.conditions}
        self._holdings = {one.id: condition_holds(one, {**facts, **stated}) for one in edition.conditions}

    def of(self, row: Row) -> _Judgement:
        """A row applies if its condition holds and none of its exemptions does (design: policy documents)."""
        main = self._holdings[row.condition]
        text = self._texts[row.condition]
        if main.holds is False:
            return _Judgement(applies=False, condition=f"does not hold: {text}")
        exempting = next((name for name in row.unless if self._holdings[name].holds), None)
        if exempting is not None:
            return _Judgement(applies=False, condition=f"not needed: {self._texts[exempting]}")
        hidden = _hidden_api_server(self._cluster)
        if hidden and (row.narrow is not None or row.destination_kind == "api-server"):
            return _Judgement(applies=False, condition=f"not needed: {hidden}")
        open_ones = [main, *(self._holdings[name] for name in row.unless)]
        unread = sorted({fact for one in open_ones if one.holds is None for fact in one.unread})
        if not unread:
            return _Judgement(applies=True, condition=text)
        return _Judgement(applies=None, condition=self._open_text(row, main), unread=tuple(unread))

    def _open_text(self, row: Row, main: Holding) -> str:
        if main.holds is None:
            return f"not known whether: {self._texts[row.condition]}"
        name = next(name for name in row.unless if self._holdings[name].holds is None)
        return f"{self._texts[row.condition]}; not known whether it is spared because: {self._texts[name]}"


def _hidden_api_server(cluster: Cluster) -> str:
    """Why nodes reach the API server without its public name, if so (AKS-5, AKS-24)."""
    if cluster.fqdn is None and (cluster.private_fqdn is not None or cluster.api_server.private):
        return "the API server has a private name only"
    if cluster.api_server.private and cluster.api_server.vnet_integration:
        return "the API server answers at an address of the virtual network only"
    return ""


def _level(row: Row, applies: bool | None) -> str:
    """The effective level (design: `level` in reports)."""
    weak = row.level == RECOMMENDED or row.practice is not None or applies is None
    return RECOMMENDED if weak else REQUIRED


# -- what to ask ---------------------------------------------------------------------------------------


def _need_of(row: Row, cluster: Cluster, judgement: _Judgement, judge: _Judge) -> Need:
    """The row with nothing asked for yet."""
    return Need(
        id=row.id,
        to=_published(row, cluster),
        level=_level(row, judgement.applies),
        applies=judgement.applies,
        condition=judgement.condition,
        unread=judgement.unread,
        purpose=row.purpose,
        breaks=row.breaks,
        origin=judge.origin,
        alternatives=(),
        note=_note(row),
    )


def _needs_of_row(row: Row, cluster: Cluster, estate: Estate, judge: _Judge) -> Iterator[Need]:
    judgement = judge.of(row)
    need = _need_of(row, cluster, judgement, judge)
    if row.destination_kind == "custom-dns":
        yield from _dns_needs(row, need, cluster, estate)
    elif judgement.applies is False:
        yield need
    else:
        questions, problems = _questions(row, cluster)
        to = questions[0].to if questions else need.to
        note = _joined(need.note, *_narrowing(row, cluster), *(() if questions else problems))
        yield replace(need, to=to, alternatives=questions, note=note)


def _questions(row: Row, cluster: Cluster) -> tuple[tuple[Question, ...], list[str]]:
    """Every way to satisfy a row in its order, each once, and what kept others from being asked."""
    found: dict[str, Question] = {}
    problems: list[str] = []
    forms: list[tuple[str, str]] = [(one.kind, one.value) for one in row.alternatives]
    for kind, value in forms or [(row.destination_kind, row.destination)]:
        try:
            asked = _question(kind, value, row, cluster)
        except ValueError as error:
            problems.append(str(error))
        else:
            found.setdefault(asked.to, asked)
    return tuple(found.values()), problems


def _question(kind: str, value: str, row: Row, cluster: Cluster) -> Question:
    ports = tuple((port, port) for port in row.ports)
    match kind:
        case "any":
            to = endpoint_text("*", row.protocol, ports)
            return Question(to=to, protocol=row.protocol, ports=ports, anywhere=True)
        case "service-tag" | "region-cidrs":
            published = next(iter(row.service_tags), _REGION_CIDRS) if kind == "region-cidrs" else value
            tag = fill_location(published, cluster.location)
            to = endpoint_text(tag, row.protocol, ports)
            return Question(to=to, protocol=row.protocol, ports=ports, tag=tag)
        case "api-server":
            return _api_server_question(row, ports, cluster)
        case _ if row.narrow is not None and cluster.fqdn is not None:
            return _api_server_question(row, ports, cluster)
        case _:
            return question(fill_location(value, cluster.location), row.protocol, ports)


def _api_server_question(row: Row, ports: tuple[tuple[int, int], ...], cluster: Cluster) -> Question:
    if cluster.fqdn is None:
        raise ValueError("the name of the API server (fqdn) was not read")
    asked = question(cluster.fqdn, row.protocol, ports, own_api_server=True)
    # a private cluster's public name resolves to its private endpoint (AKS-24)
    return replace(asked, private_of=cluster.id.key) if cluster.api_server.private is not False else asked


def _dns_needs(row: Row, need: Need, cluster: Cluster, estate: Estate) -> Iterator[Need]:
    """One need for each custom DNS server, over UDP and, as recommended, over TCP (AKS-31)."""
    servers, complete = dns_servers(cluster, estate)
    missing = "" if complete else "not all virtual networks of the nodes were read, so servers may be missing"
    for protocol in (row.protocol, "tcp") if row.also_tcp and row.protocol != "tcp" else (row.protocol,):
        one = need
        if protocol != row.protocol:
            one = replace(need, id=f"{row.id}:tcp", level=RECOMMENDED, breaks=_LONG_ANSWERS)
        ports = tuple((port, port) for port in row.ports)
        if need.applies is False or not servers:
            to = endpoint_text(row.destination, protocol, ports)
            note = missing if need.applies is not False else ""
            yield replace(one, to=to, note=_joined(one.note, note))
            continue
        for server in servers:
            asked = _dns_question(server, protocol, ports)
            to = endpoint_text(server, protocol, ports) if asked is None else asked.to
            problem = f"the DNS server {server!r} is no address" if asked is None else ""
            questions = () if asked is None else (asked,)
            yield replace(one, to=to, alternatives=questions, note=_joined(one.note, problem, missing))


def _dns_question(server: str, protocol: str, ports: tuple[tuple[int, int], ...]) -> Question | None:
    try:
        asked = question(server, protocol, ports)
    except ValueError:
        return None
    return asked if asked.addresses is not None else None


# -- words ---------------------------------------------------------------------------------------------


def _published(row: Row, cluster: Cluster) -> str:
    """The row's destination as reports print it when there is nothing to ask."""
    try:
        host = fill_location(row.destination, cluster.location)
    except ValueError:
        host = row.destination
    return endpoint_text(host, row.protocol, tuple((port, port) for port in row.ports))


def _narrowing(row: Row, cluster: Cluster) -> tuple[str, ...]:
    if row.narrow is None or cluster.fqdn is not None:
        return ()
    return ("the cluster's own name (fqdn) was not read, so the whole pattern is asked for",)


def _note(row: Row) -> str:
    practice = f"{row.practice}: {row.practice_note}" if row.practice is not None else ""
    special = (f"{one.value} counts only with {one.only_with}" for one in row.alternatives if one.only_with)
    return _joined(practice, row.note or "", *special)


def _joined(*sentences: str) -> str:
    return "; ".join(sentence for sentence in sentences if sentence)


def _nothing_listed(edition: Edition, cloud: str) -> Need:
    return Need(
        id="edition:nothing-required",
        to="*",
        level=REQUIRED,
        applies=True,
        condition="every cluster",
        unread=(),
        purpose="something to judge the cluster by",
        breaks="nothing is known: no required row was judged",
        origin=(edition.edition,),
        alternatives=(),
        note=f"{edition.edition} requires nothing of this cluster in the cloud {cloud}; choose another edition",
    )
