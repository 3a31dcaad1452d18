from __future__ import annotations

import shlex
from dataclasses import replace
from typing import Any

from auditor.model.network import Subnet
from auditor.model.resource_id import ResourceId
from auditor.model.security_group import SecurityGroup, SecurityRule
from auditor.model.verdict import Effect, Hop, Outcome, Piece, Stage
from auditor.rules.hint import Hint
from auditor.rules.remedy_hints import hint_for, wish_for
from tests.unit.rules.world import (
    APPS,
    MCR,
    NSG,
    NSG_DENY,
    SUBSCRIPTION,
    audited,
    estate,
    hop,
    piece,
    security_rule,
)

NET = f"az network nsg rule create --subscription {SUBSCRIPTION} --resource-group rg-net --nsg-name nsg-apps"


def hint(
    to: str = MCR,
    *rules: SecurityRule,
    hops: tuple[Hop, ...] = (NSG_DENY,),
    pieces: tuple[Piece, ...] = (),
    tags: tuple[str, ...] = (),
    **changes: Any,
) -> Hint:
    held = SecurityGroup(id=NSG, flaws=(), rules=rules or (security_rule("deny-internet", 4000),))
    world = audited(estate=estate(security_groups={NSG: held}, **changes))
    return hint_for(wish_for(world, to, APPS, pieces, tags), hops)


def option(line: str, name: str) -> str:
    words = shlex.split(line)
    return words[words.index(f"--{name}") + 1]


def test_name_without_tag_opens_the_port_and_says_so() -> None:
    """A security group knows no names: the widening is stated beside the command."""
    found = hint()
    assert found.commands == (
        (
            f"{NET} --name allow-mcr-microsoft-com --priority 3990 --direction Outbound --access Allow "
            "--protocol Tcp --source-address-prefixes 10.1.1.0/24 --destination-address-prefixes Internet "
            "--destination-port-ranges 443"
        ),
    )
    assert found.words == (
        "allow outbound TCP 443 to Internet in nsg-apps at priority 3990, before deny-internet; this opens the port "
        "to every public address, since no service tag of the name is known: filter behind it by name"
    )


def test_known_tags_take_one_rule_each() -> None:
    """A security rule holds one service tag, so several tags are several rules with priorities of their own."""
    found = hint(MCR, tags=("MicrosoftContainerRegistry", "AzureFrontDoor.FirstParty"))
    assert [
        (option(line, "destination-address-prefixes"), option(line, "priority")) for line in found.commands
    ] == [
        ("MicrosoftContainerRegistry", "3980"),
        ("AzureFrontDoor.FirstParty", "3990"),
    ]
    assert len({option(line, "name") for line in found.commands}) == 2
    (single,) = hint("AzureMonitor:443/tcp").commands
    assert option(single, "destination-address-prefixes") == "AzureMonitor"


def test_addresses_are_written_as_they_are() -> None:
    """An address, or a name pinned to a few addresses, widens nothing."""
    (address,) = hint("20.0.0.0/24:1194/udp").commands
    assert (option(address, "destination-address-prefixes"), option(address, "protocol")) == (
        "20.0.0.0/24",
        "Udp",
    )
    pinned = piece(Outcome.BLOCKED, destinations=("20.0.0.1", "20.0.0.2-20.0.0.3"), addresses=3)
    (line,) = hint(MCR, pieces=(pinned,)).commands
    assert "--destination-address-prefixes 20.0.0.1/32 20.0.0.2/31 " in line


def test_a_piece_that_lists_a_part_only_is_not_written() -> None:
    """A piece shows its first destinations; half of them would be half a remedy."""
    cut = piece(Outcome.BLOCKED, destinations=("20.0.0.1",), addresses=300)
    (line,) = hint(MCR, pieces=(cut,)).commands
    assert option(line, "destination-address-prefixes") == "Internet"


