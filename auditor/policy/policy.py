"""The policy of an audit: what clusters need, what is assumed, and what the user's files add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auditor.errors import InputError
from auditor.model.reading import Appliance, Reading
from auditor.netset import AddressSet
from auditor.policy.baseline import Edition, editions, load_edition
from auditor.policy.baseline import newest as newest_edition
from auditor.policy.faults import shown
from auditor.policy.files import load_appliances, load_pins, load_tag_list
from auditor.policy.organisation import Organisation
from auditor.policy.organisation_file import PolicyFile, load_policy_file
from auditor.policy.settings import Settings, assumable, reading, settings_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Everything that an audit takes from policy documents and options."""

    edition: Edition
    """The baseline that clusters are judged by."""
    newest: Edition
    """The newest baseline, which says what the AzureKubernetesService FQDN tag holds."""
    settings: Settings
    """What the user decided."""
    reading: Reading
    """The codes that are assumed, by the settings."""
    pins: Mapping[str, AddressSet]
    """Addresses that the user pinned, by lower-case name or pattern."""
    appliances: tuple[Appliance, ...]
    """Next hops that the user described; their addresses differ."""
    tag_lists: tuple[tuple[str, Mapping[str, Any]], ...]
    """Service tag lists beyond those of the snapshot, as (place, body)."""
    source: str
    """What the policy was made from, for the report."""
    organisation: Organisation | None = None
    """What an organisation asks for beyond the edition; None without a policy file."""


def load_policy(
    edition: str | None = None,
    *,
    strict: bool = False,
    not_assumed: Sequence[str] = (),
    appliances: Sequence[Path] = (),
    addresses: Sequence[Path] = (),
    service_tags: Sequence[Path] = (),
    settings: Mapping[str, object] | None = None,
) -> Policy:
    """The policy of an edition (the newest by default) or of a policy file, with settings and files.

    `edition` is the name of an edition or the path of an organisation policy. Options add to the file's settings:
    `settings` beat it, the rest is united. Raises InputError for an unknown edition, setting or assumption code, for
    a file that does not fit, and for a name or appliance that two files describe.
    """
    file = _policy_file(edition)
    chosen = _edition(edition if file is None else file.extends)
    base = settings_from({**(file.settings if file else {}), **(settings or {})})
    codes = base.not_assumed | assumable(not_assumed)
    if file is not None:
        codes |= settings_from(file.settings).not_assumed
    merged = replace(base, strict=base.strict or strict, not_assumed=codes)
    return Policy(
        edition=chosen,
        newest=load_edition(newest_edition()),
        settings=merged,
        reading=reading(merged),
        pins=_pins(addresses, file),
        appliances=_appliances(appliances, file),
        tag_lists=(*(file.tag_lists if file else ()), *(load_tag_list(path) for path in service_tags)),
        source=_source(chosen, (*addresses, *appliances, *service_tags), file),
        organisation=file.organisation if file else None,
    )


def _policy_file(name: str | None) -> PolicyFile | None:
    if name is None or name in editions() or not _is_file(name):
        return None
    return load_policy_file(Path(name))


def _edition(name: str | None) -> Edition:
    return load_edition(newest_edition() if name is None else name)


def _is_file(name: str) -> bool:
    """Whether a policy is meant as a path."""
    if "/" in name or "\\" in name or name.lower().endswith((".yaml", ".yml", ".json")):
        return True
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


def _pins(paths: Sequence[Path], file: PolicyFile | None) -> Mapping[str, AddressSet]:
    pins: dict[str, AddressSet] = dict(file.pins) if file else {}
    places: dict[str, str] = dict.fromkeys(pins, file.organisation.file) if file else {}
    for path in paths:
        for name, addresses in load_pins(path).items():
            if name in pins:
                raise InputError(
                    f"the name {shown(name)} has addresses in {places[name]} already", place=str(path)
                )
            pins[name] = addresses
            places[name] = str(path)
    return pins


def _appliances(paths: Sequence[Path], file: PolicyFile | None) -> tuple[Appliance, ...]:
    found: dict[str, Appliance] = {one.address: one for one in file.appliances} if file else {}
    for path in paths:
        for appliance in load_appliances(path):
            if appliance.address in found:
                before = found[appliance.address].place
                message = f"the appliance {appliance.address} is described at {before} already"
                raise InputError(message, place=appliance.place)
            found[appliance.address] = appliance
    return tuple(found.values())


def _source(edition: Edition, files: Sequence[Path], file: PolicyFile | None) -> str:
    read = f", {edition.source.repository}@{edition.source.commit[:10]} of {edition.source.commit_date}"
    first = f"{file.organisation.file}, " if file else ""
    return f"{first}edition {edition.edition}{read}" + "".join(f", {path}" for path in files)
