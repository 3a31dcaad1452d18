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
_RULES: Final = ("tests/unit/rules", "tests/test_library_example.py")
_ROWS: Final = ("tests/test_required_rows.py",)
_LEAVING: Final = ("tests/unit/audit", "tests/oracle/test_leaving.py", "tests/oracle/test_diff.py")
_LATER: Final[dict[str, tuple[Stage, ...]]] = {
    "netset": (("tests/unit/netset",),),  # the ground of all else stands on its own tests
    "filters": (("tests/unit/filters", "tests/unit/paths"), _CASES, _ORACLE, _Z3),
    "paths": (("tests/unit/paths",), _CASES, _RULES, _ORACLE, _ROWS),
}
_OWN: Final[dict[str, Stage]] = {
    "filters/columns": ("tests/unit/filters/test_first_match.py",),
    "filters/decisions": ("tests/unit/filters/test_first_match.py",),
    "filters/firewall_rules": ("tests/unit/filters/test_firewall.py",),
    "filters/network_rules": ("tests/unit/filters/test_firewall.py",),
    "filters/parts": ("tests/unit/filters/test_first_match.py",),
    "filters/rule_list": ("tests/unit/filters/test_first_match.py",),
    "filters/security_rules": ("tests/unit/filters/test_security_group.py",),
    "filters/terms": ("tests/unit/filters/test_security_group.py",),
    "filters/vnet_tag": ("tests/unit/filters/test_security_group.py",),
    "netset/service_steps": ("tests/unit/netset/test_traffic.py",),
    "paths/comparison": ("tests/unit/audit/test_diff.py",),
    "paths/comparison_ways": ("tests/unit/audit/test_diff.py",),
    "paths/comparison_drops": ("tests/unit/audit/test_diff_unknowns.py", "tests/unit/audit/test_diff.py"),
    "paths/comparison_hops": ("tests/unit/audit/test_diff_unknowns.py", "tests/unit/audit/test_diff.py"),
    "paths/comparison_parts": ("tests/unit/audit/test_diff.py",),
    "paths/comparison_unknown": ("tests/unit/audit/test_diff_unknowns.py", "tests/unit/audit/test_diff.py"),
    "paths/senders": ("tests/unit/audit/test_diff.py",),
}
"""Where a module is tested that has no test file of its name."""
_SETS_OF_PATHS: Final = frozenset(
    ("comparison", "comparison_parts", "egress_states", "excess", "leaving", "senders")
)


def stages(root: Path, at: Candidate) -> tuple[Stage, ...]:
    """The stages of a mutant: the tests of its own module if there are any, then those of its package."""
    module = Path(at.file).stem
    own = _OWN.get(f"{at.package}/{module}", (f"tests/unit/{at.package}/test_{module}.py",))
    found: list[Stage] = [own, *_LATER[at.package]]
    if at.package == "paths" and module in _SETS_OF_PATHS:
        found.insert(1, _LEAVING)
    there = (tuple(one for one in stage if (root / one.partition("::")[0]).exists()) for stage in found)
    return tuple(stage for stage in there if stage)
