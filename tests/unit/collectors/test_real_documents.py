"""Documents exactly as Azure returned them, where they lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from auditor.collectors.folder import read_snapshot
from auditor.model.build import build_estate

_REAL = Path(__file__).parents[3].parent / "shared" / "real"
_FOLDERS = sorted(path.name for path in _REAL.iterdir() if path.is_dir()) if _REAL.is_dir() else ["absent"]

pytestmark = pytest.mark.skipif(not _REAL.is_dir(), reason="real documents beside the checkout are needed")


@pytest.mark.parametrize("name", _FOLDERS)
def test_a_real_folder_loads_without_flaws(name: str) -> None:
    """What Azure wrote is understood: no conflict, no flaw."""
    snapshot = read_snapshot([_REAL / name])
    assert snapshot.documents
    assert not [item.conflicts for item in snapshot.documents.values() if item.conflicts]
    estate = build_estate(snapshot)
    tables = [value for value in vars(estate).values() if isinstance(value, dict)]
    records = [
        *estate.clusters,
        *estate.subnets.values(),
        *(record for table in tables for record in table.values()),
    ]
    assert [record for record in records if getattr(record, "flaws", ())] == []


def test_the_published_service_tags_load() -> None:
    """Over three thousand tags, AzureCloud with its thousands of prefixes among them."""
    (path,) = _REAL.glob("ServiceTags_*.json")
    tags = build_estate(read_snapshot([path])).service_tags
    assert len(tags.members) > 3000
    assert tags.get("azurecloud.EastUS")
    assert tags.names["azurecloud.eastus"] == "AzureCloud.eastus"
    assert tags.change_numbers == ("375",)


def test_rules_routes_and_peerings_read_alone_belong_to_their_parents() -> None:
    """The parents were recorded before the children were made."""
    estates = [
        build_estate(read_snapshot([_REAL / name]))
        for name in ("net-nsg-extended", "aso-routetable", "net-peering")
    ]
    (group,) = estates[0].security_groups.values()
    assert [rule.name for rule in group.rules if not rule.default] == ["rule1"]
    (table,) = estates[1].route_tables.values()
    assert sorted(route.prefix for route in table.routes) == ["Storage", "cab:cab::/96"]
    assert [len(network.peerings) for network in estates[2].networks.values()] == [1, 1]
