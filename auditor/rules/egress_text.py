"""Sets of traffic in words: destinations, services and how much it is."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.model.egress import Excess
from auditor.netset import NameSet, Traffic
from auditor.rules.wording import counted, listed

_RANGES = 3
_RANGES_OF_A_LINE = 20
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


def traffic_lines(traffic: Traffic) -> tuple[str, ...]:
    """One line for each set of services, the largest first, where the message does not tell all of them."""
    boxes = sorted(traffic.boxes(), key=lambda box: (-box[0].size, str(box[1])))
    if len(boxes) == 1 and len(boxes[0][0].ranges()) <= _RANGES + 1:
        return ()
    return tuple(
        f"{services} to {listed(addresses.ranges(), _RANGES_OF_A_LINE)} ({counted(addresses.size, 'address')})"
        for addresses, services in boxes
    )


def excess_lines(parts: Sequence[Excess]) -> tuple[str, ...]:
    """What one rule lets out, line by line, where the message does not tell all of it."""
    lines = [line for one in parts if one.names is None for line in traffic_lines(one.traffic)]
    lines += [
        f"{one.application or 'any'} {one.traffic.services} to {one.names}"
        for one in parts
        if one.names is not None and len(str(one.names).split("; ")) > _NAMES + 1
    ]
    return tuple(lines)


def excess_text(parts: Sequence[Excess]) -> str:
    """What one rule lets out, its largest part first."""
    by_address = [one for one in parts if one.names is None]
    texts = [traffic_text(one.traffic) for one in by_address]
    texts += [names_text(one.names, one.traffic, one.application) for one in parts if one.names is not None]
    return "; ".join(texts)
