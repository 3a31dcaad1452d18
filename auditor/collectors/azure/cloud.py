"""Which Azure is read: the public cloud, a sovereign one, or one described by a file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from auditor.collectors.files import whole
from auditor.collectors.json_text import parse
from auditor.errors import InputError


@dataclass(frozen=True, slots=True)
class Cloud:
    """The endpoints of one Azure."""

    name: str
    """`public`, `usgov`, `china`, or the name that the file gives."""
    resource_manager: str
    """Base URL of Azure Resource Manager, without a slash at the end."""
    authority: str
    """Base URL of the login endpoint, without a slash at the end."""
    audience: str
    """The resource that tokens are asked for, exactly as its cloud spells it (a slash at the end counts)."""
    instance_discovery: bool
    """Whether the login endpoint is one that the public instance metadata knows."""

    @property
    def scope(self) -> str:
        """The OAuth scope of the audience."""
        return f"{self.audience}/.default"


PUBLIC: Final = Cloud(
    "public",
    "https://management.azure.com",
    "https://login.microsoftonline.com",
    "https://management.azure.com",
    instance_discovery=True,
)
USGOV: Final = Cloud(
    "usgov",
    "https://management.usgovcloudapi.net",
    "https://login.microsoftonline.us",
    "https://management.core.usgovcloudapi.net",
    instance_discovery=True,
)
CHINA: Final = Cloud(
    "china",
    "https://management.chinacloudapi.cn",
    "https://login.chinacloudapi.cn",
    "https://management.chinacloudapi.cn",
    instance_discovery=True,
)
_NAMED: Final = {cloud.name: cloud for cloud in (PUBLIC, USGOV, CHINA)}


def cloud_named(text: str) -> Cloud:
    """The cloud that `--cloud` means: `public`, `usgov`, `china`, or a JSON file as `az cloud register` takes it.

    The file is `{"name": ..., "endpoints": {"resourceManager": ..., "activeDirectory": ...,
    "activeDirectoryResourceId": ...}}`; other keys are passed over, and instance discovery is off. Raises
    InputError, with the file as its place, for anything else.
    """
    named = _NAMED.get(text.strip().lower())
    if named is not None:
        return named
    path = Path(text)
    if not _is_file(path):
        raise InputError(f"{text!r:.200} is neither public, usgov nor china, nor a file", place="--cloud")
    return _described(parse(whole(path), str(path)), str(path))


def _is_file(path: Path) -> bool:
    try:
        return path.exists() and not path.is_dir()
    except (OSError, ValueError):
        return False


def _described(value: Any, place: str) -> Cloud:
    if not isinstance(value, dict):
        raise InputError("a cloud is an object with 'name' and 'endpoints'", place=place)
    endpoints = value.get("endpoints")
    if not isinstance(endpoints, dict):
        raise InputError("'endpoints' must be an object", place=place)
    return Cloud(
        _text(value, "name", "name", place),
        _address(endpoints, "resourceManager", place),
        _address(endpoints, "activeDirectory", place),
        _text(endpoints, "activeDirectoryResourceId", "endpoints.activeDirectoryResourceId", place),
        instance_discovery=False,
    )


def _text(value: dict[str, Any], key: str, path: str, place: str) -> str:
    text = value.get(key)
    if not isinstance(text, str) or not text.strip() or not text.isprintable():
        raise InputError(f"'{path}' must be a text, not {text!r:.80}", place=place)
    return text.strip()


def _address(endpoints: dict[str, Any], key: str, place: str) -> str:
    """An endpoint; anything but https would send tokens in the clear."""
    path = f"endpoints.{key}"
    text = _text(endpoints, key, path, place)
    try:
        parts = urlsplit(text)
        valid = parts.scheme == "https" and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        valid = False
    if not valid or parts.username is not None or parts.query or parts.fragment or " " in text:
        raise InputError(f"'{path}' must be an https address, not {text!r:.80}", place=place)
    return text.rstrip("/")
