"""Who sends from a subnet, and what each sender lets out: the two sides of a comparison, made alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from auditor.filters.parts import Codes
from auditor.model.difference import Standing
from auditor.model.egress import Beyond
from auditor.model.finding import From
from auditor.model.gap import Gap
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Outcome
from auditor.netset import AddressSet, NamePattern, NameSet, Traffic
from auditor.paths.egress_states import State, refined
from auditor.paths.excess import ExcessOfSource
from auditor.paths.interfaces import Interfaces
from auditor.paths.judge import Judgement, PathPart
from auditor.paths.leaving import Leaving, SourceEgress

_STANDINGS = {Beyond.EXCESS: Standing.EXCESS, Beyond.UNNEEDED: Standing.UNNEEDED}
Named = tuple[str | None, str]
"""What names are asked by: an application protocol, or the one name of an FQDN network rule."""


@dataclass(frozen=True, slots=True)
class _Beyond:
    """A part of what leaves beyond the needs."""

    standing: Standing
    leaving: Leaving
    traffic: Traffic
    names: NameSet | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """The nodes or pods of one pool in one subnet whose network interfaces are alike."""

    asked_from: From
    pods: bool
    group: str
    """The security group on their interfaces."""
    interfaces: Interfaces
    egress: SourceEgress
    raw: tuple[Leaving, ...]
    sixth: tuple[Leaving, ...]
    """What IPv6 addresses send, which nothing is known to let out (UDR-22)."""
    named: tuple[Leaving, ...]
    assumed: frozenset[str]
    beyond: tuple[_Beyond, ...] = field(repr=False)

    @property
    def addresses(self) -> AddressSet:
        """From where it sends; empty where the subnet was not read."""
        return AddressSet.union_all(one.source for one in (*self.raw, *self.sixth))

    @property
    def pool(self) -> tuple[str, bool]:
        """What a pool is known by on both sides."""
        return self.asked_from.pool.lower(), self.pods


def senders_of(
    egress: SourceEgress, excess: ExcessOfSource, asked_from: From, *, pods: bool, assumed: frozenset[str]
) -> Iterator[Sender]:
    """The senders of one source: as many as it has kinds of interfaces."""
    beyond = [_Beyond(_STANDINGS[kind], *rest) for kind, *rest in excess.beyond()]  # type: ignore[arg-type]
    sixth = egress.to_ipv6()
    for interfaces in dict.fromkeys(leaving.interfaces for leaving in egress.by_address):
        yield Sender(
            asked_from=asked_from,
            pods=pods,
            group=_group(interfaces),
            interfaces=interfaces,
            egress=egress,
            raw=tuple(one for one in egress.by_address if one.interfaces == interfaces),
            sixth=tuple(one for one in sixth if one.interfaces == interfaces),
            named=tuple(one for one in egress.by_name if one.interfaces == interfaces),
            assumed=assumed,
            beyond=tuple(one for one in beyond if one.leaving.interfaces == interfaces),
        )


def _group(interfaces: Interfaces) -> str:
    match interfaces.security_group:
        case ResourceId():
            return interfaces.security_group.key
        case Gap():
            return interfaces.security_group.id.key
        case _:
            return str(interfaces.security_group)


class Voice:
    """One sender seen from one class of its addresses."""

    def __init__(self, sender: Sender, source: AddressSet) -> None:
        self.sender = sender
        self._source = source
        by_address = sender.sixth if source.v6 else sender.raw
        self._raw = next((one for one in by_address if _holds(one, source)), None)
        self._named: dict[Named, dict[NameSet, Leaving]] = {}
        for one in sender.named if self._raw is not None else ():
            if _holds(one, source) and one.name is not None:
                self._named.setdefault(_key(one), {})[one.name] = one

    @property
    def raw(self) -> State:
        """What leaves by address; nothing from an address that the subnet does not have."""
        return State() if self._raw is None else State(self._raw.must, self._raw.unknown)

    @property
    def keys(self) -> frozenset[Named]:
        """By what names leave."""
        return frozenset(self._named)

    def names(self, key: Named) -> tuple[NameSet, ...]:
        """The classes of names of which some leave."""
        return tuple(self._named.get(key, ()))

    def by_name(self, key: Named, names: NameSet) -> State:
        """What leaves by name alone, for names within one class."""
        found = self._leaving(key, names)
        return State() if found is None else State(found.must, found.unknown)

    def own_rule(self, names: NameSet) -> State:
        """What network rules let out that mean exactly this name."""
        return State.joined(
            State(one.must, one.unknown)
            for key, classes in self._named.items()
            if key[0] is None
            for name, one in classes.items()
            if name == names
        )

    def opened(self, key: Named | None, names: NameSet | None) -> Iterator[tuple[Traffic, Codes]]:
        """What may leave and need not, with the codes that leave it open."""
        if self._raw is not None:
            yield from self._raw.open
        named = self._leaving(key, names) if key is not None and names is not None else None
        if named is not None:
            yield from named.open

    def paths(
        self, traffic: Traffic, key: Named | None, names: NameSet | None, wanted: Outcome
    ) -> Iterator[tuple[Traffic, Judgement, tuple[PathPart, ...]]]:
        """The paths of that part of some traffic which has an outcome, as this sender sees it."""
        for asked in self.flows(key, names):
            yield from self.walked(asked, traffic, wanted)

    def walked(
        self, asked: Leaving, traffic: Traffic, wanted: Outcome
    ) -> Iterator[tuple[Traffic, Judgement, tuple[PathPart, ...]]]:
        """The paths of that part of some traffic of one flow which has an outcome."""
        for part, answer, walked in self.sender.egress.paths(asked, traffic):
            if answer.outcome is wanted and part:
                yield part, answer, walked

    def standings(
        self, traffic: Traffic, key: Named | None, names: NameSet | None
    ) -> list[tuple[Standing, Traffic, NameSet | None]]:
        """What leaves, cut by how it stands to the needs of the cluster."""
        rest: list[tuple[Traffic, NameSet | None]] = [(traffic, names)]
        found: list[tuple[Standing, Traffic, NameSet | None]] = []
        for one in self.sender.beyond:
            if not _holds(one.leaving, self._source) or _key_or_none(one.leaving) != key:
                continue
            left: list[tuple[Traffic, NameSet | None]] = []
            for part, held in rest:
                both = part & one.traffic
                common = held & one.names if held is not None and one.names is not None else None
                if not both or (held is not None and not common):
                    left.append((part, held))
                    continue
                found.append((one.standing, both, common))
                if held is not None and one.names is not None and (other := held - one.names):
                    left.append((part, other))
                if remaining := part - one.traffic:
                    left.append((remaining, common))
            rest = left
        return [*found, *((Standing.NEEDED, part, held) for part, held in rest if part)]

    def _leaving(self, key: Named, names: NameSet) -> Leaving | None:
        classes = self._named.get(key, {})
        exact = classes.get(names)
        return (
            exact
            if exact is not None
            else next((one for name, one in classes.items() if names <= name), None)
        )

    def flows(self, key: Named | None, names: NameSet | None) -> Iterator[Leaving]:
        """The flows to walk: names are cut into the classes that this side tells apart, which rules decide alike."""
        if self._raw is None:
            return
        if key is None or names is None:
            yield replace(self._raw, source=self._source)
            return
        application, name = key
        pattern = NamePattern.parse(name) if application is None else NamePattern.parse("*")
        for piece in self.sender.egress.name_classes:
            if common := piece & names:
                yield replace(
                    self._raw, source=self._source, name=common, pattern=pattern, application=application
                )


def _holds(leaving: Leaving, source: AddressSet) -> bool:
    """Whether it speaks of these senders; a subnet that was not read stands for any."""
    return not leaving.source or source <= leaving.source


def _key(leaving: Leaving) -> Named:
    return leaving.application, "" if leaving.application is not None else str(leaving.pattern)


def _key_or_none(leaving: Leaving) -> Named | None:
    return None if leaving.name is None else _key(leaving)


def classes_of(senders: Sequence[Sender]) -> list[AddressSet]:
    """The senders' addresses, cut wherever one of them tells addresses apart; one empty set where none was read."""
    found = refined(
        *(dict.fromkeys(one.source for one in (*sender.raw, *sender.sixth)) for sender in senders)
    )
    return found or [AddressSet.of()]
