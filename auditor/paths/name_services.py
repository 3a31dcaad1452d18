"""The services on which a name may fare otherwise than its address alone: elsewhere both leave alike."""

from __future__ import annotations

from collections.abc import Sequence

from auditor.filters.appliance import ApplianceFilter
from auditor.filters.application_rules import could_be_infrastructure, services_of
from auditor.filters.firewall import FirewallFilter
from auditor.filters.network_rules import named_services
from auditor.model.firewall import ApplicationRule, NetworkRule
from auditor.netset import NameSet, ServiceSet
from auditor.netset.service import ANY


def services_by_name(
    devices: Sequence[FirewallFilter | ApplianceFilter], name: NameSet, application: str | None
) -> ServiceSet:
    """No less than the services on which some device treats a name otherwise than what bears no name.

    All services where that is not a matter of single rules: a described appliance, a firewall that was not read
    completely, threat intelligence that exempts names (FW-18), the built-in collection (FW-16).
    """
    found = ServiceSet.protocols()
    for device in devices:
        if isinstance(device, ApplianceFilter) or _judges_names_anywhere(device, name):
            return ANY
        for place in device.resolved.collections:
            for rule in place.collection.rules:
                if isinstance(rule, ApplicationRule):
                    found |= services_of(rule, application)
                elif isinstance(rule, NetworkRule) and rule.fqdns:
                    found |= _named_by(rule)
    return found


def _judges_names_anywhere(firewall: FirewallFilter, name: NameSet) -> bool:
    resolved = firewall.resolved
    return bool(resolved.problems) or resolved.threat_intel == "deny" or could_be_infrastructure(name)


def _named_by(rule: NetworkRule) -> ServiceSet:
    try:
        return named_services(rule.protocols, rule.ports)
    except (ValueError, KeyError):
        return ANY
