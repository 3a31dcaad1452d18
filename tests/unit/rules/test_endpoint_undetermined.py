from __future__ import annotations

import pytest

from auditor.model.finding import Severity, Status
from auditor.model.reading import ASSUMABLE
from auditor.model.verdict import Effect, Hop, Outcome, Stage
from auditor.rules.endpoint_undetermined import EndpointUndetermined
from auditor.rules.hint import Hint
from auditor.rules.reason_codes import SUPPLIES, meaning_of
from auditor.rules.supply_hints import supply_hint
from tests.unit.rules.world import (
    ALLOWED,
    FIREWALL,
    FIREWALL_DENY,
    MCR,
    NSG,
    OPAQUE,
    TABLE,
    UNKNOWN,
    audited,
    endpoint,
    estate,
    hop,
    piece,
    route,
    statuses,
    table,
    verdict,
)

RULE = EndpointUndetermined()
DEVICE = route("default", "0.0.0.0/0", "virtualappliance", "10.9.0.4")
CODES = [
    "unreadable-resource",
    "not-succeeded",
    "enum-unknown",
    "tag-snapshot-missing",
    "asg-members-unknown",
    "protocol-coverage",
    "pe-route-override",
    "se-override",
    "nva-opaque",
    "next-hop-dangling",
    "gateway-onprem",
    "hub-routing-opaque",
    "nat-unverified",
    "same-region-storage",
    "smtp-platform",
    "fw-feature-tier",
    "fqdn-dns-consistency",
    "web-category-opaque",
    "tls-inspection",
    "ordering-undocumented",
    "ipv6",
    "pool-coverage",
    "gateway-pool",
    "preview-selector",
    "snapshot-inconsistent",
    "fqdn-address-unknown",
    "condition-unknown",
]


def _hint(code: str, name: str, hops: list[Hop]) -> Hint:
    world = audited()
    return supply_hint(world.estate, world.cluster, code, name, hops)


def test_opaque_device_says_what_to_supply() -> None:
    """The reader learns which device stands in the way and the two ways to make it known."""
    (found,) = RULE.check(audited(endpoint(MCR, UNKNOWN)))
    assert (found.severity, found.status) == (Severity.ERROR, Status.UNKNOWN)
    assert found.message == (
        'next hop 10.9.0.4 of route "default" (rt-gpu) is no device in this snapshot (nva-opaque)'
    )
    assert (
        found.remediation == "--appliance FILE describing 10.9.0.4, or collect the subscription that holds it"
    )
    assert found.reasons == ("nva-opaque",)
    assert found.evidence == (OPAQUE,)


def test_next_hop_is_taken_from_the_route_that_was_read() -> None:
    """The address comes from the route table, not from a sentence."""
    path = [
        hop(Stage.ROUTE, Effect.FORWARD, resource=str(TABLE), rule="Default"),
        hop(Stage.APPLIANCE, Effect.UNKNOWN),
    ]
    world = audited(estate=estate(route_tables={TABLE: table(DEVICE)}))
    assert supply_hint(world.estate, world.cluster, "nva-opaque", "x", path).words.startswith(
        "--appliance FILE describing 10.9.0.4,"
    )
    assert "the next hop" in _hint("nva-opaque", "x", path[1:]).words


def test_unread_resource_is_named() -> None:
    """What was not read is named with the ways to read it."""
    unread = hop(Stage.SUBNET_NSG, Effect.UNKNOWN, resource=str(NSG), codes=("unreadable-resource",))
    answer = verdict(piece(Outcome.UNKNOWN, unread), reasons=("unreadable-resource",))
    (found,) = RULE.check(audited(endpoint(MCR, answer)))
    assert found.resource == NSG
    assert found.remediation == (
        "collect network security group nsg-apps with an identity that may read it, "
        "or add a snapshot that holds it with --snapshot"
    )


def test_parts_are_printed_when_addresses_are_treated_differently() -> None:
    """A name whose addresses are not known is told with the parts that its addresses fall into."""
    answer = verdict(
        piece(Outcome.ALLOWED, destinations=("20.0.0.0/8",), addresses=1 << 24),
        piece(Outcome.BLOCKED, FIREWALL_DENY, destinations=("0.0.0.0/1",), addresses=1 << 31),
        outcome=Outcome.UNKNOWN,
        reasons=("fqdn-address-unknown",),
    )
    (found,) = RULE.check(audited(endpoint(MCR, answer)))
    assert found.message == (
        "the name's addresses are not known, and the path treats addresses differently (fqdn-address-unknown); "
        "the parts: blocked for 0.0.0.0/1 (2,147,483,648 addresses) by firewall fw-hub, "
        "allowed for 20.0.0.0/8 (16,777,216 addresses)"
    )
    assert found.remediation == "--addresses FILE with the addresses of mcr.microsoft.com"


def test_recommended_rows_are_warnings_and_determined_ones_pass() -> None:
    """Only required rows make an audit incomplete; a row whose condition is open is told elsewhere."""
    rows = (
        endpoint("a.example:443/https", UNKNOWN, level="recommended"),
        endpoint("b.example:443/https", ALLOWED),
        endpoint("c.example:443/https"),
        endpoint("d.example:443/https", UNKNOWN, level="recommended", applies=None),
    )
    found = list(RULE.check(audited(*rows)))
    assert statuses(found) == [
        ("unknown", "a.example:443/https"),
        ("pass", "b.example:443/https"),
        ("pass", "c.example:443/https"),
    ]
    assert found[0].severity is Severity.WARNING


@pytest.mark.parametrize("code", [*ASSUMABLE, *CODES, "uncertain:FW-17", "never-heard-of"])
def test_every_reason_has_words(code: str) -> None:
    """No reason leaves the reader without what it means and what to do."""
    carrier = hop(Stage.FIREWALL, Effect.UNKNOWN, resource=str(FIREWALL), codes=(code,))
    hint = _hint(code, "mcr.microsoft.com", [carrier])
    assert hint.words
    assert "{" not in hint.words
    assert meaning_of(code)
    assert code.startswith(("uncertain:", "never")) or code in SUPPLIES


def test_strict_unknowns_say_which_assumption_would_answer() -> None:
    """Under --strict the reader learns what the default run would have assumed."""
    assert "without --strict or --no-assume nic-nsg-unread it is assumed that AKS's own" in (
        _hint("nic-nsg-unread", "x", []).words
    )


def test_missing_tags_come_with_the_command_that_lists_them() -> None:
    """The list of service tags is one command away."""
    hint = _hint("tag-snapshot-missing", "x", [])
    assert hint.commands == ("az network list-service-tags --location westeurope",)
    assert "--service-tags FILE" in hint.words


def test_an_opaque_tag_may_be_any() -> None:
    """Every FQDN tag is opaque for some names, so the reason names none of them (FW-28)."""
    assert "AzureKubernetesService" not in meaning_of("fqdn-tag-opaque")
