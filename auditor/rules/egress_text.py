"""Sets of traffic in words: destinations, services and how much it is."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.egress import Sent
from auditor.model.egress_sums import by_address, by_name
from auditor.model.finding import Detail
from auditor.netset import NameSet, ServiceSet, Traffic
from auditor.rules.wording import counted, listed

_RANGES = 3
_SERVICES = 4
_NAMES = 4
_SETS = 4
"""So many sets of names a message tells; `details` holds the others."""


def traffic_text(traffic: Traffic) -> str:
    """`tcp/443 to 20.50.0.0/16, 20.60.0.0/16 (131,072 addresses)`, the largest part first."""
    boxes = sorted(traffic.boxes(), key=lambda box: (-box[0].size, str(box[1])))
    if not boxes:
        return "nothing"
    addresses, services = boxes[0]
    more = f", and more on {counted(len(boxes) - 1, 'other set')} of services" if len(boxes) > 1 else ""
    return (
        f"{listed(str(services).split(','), _SERVICES)} to {listed(addresses.ranges(), _RANGES)} "
        f"({counted(addresses.size, 'address')}){more}"
    )


def names_text(names: NameSet, services: ServiceSet, application: str | None) -> str:
    """`https 443 to *.contoso.com except a.contoso.com`."""
    ports = [text.removeprefix("tcp/") for text in str(services).split(",")]
    shown = listed(str(names).split("; "), _NAMES)
    if application is None:
        return f"{listed(str(services).split(','), _SERVICES)} to the addresses of {shown}"
    return f"{application} {listed(ports, _SERVICES)} to {shown}"


def traffic_details(traffic: Traffic) -> tuple[Detail, ...]:
    """Each set of services with all of its destinations, the largest first; nothing where the message tells all."""
    boxes = sorted(traffic.boxes(), key=lambda box: (-box[0].size, str(box[1])))
    if not boxes or (len(boxes) == 1 and len(boxes[0][0].ranges()) <= _RANGES + 1):
        return ()
    return tuple(
        Detail(
            head=f"{', '.join(str(services).split(','))} to",
            members=addresses.ranges(),
            tail=f"({counted(addresses.size, 'address')})",
        )
        for addresses, services in boxes
    )


def sent_details(parts: Sequence[Sent], sets: int = _SETS) -> tuple[Detail, ...]:
    """What some senders send, in full, where a message with so many sets of names does not tell all of it."""
    found = list(traffic_details(by_address(parts)))
    for place, (application, services, names) in enumerate(by_name(parts)):
        members = tuple(str(names).split("; "))
        if len(members) > _NAMES + 1 or place >= sets:
            ports = ", ".join(str(services).split(","))
            found.append(Detail(head=f"{application or 'any protocol'} {ports} to", members=members))
    return tuple(found)


def sent_text(parts: Sequence[Sent], sets: int = _SETS) -> str:
    """What any of some senders sends, by address and by name, but only so many sets of names."""
    traffic, named = by_address(parts), list(by_name(parts))
    texts = [traffic_text(traffic)] if traffic else []
    texts += [names_text(names, services, application) for application, services, names in named[:sets]]
    more = f", and {counted(len(named) - sets, 'more set')} of names" if len(named) > sets else ""
    return "; ".join(texts) + more
