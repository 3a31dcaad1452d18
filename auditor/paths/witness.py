"""One member of what leaves, so that a question about it gets the same answer."""

from __future__ import annotations

from auditor.filters.known_addresses import PUBLIC
from auditor.model.egress import witness_of
from auditor.netset import NameSet, Traffic


def leaving_witness(traffic: Traffic, names: NameSet | None, application: str | None) -> str:
    """The member that `witness_of` names, with its address where the name alone asks for others.

    A name of which nothing is known is asked about at all public addresses, so one that leaves to private
    addresses alone is no proof without one of them: `NAME:PORT/PROTO at ADDRESS`.
    """
    text = witness_of(traffic, names, application)
    if names is None or traffic.addresses & PUBLIC:
        return text
    return f"{text} at {traffic.witness()[0]}"
