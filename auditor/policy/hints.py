"""Where names may resolve to: what policy hands to paths so that questions about names can be answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from auditor.model.cluster import Cluster
from auditor.model.need import Need
from auditor.model.question import Question
from auditor.model.reading import Appliance, Hints, NameHint, TagMembers
from auditor.netset import AddressSet, NamePattern
from auditor.policy.baseline import Edition, Row
from auditor.policy.service_tag_map import load_service_tag_map

LOCATION: Final = "<location>"
"""Stands for the cluster's region in destinations and tags of an edition."""

_REGIONAL_CLOUD_TAG: Final = "AzureCloud.<location>"

_IRREGULAR: Final[Mapping[str, str]] = {
    "brazilnortheast": "brazilne",
    "brazilsoutheast": "brazilse",
    "chilecentral": "chilec",
    "francecentral": "centralfrance",
    "francesouth": "southfrance",
    "germanynorth": "germanyn",
    "germanywestcentral": "germanywc",
    "norwayeast": "norwaye",
    "norwaywest": "norwayw",
    "switzerlandnorth": "switzerlandn",
    "switzerlandwest": "switzerlandw",
}
"""Regions that AzureCloud's regional tags spell otherwise (NSG-25, and the list of 2025-10-28)."""

_API_SERVERS: Final[Mapping[str, str]] = {
    "public": "*.hcp.<location>.azmk8s.io",
    "usgov": "*.hcp.<location>.cx.aks.containerservice.azure.us",
    "china": "*.hcp.<location>.cx.prod.service.azk8s.cn",
}


def fill_location(text: str, location: str) -> str:
    """A destination or service tag of an edition with the region filled in; ValueError if it is not known."""
    if LOCATION not in text:
        return text
    if not location:
        raise ValueError(f"{text!r} needs the cluster's location, which was not read")
    region = _IRREGULAR.get(location, location) if text == _REGIONAL_CLOUD_TAG else location
    return text.replace(LOCATION, region)


def build_hints(
    asked: Iterable[Need | Question],
    cluster: Cluster,
    *,
    cloud: str,
    pins: Mapping[str, AddressSet],
    appliances: Iterable[Appliance],
) -> Hints:
    """The hints for every name and pattern that is asked for, with the user's pins and appliances."""
    names: dict[str, NameHint] = {}
    for question in _questions(asked):
        if question.name is not None:
            key = str(question.name)
            names[key] = _hint(key, cluster, cloud, own_api_server=question.own_api_server)
    return Hints(
        names=names,
        pins=dict(pins),
        appliances={appliance.address: appliance for appliance in appliances},
    )


def name_hint(name: str, cluster: Cluster, *, cloud: str) -> NameHint:
    """The hint for one name or pattern by the service tag map; a host without documented tag has grade none."""
    own = cluster.fqdn is not None and name.lower() == cluster.fqdn.lower()
    return _hint(name.lower(), cluster, cloud, own_api_server=own)


def documented_hints(cluster: Cluster, *, cloud: str) -> dict[str, NameHint]:
    """The hint of every name and pattern in the service tag map, whoever asks for it, with the region filled in."""
    names = (name for entry in load_service_tag_map().entries for name in entry.names)
    known = [name for name in names if cluster.location or LOCATION not in name]
    filled = (fill_location(name, cluster.location).lower() for name in known)
    return {name: _hint(name, cluster, cloud, own_api_server=False) for name in filled}


def tag_members(newest: Edition, cloud: str, location: str) -> TagMembers:
    """What the AzureKubernetesService FQDN tag is taken to hold (FW-28; design: `fqdn-tag-opaque`).

    Definite are the FQDN rows published as required or recommended, doubtful those of add-ons. The tag works
    in application rules, so rows over plain TCP or UDP are in neither.
    """
    rows = newest.rows_of(cloud)
    core = _destinations(row for row in rows if row.level != "conditional")
    addons = _destinations(row for row in rows if row.level == "conditional")
    # without a region a pattern can only be widened, and then nothing is sure of it
    open_ones = [text for text in core if LOCATION in text and not location]
    definite = [fill_location(text, location).lower() for text in core if text not in open_ones]
    doubtful = [_filled_or_wider(text, location) for text in (*open_ones, *addons)]
    known = [NamePattern.parse(text) for text in definite]
    return TagMembers(
        definite=tuple(dict.fromkeys(definite)),
        doubtful=tuple(
            text
            for text in dict.fromkeys(doubtful)
            if not any(NamePattern.parse(text) <= one for one in known)
        ),
    )


def _questions(asked: Iterable[Need | Question]) -> Iterator[Question]:
    for one in asked:
        if isinstance(one, Need):
            yield from one.alternatives
        else:
            yield one


def _hint(name: str, cluster: Cluster, cloud: str, *, own_api_server: bool) -> NameHint:
    tags = load_service_tag_map()
    entry = tags.lookup(name, cloud=cloud)
    if entry is None and own_api_server and cloud in _API_SERVERS:
        entry = tags.lookup(_API_SERVERS[cloud], cloud=cloud)
    if entry is None or not entry.service_tags:
        return NameHint()
    try:
        filled = tuple(fill_location(tag, cluster.location) for tag in entry.service_tags)
    except ValueError:
        return NameHint()
    return NameHint(filled, entry.grade)


def _destinations(rows: Iterable[Row]) -> list[str]:
    """The names and patterns of the FQDN rows among these, as published, in their order."""
    found: list[str] = []
    for row in rows:
        if row.destination_kind == "name" and row.protocol in ("http", "https"):
            found.append(row.destination)
            found += [other.value for other in row.alternatives if other.kind == "name"]
    return found


def _filled_or_wider(text: str, location: str) -> str:
    if location or LOCATION not in text:
        return fill_location(text, location).lower()
    return f"*{text.rpartition(LOCATION)[2]}".lower()
