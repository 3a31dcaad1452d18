"""The published standards whose clauses rules serve.

A rule names a clause only where its finding is evidence that the clause is not met. The CIS benchmarks for Azure and
for AKS hold no recommendation about egress of which that is true: their network sections are about what comes in.
"""

from __future__ import annotations

from auditor.model.finding import Control


def mcsb(*ids: str) -> tuple[Control, ...]:
    """Microsoft cloud security benchmark v1: NS-1 segmentation, NS-3 edge firewall, NS-7 simple configuration."""
    return tuple(Control(standard="Microsoft cloud security benchmark", id=one) for one in ids)


def pci(*ids: str) -> tuple[Control, ...]:
    """PCI DSS: 1.2.5 approved services, 1.2.7 reviewed controls, 1.3.2 outbound traffic, 1.4.1 controls in between."""
    return tuple(Control(standard="PCI DSS v4.0.1", id=one) for one in ids)


def nist(*ids: str) -> tuple[Control, ...]:
    """NIST SP 800-53: AC-4 information flow, SC-7 boundary, (4) exceptions, (5) deny by default, (10) exfiltration."""
    return tuple(Control(standard="NIST SP 800-53 Rev. 5", id=one) for one in ids)
