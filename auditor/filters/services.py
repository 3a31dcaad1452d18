"""Protocol and port fields of rules and questions as exact service sets."""

from __future__ import annotations

from collections.abc import Iterable

from auditor.model.question import Question
from auditor.netset import IntervalSet, ServiceSet
from auditor.netset.port import parse_ports
from auditor.netset.protocol import AH, ESP, ICMP, TCP, UDP
from auditor.netset.service import NONE

ALL_PORTS = parse_ports("*")
NUMBERS = {
    "tcp": TCP,
    "udp": UDP,
    "icmp": ICMP,
    "esp": ESP,
    "ah": AH,
    "http": TCP,
    "https": TCP,
    "mssql": TCP,
}


def ports_of(texts: Iterable[str]) -> IntervalSet:
    """The union of port texts; raises ValueError naming the first that does not parse."""
    return IntervalSet.union_all(parse_ports(text) for text in texts)


def with_ports(protocols: Iterable[str], ports: IntervalSet) -> ServiceSet:
    """Services of named protocols: TCP and UDP on `ports`, the others as a whole."""
    found = NONE
    for protocol in protocols:
        number = NUMBERS[protocol]
        found |= ServiceSet.ports(ports, number) if number in {TCP, UDP} else ServiceSet.protocols(number)
    return found


def services_of(question: Question) -> ServiceSet:
    """The services that a question asks for."""
    if question.protocol == "icmp":
        return ServiceSet.icmp()
    return with_ports((question.protocol,), IntervalSet.of(*question.ports))
