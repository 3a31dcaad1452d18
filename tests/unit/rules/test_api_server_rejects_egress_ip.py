from __future__ import annotations

from auditor.model.cluster import ApiServer
from auditor.model.finding import Problem, Status
from auditor.rules.api_server_rejects_egress_ip import ApiServerRejectsEgressIp
from tests.unit.rules.world import CLUSTER, FIREWALL, FROM_APPS, FROM_SYS, SUBSCRIPTION, audited, cluster

GUARDED = cluster(
    api_server=ApiServer(
        private=False,
        vnet_integration=False,
        subnet=None,
        authorized_ranges=("198.51.100.0/24",),
        private_dns_zone=None,
    )
)


def problem(*lacking: str, subject: str = FIREWALL.key, reasons: tuple[str, ...] = ()) -> Problem:
    return Problem(
        kind="api-server-rejects-egress-ip",
        resource=CLUSTER,
        subject=subject,
        message="refused",
        asked_from=(FROM_SYS, FROM_APPS),
        reasons=reasons,
        lacking=lacking,
    )


def test_one_command_adds_what_every_way_out_lacks() -> None:
    """The command replaces the whole list, so each finding's command holds the old ranges and all missing ones."""
    world = audited(cluster=GUARDED, problems=(problem("20.50.7.8"), problem("20.60.0.0/31", subject="nat")))
    first, second = ApiServerRejectsEgressIp().check(world)
    assert (
        first.commands
        == second.commands
        == (
            (
                f"az aks update --subscription {SUBSCRIPTION} --resource-group rg-aks --name aks-payments "
                "--api-server-authorized-ip-ranges 198.51.100.0/24,20.50.7.8,20.60.0.0/31"
            ),
        )
    )
    assert first.status is Status.FAIL
    assert first.fingerprint != second.fingerprint


def test_an_address_that_nobody_knows_is_unknown() -> None:
    """Not a failure, and no command that would write half a list; the words say what is missing."""
    world = audited(cluster=GUARDED, problems=(problem(reasons=("unreadable-resource",)),))
    (found,) = ApiServerRejectsEgressIp().check(world)
    assert (found.status, found.reasons, found.commands) == (Status.UNKNOWN, ("unreadable-resource",), ())
    assert "a resource on the path was not read" in found.remediation


def test_a_cluster_whose_calls_are_let_in_passes() -> None:
    """Silence is said."""
    (found,) = ApiServerRejectsEgressIp().check(audited(cluster=GUARDED))
    assert found.status is Status.PASS
