from __future__ import annotations

from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from auditor import resources
from auditor.errors import InputError
from auditor.netset import NamePattern
from auditor.policy.service_tag_map import load_service_tag_map
from auditor.policy.shared_destinations import load_shared_destinations, read_shared_destinations

SHARED = load_shared_destinations()
FILE = resources.policies() / "shared-destinations.yaml"


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("AzureCloud", "cloud"),
        ("azurecloud.WestEurope", "cloud"),
        ("Internet", "everywhere"),
        ("*", "everywhere"),
        ("0.0.0.0/0", "everywhere"),
        ("Storage", "service"),
        ("STORAGE.westeurope", "service"),
        ("AzureFrontDoor.Frontend", "service"),
    ],
)
def test_tags_are_known_with_and_without_a_region(text: str, reach: str) -> None:
    """A region narrows the addresses, not the tenants."""
    found = SHARED.of_address(text)
    assert found is not None
    assert found.reach == reach


@pytest.mark.parametrize(
    "text",
    [
        "MicrosoftContainerRegistry",
        "MicrosoftContainerRegistry.WestEurope",
        "AzureFrontDoor.FirstParty",
        "AzureActiveDirectory",
        "AzureResourceManager",
        "ApiManagement",
        "VirtualNetwork",
        "20.0.0.0/8",
    ],
)
def test_what_microsoft_alone_serves_is_not_shared(text: str) -> None:
    """Nor is a control plane, nor a prefix, which is judged by what leaves to it."""
    assert SHARED.of_address(text) is None


@pytest.mark.parametrize(
    ("pattern", "labels"),
    [
        ("*.blob.core.windows.net", "*.blob.core.windows.net"),
        ("*blob.core.windows.net", "*.blob.core.windows.net"),
        ("*prod.blob.core.windows.net", "*prod.blob.core.windows.net"),
        ("*.z6.web.core.windows.net", "*.z6.web.core.windows.net"),
        ("*.westeurope.cloudapp.azure.com", "*.westeurope.cloudapp.azure.com"),
        ("*.s3.eu-west-1.amazonaws.com", "*.s3.eu-west-1.amazonaws.com"),
        ("*", "*"),
    ],
)
def test_patterns_that_hold_every_tenant(pattern: str, labels: str) -> None:
    """As long as the star stands where a tenant's own label does; anybody may register a name that ends in `prod`."""
    found = SHARED.of_name(NamePattern.parse(pattern))
    assert found is not None
    assert str(found.names) == labels
    assert found.whole is (pattern == "*")


def test_a_wide_pattern_holds_only_the_shared_part_of_its_names() -> None:
    """Below windows.net there are names of Microsoft's own, too."""
    found = SHARED.of_name(NamePattern.parse("*.windows.net"))
    assert found is not None
    assert "a.blob.core.windows.net" in found.names
    assert "login.windows.net" not in found.names
    assert found.holds.endswith(", and more")


@pytest.mark.parametrize(
    "pattern",
    [
        "account.blob.core.windows.net",
        "*.account.blob.core.windows.net",
        "*.name.westeurope.cloudapp.azure.com",
        "*.data.mcr.microsoft.com",
        "*.hcp.westeurope.azmk8s.io",
        "*.example.com",
    ],
)
def test_names_of_ones_own_are_not_shared(pattern: str) -> None:
    """A name, a wildcard below it, and domains that one operator fills."""
    assert SHARED.of_name(NamePattern.parse(pattern)) is None


def test_every_suffix_is_a_pattern_and_says_where_it_is_from() -> None:
    """Each entry has words and a source, each suffix can be compared with the names of rules."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    for entry in (*document["tags"], *document["suffixes"]):
        assert entry["holds"][0].islower()
        assert any(word in entry["source"] for word in ("TAGS", "DNS", "PSL", "https://"))
    for suffix in SHARED.suffixes:
        assert str(NamePattern.parse(f"*.{suffix.suffix}")) == f"*.{suffix.suffix}"


def test_tags_of_the_service_tag_map_are_judged_on_purpose() -> None:
    """A tag that stands for hosts AKS needs is listed here, or is one that Microsoft alone serves."""
    tags = {
        tag.removesuffix(".<location>") for one in load_service_tag_map().entries for tag in one.service_tags
    }
    own = {
        "AzureActiveDirectory",
        "AzureArcInfrastructure",
        "AzureFrontDoor.FirstParty",
        "AzureResourceManager",
        "AzureUpdateDelivery",
        "Marketplace",
        "MicrosoftContainerRegistry",
    }
    assert {tag for tag in tags if SHARED.of_address(tag) is None} <= own


@pytest.mark.parametrize(("part", "told"), [("tags", "the tag"), ("suffixes", "the suffix")])
def test_an_entry_that_stands_twice_is_refused(part: str, told: str, tmp_path: Path) -> None:
    """The second would silently win."""
    document = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    document[part].append(deepcopy(document[part][0]))
    path = tmp_path / "shared.yaml"
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(InputError, match=told):
        read_shared_destinations(path)
