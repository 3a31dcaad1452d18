"""The rows of the table of excess."""

from __future__ import annotations

from dataclasses import replace

from auditor.model.egress import Beyond, Forbidden, Undetermined
from auditor.model.finding import Place
from auditor.netset import AddressSet, ServiceSet, Traffic
from auditor.reporters.html.excess_rows import excess_rows
from auditor.reporters.html.store import NOWHERE, Store
from tests.unit.reporters import records
from tests.unit.reporters.html.reports import EXCESS


def test_one_row_for_each_set_of_services() -> None:
    """A rule that lets out two sets of services has two rows that together are the whole."""
    two = Traffic.box(AddressSet.of("20.0.0.0/8"), ServiceSet.tcp(22)) | Traffic.box(
        AddressSet.of("30.0.0.0/24"), ServiceSet.tcp(25)
    )
    rows = excess_rows([records.audited(excess=(replace(EXCESS, traffic=two),))], Store())
    assert [(row[1], row[6], row[7], row[8]) for row in rows] == [
        ("excess", 1 << 24, "tcp/22", "20.0.0.0:22/tcp"),
        ("excess", 256, "tcp/25", "30.0.0.0:25/tcp"),
    ]


def test_kinds() -> None:
    """What is forbidden, beyond, not needed and undetermined are told apart; the last has neither rule nor path."""
    opened = Undetermined(
        cause="fqdn-rule-address",
        asked_from=(records.SYS,),
        sources=EXCESS.sources,
        traffic=EXCESS.traffic,
        names=None,
        application=None,
        witness="20.0.0.0:22/tcp",
    )
    row = Forbidden(
        to="20.0.0.0/8",
        reason="",
        place=Place(file="egress-policy.yaml"),
        asked_from=(records.SYS,),
        leaves=(EXCESS,),
        open=(opened,),
    )
    audited = records.audited(
        forbidden=(row,), excess=(EXCESS, replace(EXCESS, kind=Beyond.UNNEEDED)), undetermined=(opened,)
    )
    rows = excess_rows([audited], Store())
    assert [one[1] for one in rows] == ["forbidden", "excess", "unneeded", "undetermined", "undetermined"]
    assert rows[-1][9:] == (NOWHERE, NOWHERE, ["fqdn-rule-address"])


def test_a_long_set_is_cut_and_counted() -> None:
    """Of a set in thousands of parts a thousand are kept, and the number of all."""
    store = Store()
    parts = AddressSet.of(*(f"20.{high}.{low}.0/25" for high in range(8) for low in range(250)))
    made = replace(EXCESS, traffic=Traffic.box(parts, ServiceSet.tcp(22)))
    ((*_, destinations, addresses, _, _, _, _, _),) = excess_rows([records.audited(excess=(made,))], store)
    total, *members = store.document()["lists"][destinations]
    assert (total, len(members), addresses) == (2000, 1000, 2000 * 128)
