"""From a reason code and the hops that carry it to what the user can supply."""

from __future__ import annotations

import re
from collections.abc import Iterable

from auditor.model.cluster import Cluster
from auditor.model.estate import Estate
from auditor.model.reading import ASSUMPTIONS
from auditor.model.resource_id import ResourceId
from auditor.model.route_table import RouteTable
from auditor.model.verdict import Effect, Hop, Stage
from auditor.rules.hint import Hint
from auditor.rules.hop_text import resource_name
from auditor.rules.reason_codes import SUPPLIES, meaning_of
from auditor.rules.supply_commands import supply_commands
from auditor.rules.wording import distinct, listed, shown

_ADDRESS = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w./])")


def supply_hint(
    estate: Estate,
    cluster: Cluster,
    code: str,
    name: str,
    hops: Iterable[Hop],
    *,
    network: ResourceId | None = None,
) -> Hint:
    """How to supply what one reason lacks; `hops` are those of the unknown pieces, in path order.

    `network` is the virtual network that is asked from.
    """
    path = tuple(hops)
    carriers = [hop for hop in path if code in hop.codes] or [
        hop for hop in path if hop.outcome is Effect.UNKNOWN
    ]
    if code.startswith("uncertain:"):
        return Hint(words=f"no document settles it: probe {shown(name)} from a node")
    supply = SUPPLIES.get(code)
    if supply is None:
        return Hint(words=f"see the reason {shown(code)}")
    resources = distinct(
        resource_name(ResourceId(hop.resource)) for hop in carriers if hop.resource is not None
    )
    words = supply.how.format(
        address=listed(_next_hops(estate, carriers, path)) or "the next hop",
        resource=listed(resources, 3) or "the resource",
        name=shown(name),
    )
    if code in ASSUMPTIONS:
        words += f" (without --strict or --no-assume {code} it is assumed that {ASSUMPTIONS[code]})"
    found = [ResourceId(text) for hop in carriers if (text := hop.resource or "").startswith("/")]
    return Hint(words=words, commands=supply_commands(code, cluster, found, network))


def missing_sentence(code: str, hint: Hint) -> str:
    """`nva-opaque: the next hop is a device that Azure cannot describe; to settle it: --appliance FILE ...`."""
    return f"{shown(code)}: {meaning_of(code)}; to settle it: {hint.words}"


def _next_hops(estate: Estate, carriers: Iterable[Hop], path: Iterable[Hop]) -> tuple[str, ...]:
    """Addresses of the next hops that the route tables of the path name, else those that the sentences name."""
    routes = [hop for hop in carriers if hop.stage is Stage.ROUTE] or [
        hop for hop in path if hop.stage is Stage.ROUTE
    ]
    found: list[str] = []
    for hop in routes:
        table = estate.route_table(ResourceId(hop.resource)) if hop.resource is not None else None
        if isinstance(table, RouteTable) and hop.rule is not None:
            found += [
                address
                for route in table.routes
                if route.name.lower() == hop.rule.lower()
                for address in route.addresses
            ]
    return distinct(found) or distinct(
        address for hop in carriers for address in _ADDRESS.findall(hop.detail)
    )
