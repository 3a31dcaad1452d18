"""Every row that `locked-down` needs: which rules let it out, and what takes exactly that row away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Final

import pytest

from auditor.cli.exit_codes import ExitCode, Tolerance, exit_code
from auditor.model.finding import Endpoint, Report
from auditor.model.snapshot import Snapshot
from auditor.model.verdict import Effect, Outcome, Stage, Verdict
from tests.estates.allowances import allowances, taken_away
from tests.estates.denied import with_denies, with_none_routes
from tests.estates.documents import (
    FIREWALLS,
    Asked,
    audited,
    bodies_of,
    document,
    edited,
    example,
    judged,
    not_judged,
    tag_addresses,
)
from tests.estates.needed_rows import Row, rows, service_tags_of
from tests.estates.widened import NEWEST, OLDEST, widened

Answers = dict[Asked, tuple[Endpoint, Verdict]]
Said = tuple[Outcome, tuple[str, ...], tuple[str, ...]]

ANY_TCP_443: Final = "pub-core-any-tcp-443"
"""The bare row of 2019: TCP 443 to somewhere; no one rule admits it, so none can be taken away."""
MONITOR_TAG: Final = "all-azure-monitor-azuremonitor-tcp-443"
PODS: Final = "pub-pods-use-api-server-ip-api-server-ip-tcp-443"
"""Whether it applies is not known; it stays open as long as a rule admits some addresses by TCP 443."""
DNS: Final = "pub-custom-dns-customdnsip-udp-53"
DNS_TCP: Final = f"{DNS}:tcp"


def parameters(*, edition: str | None = None) -> list[object]:
    """A parameter for each row of one edition or of both."""
    return [
        pytest.param(one, row, id=f"{one}-{row.id}")
        for one in (NEWEST, OLDEST)
        for row in rows(one)
        if edition in {None, one} and row.id != ANY_TCP_443
    ]


def said(verdict: Verdict) -> Said:
    return verdict.outcome, verdict.assumptions, verdict.reasons


def changed(before: Answers, after: Answers) -> dict[str, Outcome]:
    """The rows that are answered differently, with the new answer, which is the same from every pool."""
    assert before.keys() == after.keys()
    found = {
        asked: verdict.outcome
        for asked, (_, verdict) in after.items()
        if said(verdict) != said(before[asked][1])
    }
    by_row = {asked[0]: outcome for asked, outcome in found.items()}
    assert found == {asked: by_row[asked[0]] for asked in after if asked[0] in by_row}
    return by_row


@cache
def before(edition: str) -> Answers:
    """The answers about the widened estate."""
    return judged(audited(widened(edition), edition))


class TestEstates:
    @pytest.mark.parametrize("edition", [NEWEST, OLDEST])
    def test_policy_files_and_report_name_the_same_rows(self, edition: str) -> None:
        """What the tests below go through is what the audit judges, but for what the audit adds itself."""
        added = {DNS_TCP, PODS} if edition == NEWEST else set()
        assert {asked[0] for asked in before(edition)} == {row.id for row in rows(edition)} | added

    @pytest.mark.parametrize(("edition", "rows_required"), [(NEWEST, 27), (OLDEST, 8)])
    def test_levels(self, edition: str, rows_required: int) -> None:
        """A row is reported at the level that its edition gives it."""
        required = {row.id for row in rows(edition) if row.required}
        assert len(required) == rows_required
        reported = {asked[0] for asked, (one, _) in before(edition).items() if one.level == "required"}
        assert reported == required

    @pytest.mark.parametrize("edition", [NEWEST, OLDEST])
    def test_everything_is_allowed(self, edition: str) -> None:
        """The widened estate admits every row that applies; there is one of which that is not known."""
        open_ = {asked[0] for asked, (_, verdict) in before(edition).items() if not is_allowed(verdict)}
        assert open_ == ({PODS} if edition == NEWEST else set())


# -- what the firewall admits --------------------------------------------------------------------------

BY_MONITOR_RULE: Final = {NEWEST: {MONITOR_TAG, PODS}, OLDEST: set[str]()}
"""Rows that only the rule TCP 443 to the tag AzureMonitor lets out, wholly or in part.

