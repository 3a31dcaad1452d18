from __future__ import annotations

from auditor.model.finding import Problem, Status
from auditor.rules.exfiltration_prone_rule import ExfiltrationProneRule
from tests.unit.rules.world import FROM_SYS, GROUP, audited


def problem(*texts: str, reasons: tuple[str, ...] = ()) -> Problem:
    return Problem(
        kind="exfiltration-prone-rule",
        resource=GROUP,
        subject="app/storage",
        message="prone",
        asked_from=(FROM_SYS,),
        reasons=reasons,
        lacking=texts,
    )


def test_names_are_replaced_by_names() -> None:
    """The remedy names what to replace; which hosts are one's own no document tells, so there is no command."""
    (found,) = ExfiltrationProneRule().check(audited(problems=(problem("*.blob.core.windows.net"),)))
    assert found.status is Status.FAIL
    assert found.remediation.startswith(
        "name your own hosts in place of *.blob.core.windows.net in rule app/storage"
    )
    assert found.commands == ()


def test_tags_are_replaced_by_application_rules() -> None:
    """A rule about addresses cannot name a host."""
    (found,) = ExfiltrationProneRule().check(audited(problems=(problem("Storage.WestEurope", "*"),)))
    assert found.remediation.startswith(
        "let application rules name your own hosts in place of Storage.WestEurope, * in rule app/storage"
    )


def test_what_was_not_read_is_unknown() -> None:
    """A rule whose tag was not read may let nothing out."""
    (found,) = ExfiltrationProneRule().check(
        audited(problems=(problem("EventHub", reasons=("tag-snapshot-missing",)),))
    )
    assert (found.status, found.reasons) == (Status.UNKNOWN, ("tag-snapshot-missing",))
    assert "tag-snapshot-missing" in found.remediation


def test_passes_where_nothing_is_shared() -> None:
    """Silence is said."""
    (found,) = ExfiltrationProneRule().check(audited())
    assert found.status is Status.PASS
