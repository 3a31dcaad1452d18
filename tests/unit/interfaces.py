"""A network interface that says nothing but what a test changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from auditor.model.outbound import Nic
from auditor.model.resource_id import ResourceId


def interface(identity: str, **changes: Any) -> Nic:
    """An interface of pool `sys` that was read, without group, address, subnet or way out."""
    plain = Nic(
        id=ResourceId(identity),
        flaws=(),
        model=False,
        scale_set=None,
        pool="sys",
        security_group=None,
        subnets=(),
        addresses=(),
        public_ip=False,
        ip_forwarding=False,
        application_groups=(),
        backend_pools=(),
        default_outbound=None,
        dns_servers=(),
    )
    return replace(plain, **changes)
