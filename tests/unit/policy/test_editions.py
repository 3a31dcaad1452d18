"""The shipped editions: complete, and as the facts that they were made from."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from auditor import resources
from auditor.errors import InputError
from auditor.policy.baseline import Edition, Row, editions, load_edition, newest
from auditor.policy.fact_names import KNOWN_FACTS

_FACTS = Path(__file__).parents[3].parent / "shared" / "baseline-facts"

_facts_beside_the_checkout = pytest.mark.skipif(
    not _FACTS.is_dir(), reason="facts beside the checkout are needed"
)


def _rows(name: str) -> dict[str, Row]:
    return {row.id: row for row in load_edition(name).rows}


def test_editions_are_listed_oldest_first() -> None:
    """The newest edition is the last; an audit uses it by default."""
    assert editions() == ("aks-2019-05-14", "aks-2026-06-18")
    assert newest() == "aks-2026-06-18"


def test_an_unknown_edition_names_the_known_ones() -> None:
    """A misspelt name is answered with the nearest and with all."""
    with pytest.raises(InputError) as caught:
        load_edition("aks-2026-06-81")
    assert str(caught.value) == (
        'no edition is called "aks-2026-06-81" (did you mean "aks-2026-06-18"?); '
        "there are aks-2019-05-14, aks-2026-06-18"
    )


@pytest.mark.parametrize(
    ("name", "clouds", "levels"),
    [
        ("aks-2019-05-14", {"public": 18}, {"required": 8, "recommended": 10}),
        (
            "aks-2026-06-18",
            {"public": 46, "china": 32, "usgov": 33, "any": 14},
            {"required": 32, "recommended": 4, "conditional": 89},
        ),
    ],
)
def test_no_row_is_lost(name: str, clouds: dict[str, int], levels: dict[str, int]) -> None:
    """The number of rows for each cloud and level is that of the page."""
    edition = load_edition(name)
    assert Counter(row.cloud for row in edition.rows) == clouds
    assert Counter(row.level for row in edition.rows) == levels
    assert edition.published == date.fromisoformat(name.removeprefix("aks-"))
    assert len(edition.source.commit) == 40


def test_rows_of_a_cloud_include_those_for_any() -> None:
    """The tables without a cloud count for each."""
    edition = load_edition("aks-2026-06-18")
    assert len(edition.rows_of("public")) == 60
    assert {row.cloud for row in edition.rows_of("china")} == {"china", "any"}


@pytest.mark.parametrize("name", editions())
def test_every_row_can_be_judged_and_explained(name: str) -> None:
    """A row says what breaks in one short clause, and every condition is used."""
    edition = load_edition(name)
    for row in edition.rows:
        assert len(row.breaks) < 140, row.id
        assert row.breaks[0].islower() or row.breaks[0].isupper()
        assert not row.breaks.endswith("."), row.id
        assert (row.narrow == "api-server-fqdn") == (".hcp.<location>." in row.destination), row.id
        assert row.also_tcp == (row.destination_kind == "custom-dns"), row.id
        assert (row.practice is None) == (row.practice_source is None) == (row.practice_note is None)
        for placeholder in (
            "<region>",
            "<Region>",
            "<cluster-region-name>",
            "CustomDNSIP",
            "APIServerPublicIP",
        ):
            assert placeholder not in f"{row.destination} {row.service_tags} {row.alternatives}", row.id
    used = {row.condition for row in edition.rows} | {name for row in edition.rows for name in row.unless}
    assert used == {condition.id for condition in edition.conditions}


def test_dead_and_alias_hosts_are_marked() -> None:
    """The two rows whose practice is known to differ from the page, and no others, say so with a source."""
    marked = {(row.destination, row.practice) for row in load_edition("aks-2026-06-18").rows if row.practice}
    assert marked == {("acs-mirror.azureedge.net", "retired"), ("mcr-0001.mcr-msedge.net", "alias")}


def test_the_preview_is_explained() -> None:
    """The edition of 2019 lists its prerequisites and says why the feature flag no longer matters."""
    edition = load_edition("aks-2019-05-14")
    assert {one.id: one.reads for one in edition.prerequisites} == {
        "feature-flag": "featureLockingDownEgress",
        "resource-provider": "providerRegistered",
        "new-or-upgraded-cluster": None,
        "azure-cli": None,
    }
    assert edition.about is not None
    assert "AKSLockingDownEgressPreview" in edition.about
    assert "moot" in edition.about


def test_exemptions_are_those_of_the_page() -> None:
    """Public rows are exempt where a document says so; the other clouds' are not, for none does."""
    rows = _rows("aks-2026-06-18")
    hcp = rows["pub-core-any-hcp-location-azmk8s-io"]
    assert hcp.unless == ("private-cluster", "api-server-vnet-integration", "network-isolated")
    tunnel = rows["pub-tunnel-without-konnectivity-tunnel-tcp-9000"]
    assert tunnel.unless == (
        "private-cluster",
        "konnectivity",
        "api-server-vnet-integration",
        "network-isolated",
    )
    assert [one.kind for one in tunnel.alternatives] == ["any", "service-tag", "region-cidrs", "api-server"]
    assert not any(row.unless for row in rows.values() if row.cloud in ("usgov", "china"))


