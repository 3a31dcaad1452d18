"""What a user decides and no Azure document shows: how open points are read, and facts of the workloads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from auditor.errors import InputError
from auditor.model.reading import ASSUMABLE, DEFAULT, STRICT, Reading
from auditor.policy.faults import did_you_mean, shown

KNOWN_SETTINGS: Final = ("konnectivity", "notAssumed", "podsUseApiServerAddress", "privateEgress", "strict")
"""The keys of a settings mapping, as a policy file spells them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The user's settings (design: verdicts, policy documents)."""

    konnectivity: bool = True
    """The tunnel between nodes and control plane is konnectivity, as on every current cluster (AKS-22)."""
    pods_use_api_server_address: bool | None = None
    """Pods outside kube-system call the API server by its address (AKS-21); None: unknown."""
    private_egress: bool = False
    """What leaves to private destinations counts as egress, too."""
    strict: bool = False
    """Assume nothing."""
    not_assumed: frozenset[str] = frozenset()
    """Assumable codes that are not to be assumed."""


DEFAULT_SETTINGS: Final = Settings()


def settings_from(mapping: Mapping[str, object]) -> Settings:
    """The settings that a mapping (from a policy file or a caller) holds; a missing key keeps its default.

    Raises InputError for an unknown key, a value of the wrong kind and an unknown assumption code.
    """
    for key in mapping:
        if key not in KNOWN_SETTINGS:
            hint = did_you_mean(key, KNOWN_SETTINGS)
            raise InputError(f"unknown setting {shown(key)}{hint}; there are {', '.join(KNOWN_SETTINGS)}")
    return Settings(
        konnectivity=_flag(mapping, "konnectivity", default=True),
        pods_use_api_server_address=_flag_or_unknown(mapping, "podsUseApiServerAddress"),
        private_egress=_flag(mapping, "privateEgress", default=False),
        strict=_flag(mapping, "strict", default=False),
        not_assumed=_codes(mapping),
    )


def assumable(codes: Iterable[str]) -> frozenset[str]:
    """The codes, each of which must be one that can be assumed; InputError naming the choices otherwise."""
    wanted = frozenset(codes)
    for code in sorted(wanted.difference(ASSUMABLE)):
        hint = did_you_mean(code, ASSUMABLE)
        raise InputError(f"{shown(code)} is no assumption{hint}; there are {', '.join(ASSUMABLE)}")
    return wanted


def reading(settings: Settings) -> Reading:
    """Which codes these settings assume: none under `strict`, else all but those switched off."""
    return STRICT if settings.strict else DEFAULT.without(*settings.not_assumed)


def _flag(mapping: Mapping[str, object], key: str, *, default: bool) -> bool:
    value = mapping.get(key, default)
    if isinstance(value, bool):
        return value
    raise InputError(f"setting {key}: expected true or false, found {shown(value)}")


def _flag_or_unknown(mapping: Mapping[str, object], key: str) -> bool | None:
    value = mapping.get(key, "unknown")
    if value == "unknown":
        return None
    if isinstance(value, bool):
        return value
    raise InputError(f'setting {key}: expected true, false or "unknown", found {shown(value)}')


def _codes(mapping: Mapping[str, object]) -> frozenset[str]:
    value = mapping.get("notAssumed", ())
    if isinstance(value, str) or not isinstance(value, list | tuple | set | frozenset):
        raise InputError(f"setting notAssumed: expected a list of codes, found {shown(value)}")
    for code in value:
        if not isinstance(code, str):
            raise InputError(f"setting notAssumed: expected a code, found {shown(code)}")
    return assumable(value)
