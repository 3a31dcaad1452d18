"""From a snapshot to the network that questions are asked of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from auditor.model.build import build_estate
from auditor.model.snapshot import Snapshot
from auditor.paths.firewalls import policy_chain
from auditor.paths.network import Network
from auditor.policy.policy import Policy


def network_of(snapshot: Snapshot, policy: Policy) -> Network:
    """The estate with the policy's tag lists and appliances, ready for questions; refuses cycles of policies."""
    lists: tuple[tuple[str, Mapping[str, object]], ...] = (*snapshot.tag_lists, *policy.tag_lists)
    estate = build_estate(replace(snapshot, tag_lists=lists))
    for item in estate.policies:
        policy_chain(item, estate)
    return Network(estate, {appliance.address: appliance for appliance in policy.appliances})