def test_a_narrow_deny_bounds_the_allow() -> None:
    """What a rule denies lies within what it names, so no more than that needs to be opened."""
    deny = replace(security_rule("deny-internet", 300), destinations=("AzureResourceManager", "20.0.0.0/24"))
    found = hint("management.azure.com:443/https", deny, hops=(replace(NSG_DENY, priority=300),))
    assert [option(line, "destination-address-prefixes") for line in found.commands] == [
        "AzureResourceManager",
        "20.0.0.0/24",
    ]
    assert "all that the deny names" in found.words


def test_several_denies_of_one_group_take_one_allow() -> None:
    """The allow stands before the first of them."""
    first = replace(NSG_DENY, rule="deny-tag", priority=210)
    found = hint(
        MCR, security_rule("deny-internet", 4000), security_rule("deny-tag", 210), hops=(NSG_DENY, first)
    )
    (line,) = found.commands
    assert option(line, "priority") == "200"
    assert "before deny-internet and deny-tag" in found.words


def test_taken_priorities_are_skipped() -> None:
    """A priority in use would be refused by Azure; without a free one there is no command."""
    (line,) = hint(MCR, security_rule("deny-internet", 4000), security_rule("x", 3990, "allow")).commands
    assert option(line, "priority") == "3980"
    full = hint(MCR, security_rule("deny-internet", 100), hops=(replace(NSG_DENY, priority=100),))
    assert full.commands == ()
    assert "renumber first" in full.words


def test_default_deny_takes_any_custom_priority() -> None:
    """A default rule has priority 65500, custom rules end at 4096 (NSG-4, NSG-8)."""
    default = security_rule("DenyAllOutBound", 65500, default=True)
    for denied in (
        replace(NSG_DENY, rule="DenyAllOutBound", priority=65500),
        replace(NSG_DENY, rule=None, priority=None),
    ):
        (line,) = hint(MCR, default, hops=(denied,)).commands
        assert option(line, "priority") == "4090"


def test_group_at_the_end_of_the_path_is_opened_inbound() -> None:
    """The receiver's own group filters what comes in (NSG-9)."""
    at_end = hop(Stage.EXIT, Effect.DENY, resource=str(NSG), rule="deny-in", priority=200, clause="NSG-4")
    deny = replace(security_rule("deny-in", 200), direction="inbound")
    (line,) = hint("10.1.0.9:443/tcp", deny, security_rule("out", 190), hops=(at_end,)).commands
    assert (option(line, "direction"), option(line, "priority")) == ("Inbound", "190")


def test_group_of_the_node_resource_group_is_aks_own() -> None:
    """AKS may undo what is changed there."""
    managed = ResourceId(
        f"/subscriptions/{SUBSCRIPTION}/resourceGroups/MC_rg-aks_aks-payments_westeurope"
        "/providers/Microsoft.Network/networkSecurityGroups/aks-agentpool-nsg"
    )
    denied = replace(NSG_DENY, stage=Stage.NIC_NSG, resource=str(managed))
    held = SecurityGroup(id=managed, flaws=(), rules=(security_rule("deny-internet", 4000),))
    world = audited(estate=estate(security_groups={managed: held}))
    assert "where AKS may undo changes" in hint_for(wish_for(world, MCR, APPS, ()), [denied]).words


def test_words_only_without_the_group_or_for_admin_rules() -> None:
    """A group that was not read, and rules that belong to somebody else, get no command."""
    unread = hint_for(wish_for(audited(estate=estate(security_groups={})), MCR, APPS, ()), [NSG_DENY])
    assert (unread.commands, unread.words) == ((), f"allow {MCR} in network security group nsg-apps")
    admin = hint(hops=(hop(Stage.ADMIN, Effect.DENY, rule="no-internet", priority=10),))
    assert admin.commands == ()
    assert "Virtual Network Manager" in admin.words


def test_source_is_any_where_the_subnet_was_not_read() -> None:
    """Without the subnet's prefixes the rule is for every source, as the command shows."""
    (line,) = hint(networks={}).commands
    assert option(line, "source-address-prefixes") == "*"
    assert isinstance(estate().subnet(APPS), Subnet)