def test_no_data_file_names_a_machine_path() -> None:
    """The data hold facts of Azure only."""
    for path in sorted(resources.policies().rglob("*.*")):
        text = path.read_text(encoding="utf-8")
        assert "/work" not in text
        assert "../" not in text


@_facts_beside_the_checkout
@pytest.mark.parametrize("name", ["2019-05-14", "2026-06-18"])
def test_rows_are_those_of_the_facts_beside_the_checkout(name: str) -> None:
    """Same rows, same order, same endpoints, levels and exemptions as the gathered facts."""
    facts = yaml.safe_load((_FACTS / f"{name}.yaml").read_text(encoding="utf-8"))
    edition = load_edition(f"aks-{name}")
    assert [row.id for row in edition.rows] == [fact["id"] for fact in facts["rows"]]
    for row, fact in zip(edition.rows, facts["rows"], strict=True):
        _compare(edition, row, fact)
    assert edition.source.commit == facts["source"]["commit"]
    assert str(edition.source.commit_date) == facts["source"]["commit_date"]


_DESTINATIONS = {"CustomDNSIP": "<custom-dns>", "APIServerPublicIP": "<api-server>"}
_EXEMPTIONS = {
    "konnectivity-agent": "konnectivity",
    "nodes-provisioned-after-2021-03": "nodes-since-2021-03",
    "network-isolated-cluster": "network-isolated",
}


def _compare(edition: Edition, row: Row, fact: dict[str, Any]) -> None:
    destination = (
        fact["destination"].replace("<cluster-region-name>", "<location>").replace("<region>", "<location>")
    )
    assert row.destination == _DESTINATIONS.get(destination, destination)
    assert (row.level, row.cloud, list(row.ports), row.protocol) == (
        fact["level"],
        fact["cloud"],
        fact["ports"],
        fact["protocol"].lower(),
    )
    assert [tag.replace("<location>", "<Region>") for tag in row.service_tags] == fact["service_tags"]
    published = [*fact.get("not_needed_when", []), *fact.get("not_needed_when_other_docs", [])]
    assert [name for name in row.unless if name != "no-ubuntu-nodes"] == [
        _EXEMPTIONS.get(name, name) for name in published
    ]
    if "sub_feature" in fact:
        assert row.condition.startswith("azure-monitor-")
    elif "Marketplace" in fact.get("note", ""):
        assert row.condition == "marketplace-extensions"
    else:
        assert row.condition == fact["condition"].replace(
            "pods-use-api-server-ip", "pods-use-api-server-address"
        )
    if row.destination != "vault.azure.net":
        assert len(row.alternatives) == len(fact.get("alternatives", []))
    assert set(edition.condition(row.condition).reads) <= KNOWN_FACTS
