"""Private endpoints that may not serve: only an approved connection passes traffic (ARM-19, V-6)."""

from __future__ import annotations

from auditor.filters.parts import Option, unknown
from auditor.model.network import PrivateEndpoint
from auditor.model.verdict import Effect, Stage
from auditor.paths.ways import hop_at


def not_serving(endpoint: PrivateEndpoint) -> Option | None:
    """What becomes of traffic at the endpoint's address, unless its connection is approved and it has no flaw.

    Nothing answers before an approval or after a refusal; what another state means is open.
    """
    if endpoint.approved and not endpoint.flaws:
        return None
    named = f"private endpoint {endpoint.id.name}"
    if endpoint.flaws:
        detail = f"{named}: {endpoint.flaws[0].detail}"
        hop = hop_at(Stage.EXIT, endpoint.id, Effect.UNKNOWN, "V-6", detail)
        return unknown(hop, *(flaw.code for flaw in endpoint.flaws))
    words = ", ".join(endpoint.states) or "not written"
    detail = f"the connection of {named} is {words}: only an approved one passes traffic"
    hop = hop_at(Stage.EXIT, endpoint.id, Effect.DROP, "ARM-19", detail)
    return Option(hop=hop) if endpoint.refused else unknown(hop, "enum-unknown")
