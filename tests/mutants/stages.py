"""Which tests a mutant meets, those likely to kill it first."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.mutants.candidates import Candidate

Stage = tuple[str, ...]
"""Arguments that name tests."""

_CASES: Final = ("tests/test_cases.py", "tests/test_walk_through.py")
_ORACLE: Final = (
    "tests/oracle/test_packets.py::test_every_packet[0]",
    "tests/oracle/test_names.py::test_every_name[0]",
)
_Z3: Final = ("tests/oracle_z3/test_security_groups.py", "tests/oracle_z3/test_firewalls.py")
_RULES: Final = ("tests/unit/rules", "tests/test_required_rows.py", "tests/test_library_example.py")
_LATER: Final[dict[str, tuple[Stage, ...]]] = {
    "netset": (("tests/unit/netset",),),  # the ground of all else stands on its own tests
    "filters": (("tests/unit/filters", "tests/unit/paths"), _CASES, _ORACLE, _Z3),
    "paths": (("tests/unit/paths",), _CASES, _RULES, _ORACLE),
}


_OWN: Final = {
    "address_index": "first_match",
    "columns": "first_match",
    "decisions": "first_match",
    "parts": "first_match",
    "rule_list": "first_match",
    "security_rules": "security_group",
    "terms": "security_group",
    "vnet_tag": "security_group",
    "application_rules": "firewall",
    "firewall_rules": "firewall",
    "network_rules": "firewall",
    "packet_classes": "dead_rules",
    "packet_lines": "dead_rules",
}
"""Modules of filters that are tested through another one."""


def stages(root: Path, at: Candidate) -> tuple[Stage, ...]:
    """The stages of a mutant: the tests of its own module if there are any, then those of its package."""
    module = Path(at.file).stem
    own = f"tests/unit/{at.package}/test_{_OWN.get(module, module)}.py"
    return (*(((own,),) if (root / own).is_file() else ()), *_LATER[at.package])
