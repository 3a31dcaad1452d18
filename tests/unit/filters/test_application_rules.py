"""What leaves an application rule open, and the names that rules tell apart (FW-22..FW-34)."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.filters.application_rules import (
    ApplicationIndex,
    application_match,
    could_be_infrastructure,
    name_cuts,
)
from auditor.filters.firewall_rules import PlacedCollection, ResolvedFirewall, RuleTerms
from auditor.filters.parts import Flow
from auditor.model.firewall import ApplicationRule, NetworkRule, RuleCollection
from auditor.model.reading import TagMembers
from auditor.model.resource_id import ResourceId
from auditor.model.service_tags import NO_TAGS
from auditor.model.verdict import Effect
from auditor.netset import AddressSet, NamePattern, NameSet, ServiceSet, Traffic
from tests.unit.plain_records import plain_firewall

BASE = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network"
NODES = AddressSet.of("10.0.0.0/24")
MEMBERS = TagMembers(("core.example.com", "*.core.example.com"), ("addon.example.com",))
Open = tuple[frozenset[str], bool | None]
NOT = None
SURE = (frozenset[str](), None)


def rule(*fqdns: str, **fields: Any) -> ApplicationRule:
    values: dict[str, Any] = {
        "name": "r",
        "sources": ("*",),
        "source_groups": (),
        "protocols": (("https", 443),),
        "urls": (),
        "fqdn_tags": (),
        "web_categories": (),
        "destinations": (),
        "terminate_tls": False,
        "preview_selector": False,
    }
    return ApplicationRule(fqdns=fqdns, **{**values, **fields})


def collection(*rules: ApplicationRule | NetworkRule, action: str = "allow") -> PlacedCollection:
    return PlacedCollection(
        owner=ResourceId(f"{BASE}/firewallPolicies/p/ruleCollectionGroups/g"),
        policy=None,
        collection=RuleCollection(name="c", priority=100, action=action, rules=rules),
        order=(0, 100, 100),
    )


def state(
    one: ApplicationRule,
    *,
    name: str | None = "core.example.com",
    application: str | None = "https",
    tier: str = "premium",
    action: str = "allow",
    source: AddressSet = NODES,
    own_api_server: bool = False,
) -> Open | tuple[str, ...] | None:
    """How the rule stands to a flow: not at all, surely, or open with codes and what is assumed; or its own codes."""
    firewall = plain_firewall(tier=tier)
    pattern = NamePattern.parse(name) if name else None
    flow = Flow(
        source=source,
        traffic=Traffic.box(AddressSet.of("8.8.8.8"), ServiceSet.tcp(443)),
        name=NameSet.of(pattern) if pattern else None,
        pattern=pattern,
        application=application,
        own_api_server=own_api_server,
    )
    resolved = ResolvedFirewall(firewall=firewall, tier=tier)
    found = application_match(
        collection(one, action=action), one, flow, resolved, RuleTerms({}, NO_TAGS), MEMBERS
    )
    if found is None:
        return NOT
    if found.hop.outcome is Effect.UNKNOWN:
        return found.hop.codes
    if not found.doubts:
        assert found.sure
        return SURE
    (doubt,) = found.doubts
    assert not found.sure
    return doubt.codes, doubt.assumed


def opened(*codes: str, assumed: bool | None = None) -> Open:
    return frozenset(codes), assumed


TAG = ("AzureKubernetesService",)


@pytest.mark.parametrize(
    ("one", "found"),
    [
        (rule("core.example.com"), SURE),
        (rule("other.example.com"), NOT),
        (rule("other.example.com", "*.example.com"), SURE),
        (rule("a.*.com"), opened("uncertain:FW-26")),
        (rule("a.*.com", "core.example.com"), SURE),
        (rule(fqdn_tags=TAG), opened("fqdn-tag-opaque", assumed=True)),
        (rule(fqdn_tags=("WindowsUpdate",)), opened("fqdn-tag-opaque")),
        (rule(fqdn_tags=("WindowsUpdate", *TAG)), opened("fqdn-tag-opaque", assumed=True)),
        (rule(urls=("core.example.com/a",)), opened("uncertain:FW-27")),
        (rule(urls=("other.example.com/a",)), NOT),
        (rule(urls=("a.*.com/a",)), opened("uncertain:FW-27")),
        (rule(web_categories=("gambling",)), opened("web-category-opaque")),
        (
            rule(web_categories=("gambling",), urls=("core.example.com/a",)),
            opened("web-category-opaque", "uncertain:FW-27"),
        ),
        (rule("core.example.com", destinations=("*",)), opened("uncertain:FW-34")),
        (rule("core.example.com", destinations=("*", "8.8.8.8")), opened("uncertain:FW-34")),
        (rule("core.example.com", destinations=("8.8.8.8",)), opened("uncertain:FW-34")),
        (rule("core.example.com", preview_selector=True), opened("preview-selector")),
        (rule(fqdn_tags=TAG, preview_selector=True), opened("fqdn-tag-opaque", "preview-selector")),
        (rule("core.example.com", terminate_tls=True), SURE),
        (rule("core.example.com", protocols=(("https", 8443),)), SURE),
        (rule("core.example.com", protocols=(("http", 443),)), NOT),
        (rule("core.example.com", sources=("10.9.0.0/16",)), NOT),
        (rule("core.example.com", sources=("10.0.0.0/25",)), opened("uncertain:FW-25")),
    ],
)
def test_what_a_rule_says_of_a_name(one: ApplicationRule, found: Open | None) -> None:
    """One sure way to match is enough; of doubtful ways the one that is assumed to match counts first."""
    assert state(one) == found


def test_features_need_their_tier() -> None:
    """FW-4: URLs and TLS inspection are Premium's, web categories Standard's; elsewhere nobody says what happens."""
    tls = rule("core.example.com", terminate_tls=True)
    assert [state(tls, tier=tier) for tier in ("premium", "standard", "basic")] == [
        SURE,
        opened("fw-feature-tier"),
        opened("fw-feature-tier"),
    ]
    web = rule(web_categories=("gambling",))
    assert [state(web, tier=tier) for tier in ("premium", "standard", "basic")] == [
        opened("web-category-opaque"),
        opened("web-category-opaque"),
        opened("web-category-opaque", "fw-feature-tier"),
    ]
    url = rule(urls=("core.example.com/*",), protocols=(("http", 80), ("https", 443)))
    assert state(url, application="http") == opened()
    page = rule(urls=("core.example.com",), protocols=(("http", 80),))
    assert state(page, application="http") == opened("uncertain:FW-27")
    assert state(url, application="https") == opened("uncertain:FW-27")
    assert state(url, application="http", tier="standard") == opened("fw-feature-tier")


def test_an_address_gives_no_name() -> None:
    """FW-22: only a bare star may match what asks for http by address; a tag never does."""
    http = (("http", 80), ("https", 443))
    assert state(rule("*", protocols=http), name=None, application="http") == opened("uncertain:FW-22")
    assert state(rule("*", protocols=http), name=None) is NOT
    assert state(rule("*.com", protocols=http), name=None, application="http") is NOT
    assert state(rule(fqdn_tags=TAG, protocols=http), name=None, application="http") is NOT
    assert state(rule("*"), application=None) is NOT


@pytest.mark.parametrize(
    ("one", "code"),
    [
        (rule(web_categories=("gambling",), protocols=()), "web-category-opaque"),
        (rule(preview_selector=True, protocols=()), "preview-selector"),
        (rule("a.*.com", protocols=()), "uncertain:FW-26"),
        (rule(urls=("a.*.com/x",), protocols=()), "uncertain:FW-27"),
    ],
)
def test_without_a_name_only_plain_http_may_match(one: ApplicationRule, code: str) -> None:
    """FW-22: TLS to an address sends no SNI, which whatever targets a rule has it needs; a Host header may be there."""
    assert [state(one, name=None, application=application) for application in ("https", "mssql", None)] == [
        NOT,
        NOT,
        NOT,
    ]
    assert state(one, name=None, application="http") == opened(code, "enum-unknown")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("core.example.com", opened("fqdn-tag-opaque", assumed=True)),
        ("*.core.example.com", opened("fqdn-tag-opaque", assumed=True)),
        ("addon.example.com", opened("fqdn-tag-opaque")),
        ("*.example.com", opened("fqdn-tag-opaque")),
        ("example.org", opened("fqdn-tag-opaque", assumed=False)),
    ],
)
def test_the_aks_tag(name: str, found: Open) -> None:
    """FW-28: names of the edition are in by assumption, add-on names open, all others out by assumption."""
    assert state(rule(fqdn_tags=TAG), name=name) == found


def test_inspection_breaks_the_tunnel() -> None:
    """FW-33: an allow that opens the TLS of an API server lets nothing through that is known; a deny still denies."""
    inspecting = rule("*", terminate_tls=True)
    api = "c-1.hcp.westeurope.azmk8s.io"
    assert state(inspecting, name=api) == ("tls-inspection",)
    assert state(inspecting, own_api_server=True) == ("tls-inspection",)
    assert state(inspecting) == SURE
    assert state(rule("*"), name=api) == SURE
    assert state(inspecting, name=api, action="deny") == SURE
    assert state(rule("*"), action="perhaps") == ("enum-unknown",)


def test_cuts_are_the_patterns_that_rules_name() -> None:
    """Names, hosts of URLs, and the members of the AKS tag beside any other tag; what is no pattern cuts nothing."""

    def cuts(one: ApplicationRule) -> set[str]:
        return {str(pattern) for pattern in name_cuts(one, MEMBERS)}

    assert cuts(rule("a.example.com", "a.*.com", urls=("*.example.org/path/x", "b.example.org"))) == {
        "a.example.com",
        "*.example.org",
        "b.example.org",
    }
    members = {"core.example.com", "*.core.example.com", "addon.example.com"}
    assert cuts(rule(fqdn_tags=("WindowsUpdate", "azurekubernetesSERVICE"))) == members
    assert cuts(rule(fqdn_tags=("WindowsUpdate",))) == set()
    assert cuts(rule()) == set()


def test_candidates_are_all_rules_that_may_match() -> None:
    """A name meets the rules that name a pattern around it, and those that say more than names, in their order."""
    rules = [
        rule("example.org", name="0"),
        rule("*.com", name="1"),
        rule(web_categories=("gambling",), name="2"),
        rule("a.example.com", "b.example.com", name="3"),
        rule("a.*.com", name="4"),
        rule("*", name="5"),
        rule(urls=("a.example.com",), name="6"),
        rule(fqdn_tags=TAG, name="7"),
    ]
    index = ApplicationIndex((collection(*rules[:3]), collection(*rules[3:])))

    def met(name: str | None) -> str:
        found = index.candidates(NameSet.of(name) if name else None)
        return "".join(item.rule.name for item in found)

    assert met("a.example.com") == met("b.example.com") == "1234567"
    assert met("c.example.com") == "124567"
    assert met("example.org") == "024567"
    assert met("example.net") == "24567"
    assert met(None) == "01234567"


@pytest.mark.parametrize(
    ("name", "could"),
    [
        ("x.blob.core.windows.net", True),
        ("*.windows.net", True),
        ("login.microsoftonline.com", True),
        ("contoso.com", False),
        ("blob.core.windows.net", False),
    ],
)
def test_names_that_the_built_in_collection_may_serve(name: str, could: bool) -> None:
    """FW-16: a pattern counts as soon as one of its names does."""
    assert could_be_infrastructure(NameSet.of(name)) is could
