from __future__ import annotations

from auditor.model.finding import Severity, Status
from auditor.model.resource_id import ResourceId
from auditor.model.verdict import Effect, Outcome, Stage
from auditor.rules.required_endpoint_blocked import RequiredEndpointBlocked
from tests.unit.rules.world import (
    ALLOWED,
    APPS,
    BLOCKED,
    CLUSTER,
    DATA,
    FIREWALL,
    FIREWALL_DENY,
    FROM_SYS,
    MCR,
    NSG,
    NSG_DENY,
    ROUTE_HOP,
    UNKNOWN,
    audited,
    endpoint,
    hop,
    piece,
    statuses,
    verdict,
)

RULE = RequiredEndpointBlocked()


def test_fires_with_all_blockers() -> None:
    """One finding tells every rule that stops the endpoint, what breaks, and how to open each."""
    answer = verdict(piece(Outcome.BLOCKED, NSG_DENY, ROUTE_HOP, FIREWALL_DENY))
    (found,) = RULE.check(audited(endpoint(DATA, answer)))
    assert (found.severity, found.status, found.endpoint) == (Severity.ERROR, Status.FAIL, DATA)
    assert found.message == (
        'network security group nsg-apps: rule "deny-internet" (priority 4000) denies it (NSG-4); also '
        "firewall fw-hub: no rule of policy fp-child or its parent fp-base matches; denied by default (FW-6); "
        "breaks: nodes do not start"
    )
    assert found.evidence == (NSG_DENY, FIREWALL_DENY)
    assert found.path == (NSG_DENY, ROUTE_HOP, FIREWALL_DENY)
    assert (found.cluster, found.subnets, found.pools, found.resource) == (CLUSTER, (APPS,), ("apps",), NSG)
    assert len(found.commands) == 2
    assert found.level == "required"


def test_silent_about_what_gets_out_or_is_not_needed() -> None:
    """Allowed passes; what does not apply, is recommended or has no answer is no business of this rule."""
    rows = (
        endpoint(MCR, ALLOWED),
        endpoint("a.example:443/https", None, applies=False),
        endpoint("b.example:443/https", level="recommended"),
        endpoint("c.example:443/https", applies=None, level="recommended"),
        endpoint("d.example:443/https", UNKNOWN),
    )
    assert statuses(list(RULE.check(audited(*rows)))) == [("pass", MCR)]


def test_mixed_tells_the_blocked_part() -> None:
    """A destination that gets out in part is told with the part that does not."""
    blocked = piece(Outcome.BLOCKED, NSG_DENY, destinations=("20.0.0.0/24",), addresses=256)
    answer = verdict(piece(Outcome.ALLOWED, ROUTE_HOP), blocked, outcome=Outcome.MIXED)
    (found,) = RULE.check(audited(endpoint(MCR, answer)))
    assert found.status is Status.FAIL
    assert found.message.startswith(
        "allowed in part only, blocked for 20.0.0.0/24: network security group nsg-apps"
    )


def test_rows_with_one_destination_merge() -> None:
    """The same destination from the same subnet is one finding, whatever rows and pools ask for it."""
    second = endpoint(
        MCR, BLOCKED, level="recommended", purpose="never joined: a row of the lesser level is covered"
    )
    third = endpoint(
        MCR, BLOCKED, id="own", purpose="own list", asked_from=FROM_SYS.__class__(pool="gpu", subnet=APPS)
    )
    (found,) = RULE.check(audited(second, endpoint(MCR, BLOCKED), third))
    assert found.pools == ("apps", "gpu")
    assert found.purpose == "pull images; own list"
    assert found.breaks == "nodes do not start"


def test_one_finding_for_each_subnet() -> None:
    """Two subnets are two subjects with two fingerprints."""
    found = list(RULE.check(audited(endpoint(), endpoint(asked_from=FROM_SYS))))
    assert len({item.fingerprint for item in found}) == 2
    assert all(item.resource == FIREWALL for item in found)


def test_fingerprint_survives_renumbering_and_reordering() -> None:
    """A new priority, or another order of pieces, is no new finding."""
    renumbered = hop(Stage.SUBNET_NSG, Effect.DENY, resource=str(NSG), rule="deny-internet", priority=100)
    one = verdict(piece(Outcome.BLOCKED, NSG_DENY), piece(Outcome.BLOCKED, FIREWALL_DENY))
    two = verdict(piece(Outcome.BLOCKED, FIREWALL_DENY), piece(Outcome.BLOCKED, renumbered))
    (first,) = RULE.check(audited(endpoint(MCR, one)))
    (second,) = RULE.check(audited(endpoint(MCR, two)))
    assert first.fingerprint == second.fingerprint


def test_pieces_set_aside_are_printed_and_blame_nobody() -> None:
    """What was set aside stands in the message, and its blocker is no evidence."""
    aside = piece(Outcome.BLOCKED, NSG_DENY, destinations=("203.0.113.7",), addresses=1, aside=True)
    answer = verdict(piece(Outcome.ALLOWED, ROUTE_HOP), aside, assumptions=("address-unlisted",))
    (found,) = RULE.check(audited(endpoint(MCR, answer)))
    assert (found.status, found.message) == (
        Status.PASS,
        "allowed; set aside: 203.0.113.7 (1 address, blocked)",
    )
    assert found.assumptions == ("address-unlisted",)


def test_hostile_text_is_shown_harmless() -> None:
    """Nothing from a document reaches the message as a control character."""
    bad = hop(Stage.SUBNET_NSG, Effect.DENY, resource=f"{NSG}\x1b[2J", rule="x\x1b]0;y", detail="\x07")
    (found,) = RULE.check(audited(endpoint(MCR, verdict(piece(Outcome.BLOCKED, bad)), breaks="a\nb")))
    assert (found.message + found.remediation + found.breaks).isprintable()
    assert found.commands == ()
    assert isinstance(found.resource, ResourceId)
