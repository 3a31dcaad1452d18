"""The command that turns on a firewall's DNS proxy, where its settings lie (FW-42)."""

from __future__ import annotations

from auditor.model.firewall import Firewall
from auditor.rules.az_command import az


def enable_dns_proxy(firewall: Firewall) -> tuple[str, ...]:
    """On the firewall's own policy, or on the firewall itself where it has none."""
    if firewall.policy is None:
        return az("network firewall update", firewall.id, name=firewall.id.name, enable_dns_proxy="true")
    return az(
        "network firewall policy update", firewall.policy, name=firewall.policy.name, enable_dns_proxy="true"
    )
