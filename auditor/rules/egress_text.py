"""Sets of traffic in words: destinations, services and how much it is."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.egress import Excess
from auditor.model.finding import Detail
from auditor.netset import NameSet, Traffic
from auditor.rules.wording import counted, listed

_RANGES = 3
_SERVICES = 4
_NAMES = 4


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


def names_text(names: NameSet, traffic: Traffic, application: str | None) -> str:
    """`https 443 to *.contoso.com except a.contoso.com`."""
    ports = [text.removeprefix("tcp/") for text in str(traffic.services).split(",")]
    shown = listed(str(names).split("; "), _NAMES)
    if application is None:
        return f"{listed(str(traffic.services).split(','), _SERVICES)} to the addresses of {shown}"
    return f"{application} {listed(ports, _SERVICES)} to {shown}"


def traffic_details(traffic: Traffic) -> tuple[Detail, ...]:
    """Each set of services with all of its destinations, the largest first; nothing where the message tells all."""
    boxes = sorted(traffic.boxes(), key=lambda box: (-box[0].size, str(box[1])))
    if len(boxes) == 1 and len(boxes[0][0].ranges()) <= _RANGES + 1:
        return ()
    return tuple(
        Detail(
            head=f"{', '.join(str(services).split(','))} to",
            members=addresses.ranges(),
            tail=f"({counted(addresses.size, 'address')})",
        )
        for addresses, services in boxes
    )


def excess_details(parts: Sequence[Excess]) -> tuple[Detail, ...]:
    """What one rule lets out, in full, where the message does not tell all of it."""
    found = [detail for one in parts if one.names is None for detail in traffic_details(one.traffic)]
    for one in parts:
        names = () if one.names is None else tuple(str(one.names).split("; "))
        if len(names) > _NAMES + 1:
            services = ", ".join(str(one.traffic.services).split(","))
            found.append(Detail(head=f"{one.application or 'any protocol'} {services} to", members=names))
    return tuple(found)


def excess_text(parts: Sequence[Excess]) -> str:
    """What one rule lets out, its largest part first."""
    by_address = [one for one in parts if one.names is None]
    texts = [traffic_text(one.traffic) for one in by_address]
    texts += [names_text(one.names, one.traffic, one.application) for one in parts if one.names is not None]
    return "; ".join(texts)
