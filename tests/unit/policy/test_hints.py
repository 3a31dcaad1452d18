"""Hints: which tags a name is looked for in, and what the AzureKubernetesService tag is taken to hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from auditor.model.need import Need
from auditor.model.question import Question, parse_question, question
from auditor.model.reading import Appliance, NameHint
from auditor.netset import AddressSet
from auditor.policy.baseline import load_edition
from auditor.policy.facts import build_facts
from auditor.policy.hints import build_hints, fill_location, name_hint, tag_members
from auditor.policy.needs import needs_of
from auditor.policy.settings import DEFAULT_SETTINGS

NEWEST = "aks-2026-06-18"
FQDN = "shop-a1b2c3.hcp.westeurope.azmk8s.io"

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("text", "location", "expected"),
    [
        ("mcr.microsoft.com", "", "mcr.microsoft.com"),
        ("*.hcp.<location>.azmk8s.io", "westeurope", "*.hcp.westeurope.azmk8s.io"),
        ("AzureCloud.<location>", "westeurope", "AzureCloud.westeurope"),
        ("AzureCloud.<location>", "germanywestcentral", "AzureCloud.germanywc"),
        ("*.hcp.<location>.azmk8s.io", "germanywestcentral", "*.hcp.germanywestcentral.azmk8s.io"),
    ],
)
def test_the_region_is_filled_in(text: str, location: str, expected: str) -> None:
    """Names take the region as it is, AzureCloud's tags as they spell it (NSG-25)."""
    assert fill_location(text, location) == expected


def test_an_unknown_region_is_not_guessed() -> None:
    """Without a region there is no name to make."""
    with pytest.raises(ValueError, match="was not read"):
        fill_location("*.hcp.<location>.azmk8s.io", "")


@pytest.mark.parametrize(
    ("name", "cloud", "expected"),
    [
        (FQDN, "public", NameHint(("AzureCloud.westeurope",), "description")),
        (
            "mcr.microsoft.com",
            "public",
            NameHint(("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"), "service"),
        ),
        (
            "weu.data.mcr.microsoft.com",
            "public",
            NameHint(("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"), "service"),
        ),
        ("management.azure.com", "public", NameHint(("AzureResourceManager",), "service")),
        ("dc.services.visualstudio.com", "public", NameHint(("AzureMonitor",), "service")),
        ("dc.services.visualstudio.com", "usgov", NameHint()),
        ("*.ingest.monitor.azure.com", "public", NameHint()),
        ("packages.microsoft.com", "public", NameHint()),
    ],
)
def test_the_map_gives_tags(make_cluster: Make, name: str, cloud: str, expected: NameHint) -> None:
    """A name has the tags of its entry; an entry that says there is none is like no entry."""
    assert name_hint(name, make_cluster(), cloud=cloud) == expected


def test_an_own_name_of_unusual_form_is_an_api_server(make_cluster: Make) -> None:
    """Whatever the cluster is called, its own name has the region's tag."""
    cluster = make_cluster(fqdn="Shop.example.net")
    expected = NameHint(("AzureCloud.westeurope",), "description")
    assert name_hint("shop.example.net", cluster, cloud="public") == expected
    asked = question("shop.example.net", "https", ((443, 443),), own_api_server=True)
    hints = build_hints([asked], cluster, cloud="public", pins={}, appliances=())
    assert hints.names == {"shop.example.net": expected}


def test_hints_for_needs_and_questions(make_cluster: Make, make_estate: Make, make_network: Make) -> None:
    """Every name that is asked for has a hint, whether a row asks or the user."""
    cluster = make_cluster()
    estate = make_estate(make_network(("10.0.0.4",)))
    facts = build_facts(cluster, estate, DEFAULT_SETTINGS)
    needs = needs_of(cluster, estate, load_edition(NEWEST), facts, DEFAULT_SETTINGS)
    pins = {"packages.microsoft.com": AddressSet.of("192.0.2.7")}
    appliance = Appliance(address="10.9.0.4", name="fw", rules=(), default_allow=False, place="fw.yaml")
    asked: list[Need | Question] = [
        *needs,
        parse_question("Example.org:443/https"),
        parse_question("192.0.2.1:443/tcp"),
    ]
    hints = build_hints(asked, cluster, cloud="public", pins=pins, appliances=(appliance,))
    names = {str(one.name) for need in needs for one in need.alternatives if one.name is not None}
    assert set(hints.names) == names | {"example.org"}
    assert hints.names["mcr.microsoft.com"].grade == "service"
    assert hints.pins == pins
    assert hints.appliances == {"10.9.0.4": appliance}


def test_members_of_the_fqdn_tag() -> None:
    """Required and recommended names are definite as published, add-on names doubtful, ports without name neither."""
    members = tag_members(load_edition(NEWEST), "public", "westeurope")
    assert members.definite == (
        "*.hcp.westeurope.azmk8s.io",
        "mcr.microsoft.com",
        "*.data.mcr.microsoft.com",
        "mcr-0001.mcr-msedge.net",
        "management.azure.com",
        "login.microsoftonline.com",
        "packages.microsoft.com",
        "acs-mirror.azureedge.net",
        "packages.aks.azure.com",
        "security.ubuntu.com",
        "azure.archive.ubuntu.com",
        "changelogs.ubuntu.com",
        "snapshot.ubuntu.com",
    )
    assert {"nvidia.github.io", "vault.azure.net", "*.vault.azure.net", "*.ods.opinsights.azure.com"} <= set(
        members.doubtful
    )
    assert "westeurope.handler.control.monitor.azure.com" in members.doubtful
    assert not {"ntp.ubuntu.com", "AzureMonitor", "azuremonitor", "*"} & {
        *members.definite,
        *members.doubtful,
    }


@pytest.mark.parametrize(
    ("cloud", "location", "definite", "absent"),
    [
        (
            "usgov",
            "usgovvirginia",
            "*.hcp.usgovvirginia.cx.aks.containerservice.azure.us",
            "management.azure.com",
        ),
        ("china", "chinanorth3", "*.tun.chinanorth3.cx.prod.service.azk8s.cn", "management.azure.com"),
    ],
)
def test_members_in_other_clouds(cloud: str, location: str, definite: str, absent: str) -> None:
    """Each cloud has its own members."""
    members = tag_members(load_edition(NEWEST), cloud, location)
    assert definite in members.definite
    assert absent not in {*members.definite, *members.doubtful}


def test_no_member_is_both() -> None:
    """What a core row lists is no add-on name, although an add-on lists it again."""
    for cloud in ("public", "usgov", "china"):
        members = tag_members(load_edition(NEWEST), cloud, "somewhere")
        assert not set(members.definite) & set(members.doubtful)
        assert len(set(members.doubtful)) == len(members.doubtful)


def test_members_without_a_region() -> None:
    """If the region was not read, the names that hold it are doubtful, and wider; nothing fails."""
    members = tag_members(load_edition(NEWEST), "public", "")
    assert "mcr.microsoft.com" in members.definite
    assert "*.azmk8s.io" in members.doubtful
    assert "<" not in "".join((*members.definite, *members.doubtful))
