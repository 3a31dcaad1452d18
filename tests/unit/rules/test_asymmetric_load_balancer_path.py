from __future__ import annotations

from auditor.model.finding import Problem, Status
from auditor.rules.asymmetric_load_balancer_path import AsymmetricLoadBalancerPath
from tests.unit.rules.world import (
    DEFAULT_ROUTE,
    FROM_APPS,
    FROM_SYS,
    SUBSCRIPTION,
    TABLE,
    audited,
    estate,
    rid,
    route,
    table,
)

BALANCER = rid("Microsoft.Network/loadBalancers/kubernetes", "mc")
ROUTE = (
    f"az network route-table route create --subscription {SUBSCRIPTION} --resource-group rg-net "
    "--route-table-name rt-spoke --name %s --address-prefix %s --next-hop-type Internet"
)


def problem(*lacking: str, reasons: tuple[str, ...] = ()) -> Problem:
    return Problem(
        kind="asymmetric-load-balancer-path",
        resource=BALANCER,
        subject="svc",
        message="asymmetric",
        asked_from=(FROM_SYS, FROM_APPS),
        reasons=reasons,
        lacking=lacking,
    )


def test_each_public_address_of_the_firewall_gets_a_route() -> None:
    """Once for a table that two subnets share, under names that are free, and a prefix as it is."""
    taken = table(DEFAULT_ROUTE, route("Firewall-Public-IP", "20.1.1.1/32", "none"))
    world = audited(
        estate=estate(route_tables={TABLE: taken}), problems=(problem("20.50.7.7", "20.50.8.0/31"),)
    )
    (found,) = AsymmetricLoadBalancerPath().check(world)
    assert found.status is Status.FAIL
    assert found.commands == (
        ROUTE % ("firewall-public-ip-2", "20.50.7.7/32"),
        ROUTE % ("firewall-public-ip-3", "20.50.8.0/31"),
    )


def test_where_the_routes_are_there_only_the_translation_is_missing() -> None:
    """Nothing is added that is there already."""
    (found,) = AsymmetricLoadBalancerPath().check(audited(problems=(problem(),)))
    assert found.commands == ()
    assert "DNAT" in found.remediation


def test_what_is_not_known_gets_no_command() -> None:
    """An appliance may keep no state, so nothing may be wrong."""
    (found,) = AsymmetricLoadBalancerPath().check(audited(problems=(problem(reasons=("nva-opaque",)),)))
    assert (found.status, found.commands) == (Status.UNKNOWN, ())
    assert found.remediation.startswith("make sure that replies get back")


def test_passes_without_such_a_balancer() -> None:
    """Silence is said."""
    (found,) = AsymmetricLoadBalancerPath().check(audited())
    assert found.status is Status.PASS
