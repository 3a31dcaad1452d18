"""The policy of an audit: editions, options and files joined into one record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from auditor.errors import InputError
from auditor.model.reading import ASSUMABLE, DEFAULT, STRICT
from auditor.netset import AddressSet
from auditor.policy.baseline import newest
from auditor.policy.policy import load_policy
from auditor.policy.settings import DEFAULT_SETTINGS


def test_the_default_policy() -> None:
    """Nothing given means the newest edition, the default reading and no files."""
    policy = load_policy()
    assert policy.edition == policy.newest
    assert policy.edition.edition == newest()
    assert (policy.settings, policy.reading) == (DEFAULT_SETTINGS, DEFAULT)
    assert (policy.pins, policy.appliances, policy.tag_lists) == ({}, (), ())
    assert policy.source == f"edition {newest()}, MicrosoftDocs/azure-aks-docs@ccbb339ba6 of 2026-07-02"


def test_an_edition_by_name() -> None:
    """An older edition judges; the newest still says what the FQDN tag holds."""
    policy = load_policy("aks-2019-05-14")
    assert (policy.edition.edition, policy.newest.edition) == ("aks-2019-05-14", newest())


@pytest.mark.parametrize(
    "name", ["egress-policy.yaml", "./policy", "C:\\policy", "team/policy.json", "POLICY.YML"]
)
def test_a_path_is_a_policy_file(name: str) -> None:
    """What looks like a path is read as one, and is never mistaken for a misspelt edition."""
    with pytest.raises(InputError, match="cannot be read: no such file") as caught:
        load_policy(name)
    assert caught.value.place == str(Path(name))


def test_an_unknown_edition_is_named_with_a_hint() -> None:
    """A misspelt edition is an error that shows the right one."""
    with pytest.raises(InputError, match=r'did you mean "aks-2019-05-14"'):
        load_policy("aks-2019-05-15")


def test_options_add_to_the_settings() -> None:
    """Strict is strict wherever it is said, and codes not assumed are united."""
    policy = load_policy(
        not_assumed=["idps-deny"], settings={"notAssumed": ["dns-proxy-tcp"], "konnectivity": False}
    )
    assert policy.reading.assumed == set(ASSUMABLE) - {"idps-deny", "dns-proxy-tcp"}
    assert policy.settings.konnectivity is False
    assert load_policy(strict=True).reading == load_policy(settings={"strict": True}).reading == STRICT
    assert load_policy(settings={"strict": True}).settings.strict


def test_an_unknown_code_lists_the_known_ones() -> None:
    """A code that cannot be assumed cannot be switched off either."""
    with pytest.raises(InputError) as caught:
        load_policy(not_assumed=["idps-denied"])
    message = str(caught.value)
    assert message.startswith('"idps-denied" is no assumption (did you mean "idps-deny"?); there are ')
    assert all(code in message for code in ASSUMABLE)


def test_files_are_joined(tmp_path: Path) -> None:
    """Several files of a kind unite, in the order given."""
    pins = [tmp_path / "a.yaml", tmp_path / "b.yaml"]
    pins[0].write_text("a.example: [192.0.2.1]\n", encoding="utf-8")
    pins[1].write_text("b.example: [192.0.2.2]\n", encoding="utf-8")
    appliances = [tmp_path / "one.yaml", tmp_path / "two.yaml"]
    for index, path in enumerate(appliances):
        path.write_text(f"appliances: [{{address: 10.9.0.{index + 4}, rules: []}}]\n", encoding="utf-8")
    tags = tmp_path / "tags.json"
    body = {"values": [{"name": "Sql", "properties": {"addressPrefixes": ["192.0.2.0/24"]}}]}
    tags.write_text(json.dumps(body), encoding="utf-8")
    policy = load_policy(addresses=pins, appliances=appliances, service_tags=[tags])
    assert policy.pins == {"a.example": AddressSet.of("192.0.2.1"), "b.example": AddressSet.of("192.0.2.2")}
    assert [one.address for one in policy.appliances] == ["10.9.0.4", "10.9.0.5"]
    assert policy.tag_lists == ((str(tags), body),)
    assert all(str(path) in policy.source for path in (*pins, *appliances, tags))


def test_two_files_may_not_describe_the_same(tmp_path: Path) -> None:
    """Which of two files counts is not guessed."""
    one, two = tmp_path / "one.yaml", tmp_path / "two.yaml"
    one.write_text("a.example: [192.0.2.1]\n", encoding="utf-8")
    two.write_text("A.example: [192.0.2.2]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"has addresses in .*one\.yaml already"):
        load_policy(addresses=[one, two])
    for path in (one, two):
        path.write_text("appliances: [{address: 10.9.0.4, rules: []}]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"the appliance 10.9.0.4 is described at .*one.yaml:1:14 already"):
        load_policy(appliances=[one, two])