That rule admits a part of every HTTPS row whose addresses may lie in the tag, so it goes with each of them.
"""
OUTSIDE_MONITOR: Final = frozenset(
    {
        "mcr.microsoft.com",
        "*.data.mcr.microsoft.com",
        "management.azure.com",
        "login.microsoftonline.com",
        "vault.azure.net",
    }
)
"""Hosts whose own service tags have no address in common with AzureMonitor."""
WITHIN: Final = {
    "pub-azure-monitor-any-metrics-ingest-monitor-azure-com": "pub-azure-monitor-any-ingest-monitor-azure-com",
    "pub-azure-monitor-any-ingest-monitor-azure-com": "pub-azure-monitor-any-metrics-ingest-monitor-azure-com",
    DNS: DNS_TCP,
}
"""Rows that share their allowance: one wildcard lies within the other; one proxy answers UDP and TCP."""


def falling(edition: str, row: Row) -> set[str]:
    """The rows that nothing admits once every allowance of a row is gone: all of them have the same ones."""
    found = {other.id for other in rows(edition) if other.to == row.to}
    if row.id in WITHIN:
        found.add(WITHIN[row.id])
    if (row.port, row.protocol) in {(443, "https"), (443, "tcp")} and row.destinations[
        0
    ] not in OUTSIDE_MONITOR:
        found |= BY_MONITOR_RULE[edition]
    return found


def without(edition: str, row: Row) -> Report:
    """The report about the widened estate less every allowance of a row."""
    return _without(edition, replace(row, id="", required=True))


@cache
def _without(edition: str, row: Row) -> Report:
    snapshot = widened(edition)
    tags = tag_addresses(snapshot)
    return audited(edited(snapshot, lambda bodies: taken_away(bodies, row, tags)), edition)


class TestTakenAway:
    @pytest.mark.parametrize(("edition", "row"), parameters())
    def test_exactly_this_row_is_blocked(self, edition: str, row: Row) -> None:
        """Without its allowances a row and those that share them meet the default deny; nothing else changes."""
        report = without(edition, row)
        expected = dict.fromkeys(falling(edition, row), Outcome.BLOCKED)
        assert changed(before(edition), judged(report)) == expected
        assert not_judged(report) == not_judged(audited_widened(edition))
        assert exit_code(report, Tolerance()) is ExitCode.FINDINGS or not row.required
        firewall = document(widened(edition), FIREWALLS, "fw-hub-weu").id.text
        answers = [verdict for asked, (_, verdict) in judged(report).items() if asked[0] == row.id]
        assert answers
        for verdict in answers:
            assert {piece.verdict for piece in verdict.pieces} == {Outcome.BLOCKED}
            largest = max(verdict.pieces, key=lambda piece: piece.addresses)
            denials = [hop for hop in largest.blockers if hop.stage is Stage.FIREWALL]
            assert [(hop.resource, hop.rule, hop.outcome) for hop in denials] == [
                (firewall, None, Effect.DENY)
            ]

    @pytest.mark.parametrize("edition", [NEWEST, OLDEST])
    def test_documents_say_the_same(self, edition: str) -> None:
        """Rules read as JSON agree: exactly the rows of the tables lose their last allowance."""
        snapshot = widened(edition)
        tags = tag_addresses(snapshot)
        for row in rows(edition):
            if row.id == ANY_TCP_443:
                continue
            assert allowances(bodies_of(snapshot), row, tags)
            reduced = bodies_of(edited(snapshot, partial(taken_away, row=row, tags=tags)))
            bare = {other.id for other in rows(edition) if not allowances(reduced, other, tags)}
            assert bare - {ANY_TCP_443} == falling(edition, row) - {PODS, DNS_TCP}


@cache
def audited_widened(edition: str) -> Report:
    return audited(widened(edition), edition)


# -- what stands in front of the firewall --------------------------------------------------------------

BLOCKED_WITH: Final = {
    ("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"): {
        "pub-core-mcr-microsoft-com",
        "pub-core-any-data-mcr-microsoft-com",
    },
    ("AzureResourceManager",): {"pub-core-management-azure-com"},
    ("AzureActiveDirectory",): {
        "pub-core-login-microsoftonline-com",
        "pub-workload-identity-login-microsoftonline-com",
        "pub-defender-for-containers-login-microsoftonline-com",
        "pub-azure-monitor-login-microsoftonline-com",
    },
    ("AzureKeyVault",): {"pub-key-vault-csi-vault-azure-net"},
    ("AzureMonitor",): {
        MONITOR_TAG,
        PODS,  # the firewall admits no other address by TCP 443
        "pub-azure-monitor-any-ods-opinsights-azure-com",
        "pub-azure-monitor-any-oms-opinsights-azure-com",
        "pub-azure-monitor-any-monitoring-azure-com",
        "pub-azure-monitor-dc-services-visualstudio-com",
        "pub-azure-monitor-global-handler-control-monitor-azure-com",
        "pub-azure-monitor-cluster-region-name-handler-control-monitor-azure-com",
        "pub-azure-policy-dc-services-visualstudio-com",
        "pub-defender-for-containers-any-ods-opinsights-azure-com",
        "pub-defender-for-containers-any-oms-opinsights-azure-com",
    },
}
"""By the tags of a service: the rows whose addresses they hold for certain (grade `service`)."""
NOWHERE_CERTAIN: Final = frozenset(
    {
        "pub-core-packages-microsoft-com",
        "pub-core-acs-mirror-azureedge-net",
        "pub-core-packages-aks-azure-com",
        "pub-azure-policy-data-policy-core-windows-net",
        "pub-azure-policy-store-policy-core-windows-net",
        "pub-azure-monitor-any-ingest-monitor-azure-com",
        "pub-azure-monitor-any-metrics-ingest-monitor-azure-com",
        "all-defender-for-containers-any-cloud-defender-microsoft-com",
        "all-linux-nodes-security-ubuntu-com-http-80",
        "all-linux-nodes-azure-archive-ubuntu-com-http-80",
        "all-linux-nodes-changelogs-ubuntu-com-http-80",
        "all-linux-nodes-snapshot-ubuntu-com",
    }
)
"""Hosts of no tag: they may be anywhere, so each tag that is cut off leaves them undetermined."""
API_SERVER: Final = "pub-core-any-hcp-location-azmk8s-io"
MCR_ALIAS: Final = "pub-core-mcr-0001-mcr-msedge-net"
UNKNOWN_BESIDE: Final = {
    ("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"): {API_SERVER, MCR_ALIAS},
    ("AzureResourceManager",): set[str](),
    ("AzureActiveDirectory",): set[str](),
    ("AzureKeyVault",): {API_SERVER},
    ("AzureMonitor",): {API_SERVER},
}
"""Rows of grade `description` whose tag shares addresses: AzureCloud.westeurope holds parts of the service."""

SERVICES: Final = sorted(BLOCKED_WITH)


def in_front_security_rules(tags: Sequence[str]) -> Snapshot:
    return with_denies(widened(NEWEST), tags, priority=300)


def in_front_routes(tags: Sequence[str]) -> Snapshot:
    return with_none_routes(widened(NEWEST), tags)


OBSTACLES: Final = [
    pytest.param(in_front_security_rules, Stage.SUBNET_NSG, id="security-rule"),
    pytest.param(in_front_routes, Stage.ROUTE, id="none-route"),
]


class TestTagsCutOff:
    def test_table_covers_every_service(self) -> None:
        """The table has every row that a tag holds for certain, each under its tags."""
        certain = {row.id: service_tags_of(row) for row in rows(NEWEST) if service_tags_of(row)}
        told = {row: tags for tags, found in BLOCKED_WITH.items() for row in found if row != PODS}
        assert told == certain

    @pytest.mark.parametrize("tags", SERVICES, ids="+".join)
    @pytest.mark.parametrize(("obstacle", "stage"), OBSTACLES)
    def test_rows_of_the_service_are_blocked(
        self, tags: tuple[str, ...], obstacle: Callable[[Sequence[str]], Snapshot], stage: Stage
    ) -> None:
        """Behind an NSG deny or a None route for all its tags a row is blocked; the table has the others."""
        after = judged(audited(obstacle(tags), NEWEST))
        expected = dict.fromkeys(BLOCKED_WITH[tags], Outcome.BLOCKED)
        expected |= dict.fromkeys(NOWHERE_CERTAIN | UNKNOWN_BESIDE[tags], Outcome.UNKNOWN)
        assert changed(before(NEWEST), after) == expected
        for asked, (_, verdict) in after.items():
            if asked[0] in BLOCKED_WITH[tags] and asked[0] != PODS:
                assert all(stage in {hop.stage for hop in piece.blockers} for piece in verdict.pieces)
            elif asked[0] in expected and asked[0] != PODS:
                assert verdict.reasons == ("fqdn-address-unknown",)


class TestEverythingCutOff:
    @pytest.mark.parametrize("edition", [NEWEST, OLDEST])
    @pytest.mark.parametrize("destination", ["0.0.0.0/0", "*"])
    def test_security_rule_before_all_others(self, edition: str, destination: str) -> None:
        """A deny to everywhere blocks every row; the DNS server is no platform address (NSG-21)."""
        snapshot = with_denies(widened(edition), [destination], priority=100)
        after = judged(audited(snapshot, edition))
        assert changed(before(edition), after) == dict.fromkeys(all_rows(edition), Outcome.BLOCKED)
        assert all(stage_named(verdict, Stage.SUBNET_NSG, "deny-100") for _, verdict in after.values())

    def test_security_rule_behind_the_way_to_the_hub(self) -> None:
        """An allow to the hub with a smaller priority number keeps the DNS server in reach (NSG-2)."""
        snapshot = with_denies(widened(NEWEST), ["*"], priority=300)
        after = judged(audited(snapshot, NEWEST))
        public = all_rows(NEWEST) - {DNS, DNS_TCP}
        assert changed(before(NEWEST), after) == dict.fromkeys(public, Outcome.BLOCKED)

    @pytest.mark.parametrize("edition", [NEWEST, OLDEST])
    def test_none_route(self, edition: str) -> None:
        """A None route for 0/0 takes the place of the one to the firewall; a peering route is longer (UDR-8)."""
        snapshot = with_none_routes(widened(edition), ["0.0.0.0/0"])
        after = judged(audited(snapshot, edition))
        public = all_rows(edition) - {DNS, DNS_TCP}
        assert changed(before(edition), after) == dict.fromkeys(public, Outcome.BLOCKED)
        assert all(
            stage_named(verdict, Stage.ROUTE, "drop-0.0.0.0-0")
            for asked, (_, verdict) in after.items()
            if asked[0] in public
        )

    def test_none_route_for_the_hub(self) -> None:
        """A None route as long as the peering's beats it and takes the DNS server and the firewall (UDR-8)."""
        snapshot = with_none_routes(widened(NEWEST), ["10.10.0.0/16"])
        after = judged(audited(snapshot, NEWEST))
        assert {after[asked][1].outcome for asked in after if asked[0] in {DNS, DNS_TCP}} == {Outcome.BLOCKED}


