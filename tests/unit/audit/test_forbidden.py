"""What leaves against a policy: the exact set, the rule that lets it out, and what leaves it open."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.audit import check, load_policy, load_snapshot
from auditor.model.finding import Finding, Report, Status
from auditor.netset import AddressSet, ServiceSet, Traffic

BROKEN = Path("examples/broken")


def report(tmp_path: Path, text: str, *, strict: bool = False) -> Report:
    path = tmp_path / "p.yaml"
    path.write_text(text, encoding="utf-8")
    return check(load_snapshot(BROKEN), load_policy(str(path), strict=strict))


def found(made: Report) -> list[Finding]:
    return [one for one in made.findings if one.rule == "forbidden-egress"]


def test_the_exact_set_and_its_rule(tmp_path: Path) -> None:
    """What is forbidden and leaves is told as a set, no address more or less, with the rule and a member of it."""
    made = report(tmp_path, "forbid: [{to: 13.69.0.0/16, services: [tcp/400-500, udp], reason: a\u202eb}]\n")
    (cluster,) = made.clusters
    by_firewall = [part for row in cluster.forbidden for part in row.leaves if part.rule.rule is not None]
    (part,) = by_firewall
    monitor = AddressSet.of("13.69.51.64/26", "13.69.57.8/29")
    assert part.traffic == Traffic.box(monitor, ServiceSet.tcp(443))
    one = next(item for item in found(made) if item.evidence[0].rule == part.rule.rule)
    assert one.status is Status.FAIL
    assert one.message == (
        'forbidden (a\\u202eb): rule "net-aks-required/azure-monitor" of firewall fw-hub-weu (FW-7) lets out tcp/443 '
        "to 13.69.51.64/26, 13.69.57.8/29 (72 addresses), such as 13.69.51.64:443/tcp"
    )
    assert (one.endpoint, one.pools) == ("13.69.0.0/16 by tcp/400-500, udp", ("apps", "sys"))
    assert one.place is not None
    assert (one.place.line, one.place.column) == (1, 10)


@pytest.mark.parametrize(("strict", "status"), [(False, Status.PASS), (True, Status.UNKNOWN)])
def test_few_addresses_that_leave_for_others(tmp_path: Path, strict: bool, status: Status) -> None:
    """A name that nobody names is not open for a service tag's sake; assuming nothing, that is unknown."""
    made = report(tmp_path, "forbid: [{to: 'paste.example:443/https'}]\n", strict=strict)
    (one,) = [item for item in found(made) if item.pools == ("apps", "sys")]
    assert one.status is status
    assert one.assumptions == (("address-unlisted",) if status is Status.PASS else ())


def test_addresses_that_nobody_read(tmp_path: Path) -> None:
    """Where a row excepts a tag that no list holds, what leaves may be all excepted: unknown, never a failure."""
    made = report(tmp_path, "forbid: [{to: 'Storage:443/tcp', except: [ContosoCloud]}]\n")
    assert {one.status for one in found(made)} == {Status.UNKNOWN, Status.PASS}
    assert {one.reasons for one in found(made) if one.status is Status.UNKNOWN} == {("tag-snapshot-missing",)}


def test_rows_by_address_say_what_they_leave_aside(tmp_path: Path) -> None:
    """A pass of a row by address does not sound as if it were known where every name leads."""
    (one,) = [
        item
        for item in found(report(tmp_path, "forbid: [{to: 203.0.112.0/24:9/udp}]\n"))
        if "sys" in item.pools
    ]
    assert one.message == "nothing of it leaves by address, nor by a name that is known to lead there"


def test_one_finding_for_each_row_and_subnet(tmp_path: Path) -> None:
    """Each row has an answer from each subnet, and no two findings share a fingerprint."""
    text = (
        "forbid: [{to: 'a.example:443/https'}, {to: '8.8.8.8:53/udp', clusters: [other]}, {to: '*:22/tcp'}]\n"
    )
    told = found(report(tmp_path, text))
    assert {(one.endpoint, one.subnets[0].name) for one in told} == {
        (to, subnet)
        for to in ("a.example:443/https", "*:22/tcp")
        for subnet in ("snet-aks-nodes", "snet-aks-batch")
    }
    assert len({one.fingerprint for one in told}) == len(told)


def test_ports_are_decided_each_for_itself(tmp_path: Path) -> None:
    """Whether mail leaves on port 25 is not known; on the ports beside it the name surely leaves."""
    made = report(tmp_path, "forbid: [{to: 'paste.example:24-26/tcp'}]\n")
    told = {one.status: one.message for one in found(made) if one.pools == ("batch",)}
    assert "lets out tcp/24, tcp/26 to the addresses of paste.example" in told[Status.FAIL]
    assert "such as paste.example:25/tcp: " in told[Status.UNKNOWN]
