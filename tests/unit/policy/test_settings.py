"""Settings: what they default to, what they refuse, and the reading that follows."""

from __future__ import annotations

from typing import Any

import pytest

from auditor.errors import InputError
from auditor.model.reading import ASSUMABLE, DEFAULT, STRICT
from auditor.policy.settings import DEFAULT_SETTINGS, Settings, reading, settings_from


def test_nothing_set_gives_the_defaults() -> None:
    """Konnectivity is taken for granted, and whether pods use the API server's address is unknown."""
    assert settings_from({}) == DEFAULT_SETTINGS == Settings()
    assert DEFAULT_SETTINGS.konnectivity
    assert DEFAULT_SETTINGS.pods_use_api_server_address is None
    assert reading(DEFAULT_SETTINGS) == DEFAULT


def test_every_setting_can_be_set() -> None:
    """Each key of a settings mapping reaches its field."""
    found = settings_from(
        {
            "konnectivity": False,
            "podsUseApiServerAddress": True,
            "strict": True,
            "notAssumed": ["nic-nsg-unread"],
        }
    )
    assert found == Settings(
        konnectivity=False,
        pods_use_api_server_address=True,
        strict=True,
        not_assumed=frozenset({"nic-nsg-unread"}),
    )
    assert settings_from({"podsUseApiServerAddress": "unknown"}).pods_use_api_server_address is None


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        (
            {"konectivity": True},
            'unknown setting "konectivity" (did you mean "konnectivity"?); there are konn',
        ),
        ({"konnectivity": "unknown"}, 'setting konnectivity: expected true or false, found "unknown"'),
        ({"strict": 1}, "setting strict: expected true or false, found 1"),
        ({"strict": None}, "setting strict: expected true or false, found null"),
        (
            {"podsUseApiServerAddress": "maybe"},
            'setting podsUseApiServerAddress: expected true, false or "unknown", found "maybe"',
        ),
        (
            {"notAssumed": "nic-nsg-unread"},
            'setting notAssumed: expected a list of codes, found "nic-nsg-unread"',
        ),
        ({"notAssumed": [3]}, "setting notAssumed: expected a code, found 3"),
        (
            {"notAssumed": ["nic-nsg-unred"]},
            '"nic-nsg-unred" is no assumption (did you mean "nic-nsg-unread"?); there are admin-rules-not-read, ',
        ),
        ({"notAssumed": ["nva-opaque"]}, '"nva-opaque" is no assumption'),
    ],
)
def test_bad_settings_are_refused(mapping: dict[str, Any], message: str) -> None:
    """An unknown key or value is an error that names it and the choices, never silence."""
    with pytest.raises(InputError) as caught:
        settings_from(mapping)
    assert str(caught.value).startswith(message)


def test_strict_assumes_nothing() -> None:
    """Strict beats a list of codes not assumed."""
    assert reading(Settings(strict=True, not_assumed=frozenset({"idps-deny"}))) == STRICT


def test_one_code_can_be_switched_off() -> None:
    """A code that is not assumed is the only one missing."""
    assert reading(Settings(not_assumed=frozenset({"idps-deny"}))).assumed == set(ASSUMABLE) - {"idps-deny"}