def all_rows(edition: str) -> set[str]:
    return {asked[0] for asked in before(edition)}


def stage_named(verdict: Verdict, stage: Stage, rule: str) -> bool:
    """Whether a rule or route stops most of what was asked."""
    largest = max(verdict.pieces, key=lambda piece: piece.addresses)
    return any((hop.stage, hop.rule) == (stage, rule) for hop in largest.blockers)


# -- the bundled estates, strict, and with fewer rights ----------------------------------------------------

REQUIRED: Final = {"locked-down": 27, "virtual-wan": 12}


def is_allowed(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.ALLOWED


@pytest.mark.parametrize("name", sorted(REQUIRED))
class TestBundled:
    def test_every_required_row_is_allowed(self, name: str) -> None:
        """The two sound estates let out every required row and every row whose condition holds; exit 0."""
        report = audited(example(name), NEWEST)
        holding = [
            (endpoint.id, verdict)
            for endpoint, verdict in judged(report).values()
            if endpoint.applies is True or endpoint.level == "required"
        ]
        assert [row for row, verdict in holding if not is_allowed(verdict)] == []
        required = {endpoint.id for endpoint, _ in judged(report).values() if endpoint.level == "required"}
        assert len(required) == REQUIRED[name]
        assert exit_code(report, Tolerance()) is ExitCode.CLEAN

    def test_strict_turns_exactly_the_assumed_ones(self, name: str) -> None:
        """What rests on assumptions is unknown under --strict for just these reasons; the rest stays."""
        assumed = judged(audited(example(name), NEWEST))
        strict = judged(audited(example(name), NEWEST, strict=True))
        assert strict.keys() == assumed.keys()
        for asked, (_, verdict) in assumed.items():
            if verdict.assumptions:
                assert said(strict[asked][1]) == (Outcome.UNKNOWN, (), tuple(sorted(verdict.assumptions)))
            else:
                assert said(strict[asked][1]) == said(verdict)

    @pytest.mark.parametrize("status", ["missing", "denied"])
    def test_reader_sees_as_much(self, name: str, status: str) -> None:
        """Without the answers of POST calls, which Reader may not make, nothing more is unknown."""
        full = judged(audited(example(name), NEWEST))
        report = audited(as_reader(example(name), status), NEWEST)
        assert report.coverage.complete
        assert exit_code(report, Tolerance()) is ExitCode.CLEAN
        assert judged(report).keys() == full.keys()
        for asked, (_, verdict) in judged(report).items():
            before_, after = full[asked][1], verdict
            assert (after.outcome, after.reasons) == (before_.outcome, before_.reasons)
            assert set(after.assumptions) <= {*before_.assumptions, "admin-rules-not-read"}
            assert is_allowed(after) == ("admin-rules-not-read" in after.assumptions)

    def test_reader_strict(self, name: str) -> None:
        """Under --strict, missing admin rules leave every row open that was allowed, and say so."""
        full = judged(audited(example(name), NEWEST))
        for asked, (_, verdict) in judged(
            audited(as_reader(example(name), "missing"), NEWEST, strict=True)
        ).items():
            if is_allowed(full[asked][1]):
                assert verdict.outcome is Outcome.UNKNOWN
                assert "admin-rules-not-read" in verdict.reasons


ADMIN_RULES: Final = "listnetworkmanagereffectivesecurityadminrules"


def as_reader(snapshot: Snapshot, status: str) -> Snapshot:
    """The estate as Reader sees it: the reads of admin rules were denied, or never tried."""
    documents = {key: one for key, one in snapshot.documents.items() if not key.endswith(ADMIN_RULES)}
    assert len(documents) < len(snapshot.documents)
    reads = tuple(
        replace(read, status="denied", error="AuthorizationFailed")
        if read.kind.lower().endswith(ADMIN_RULES)
        else read
        for read in snapshot.reads
        if status == "denied" or not read.kind.lower().endswith(ADMIN_RULES)
    )
    return replace(snapshot, documents=documents, reads=reads)
