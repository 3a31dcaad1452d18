"""Exact, immutable, canonical sets of addresses, services, traffic and names; nothing here knows a cloud."""

from auditor.netset.address import AddressSet
from auditor.netset.interval import IntervalSet
from auditor.netset.name import NameSet
from auditor.netset.name_pattern import NamePattern
from auditor.netset.service import ServiceSet
from auditor.netset.traffic import Traffic

__all__ = ["AddressSet", "IntervalSet", "NamePattern", "NameSet", "ServiceSet", "Traffic"]
