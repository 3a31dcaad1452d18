from __future__ import annotations

from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.policy.service_tag_map import load_service_tag_map, read_service_tag_map

_REGISTRY = ("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty")


@pytest.mark.parametrize(
    ("name", "tags", "grade"),
    [
        ("mcr.microsoft.com", _REGISTRY, "service"),
        ("MCR.Microsoft.com.", _REGISTRY, "service"),
        ("*.data.mcr.microsoft.com", _REGISTRY, "service"),
        ("westeurope.data.mcr.microsoft.com", _REGISTRY, "service"),
        ("*.hcp.<location>.azmk8s.io", ("AzureCloud.<location>",), "description"),
        ("*.hcp.westeurope.azmk8s.io", ("AzureCloud.<location>",), "description"),
        ("pay-1a2b.hcp.westeurope.azmk8s.io", ("AzureCloud.<location>",), "description"),
        ("<location>.dp.kubernetesconfiguration.azure.com", ("AzureArcInfrastructure",), "description"),
        ("arcmktplaceprod.eastus.data.azurecr.io", ("AzureContainerRegistry",), "description"),
        ("management.azure.com", ("AzureResourceManager",), "service"),
        ("<location>.handler.control.monitor.azure.com", ("AzureMonitor",), "service"),
        ("*.ingest.monitor.azure.com", (), "service"),
        ("*.metrics.ingest.monitor.azure.com", (), "service"),
        ("umsa1.blob.core.windows.net", ("Storage",), "description"),
    ],
)
def test_a_host_has_the_tags_of_the_most_specific_pattern(
    name: str, tags: tuple[str, ...], grade: str
) -> None:
    """Names, patterns and rows with or without their region find the same entry."""
    entry = load_service_tag_map().lookup(name)
    assert entry is not None
    assert (entry.service_tags, entry.grade) == (tags, grade)


@pytest.mark.parametrize(
    "name",
    [
        "packages.microsoft.com",
        "acs-mirror.azureedge.net",
        "*.azmk8s.io",
        "*.opinsights.azure.com",
        "data.mcr.microsoft.com",
        "xmcr.microsoft.com",
        "a.b.hcp.evil.example",
        "x.hcp.two.labels.azmk8s.io",
        "myregistry.azurecr.io",
    ],
)
def test_a_host_without_documented_tag_has_no_entry(name: str) -> None:
    """Nothing is guessed, and a pattern wider than the map's is not covered by it."""
    assert load_service_tag_map().lookup(name) is None


def test_a_public_host_is_not_in_a_sovereign_tag() -> None:
    """The tag of a sovereign network holds that cloud's addresses only."""
    tags = load_service_tag_map()
    public = tags.lookup("dc.services.visualstudio.com")
    china = tags.lookup("dc.services.visualstudio.com", cloud="china")
    assert public is not None
    assert public.service_tags == ("AzureMonitor",)
    assert china is not None
    assert china.service_tags == ()


def test_an_entry_takes_a_host_out_of_a_wider_pattern(tmp_path: Path) -> None:
    """A plain name beats a pattern, a longer pattern a shorter one, whatever their order."""
    path = tmp_path / "map.yaml"
    path.write_text(
        "title: t\nnotes: []\nentries:\n"
        "  - {names: ['*.x.example'], serviceTags: [Wide], grade: named, source: s}\n"
        "  - {names: ['*.y.x.example'], serviceTags: [], grade: named, source: s}\n"
        "  - {names: [z.y.x.example], serviceTags: [Own], grade: named, source: s}\n"
    )
    tags = read_service_tag_map(path)
    found = [tags.lookup(name) for name in ("a.x.example", "a.y.x.example", "z.y.x.example", "*.y.x.example")]
    assert [entry and entry.service_tags for entry in found] == [("Wide",), (), ("Own",), ()]


def test_a_host_stands_once(tmp_path: Path) -> None:
    """Two entries for one host and cloud would leave the answer to their order."""
    path = tmp_path / "map.yaml"
    path.write_text(
        "title: t\nnotes: []\nentries:\n"
        "  - {names: [a.example], serviceTags: [], grade: named, source: s}\n"
        "  - {names: [b.example, A.example], clouds: [china], serviceTags: [], grade: named, source: s}\n"
    )
    with pytest.raises(InputError, match=r':5:25: the name "a.example" stands in an entry before$'):
        read_service_tag_map(path)
