"""Signing in to Azure with whatever login is at hand, through azure-identity; no secret is ever printed."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Any, Final, Protocol

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenCredential, TokenRequestOptions
from azure.core.exceptions import AzureError, ClientAuthenticationError
from azure.identity import (
    AzureCliCredential,
    DefaultAzureCredential,
    DeviceCodeCredential,
    EnvironmentCredential,
    InteractiveBrowserCredential,
    ManagedIdentityCredential,
    WorkloadIdentityCredential,
)

from auditor.collectors.azure.cloud import Cloud
from auditor.errors import InputError

WAYS: Final = ("cli", "environment", "managed-identity", "workload-identity", "device-code", "browser")
"""What `--auth` takes; without it, azure-identity's default chain tries most of them in turn."""

_NEXT_STEP: Final = {
    None: "sign in with `{az}`, or set the AZURE_* variables of a service principal, or choose a way with --auth",
    "cli": "sign in with `{az}`",
    "environment": "set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET (or "
    "AZURE_CLIENT_CERTIFICATE_PATH) of a service principal",
    "managed-identity": "run this on an Azure resource that has a managed identity; set AZURE_CLIENT_ID for a "
    "user-assigned one",
    "workload-identity": "run this in a pod with workload identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and "
    "AZURE_FEDERATED_TOKEN_FILE",
    "device-code": "open the page that is named and enter the code in time",
    "browser": "finish the sign-in in the browser; on a machine without one use --auth device-code",
}
_TENANT: Final = re.compile(r"[A-Za-z0-9.-]+")
UNTRUSTED: Final = "CERTIFICATE_VERIFY_FAILED"
"""What stands in every error about a certificate, whichever library words it."""
TRUST: Final = "the service's certificate is not trusted; name its CA file in REQUESTS_CA_BUNDLE"
_LONGEST_REASON: Final = 300


class LoginError(InputError):
    """No login works; the message says which was tried and what to do next."""


class _Credential(Protocol):
    """What azure-identity's credentials can do, the older and the newer way to ask for a token."""

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **options: Any
    ) -> AccessToken: ...

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo: ...


_NO_WAY: Final = ("Failed to establish a new connection", "Failed to resolve", "Connection timed out")
"""What tells in any of the SDK's errors that no login was refused: nobody answered."""


class _InTenant:
    """A credential whose tokens are always asked for in one tenant; the default chain takes none of its own."""

    def __init__(self, credential: _Credential, tenant: str) -> None:
        self._credential = credential
        self._tenant = tenant

    def get_token(
        self, *scopes: str, claims: str | None = None, tenant_id: str | None = None, **options: Any
    ) -> AccessToken:
        """See TokenCredential."""
        return self._credential.get_token(
            *scopes, claims=claims, tenant_id=tenant_id or self._tenant, **options
        )

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """See SupportsTokenInfo."""
        asked: TokenRequestOptions = {"tenant_id": self._tenant, **(options or {})}
        return self._credential.get_token_info(*scopes, options=asked)


def credential(
    cloud: Cloud,
    auth: str | None = None,
    tenant: str | None = None,
    *,
    prompt: Callable[[str], object] = sys.stderr.write,
) -> TokenCredential:
    """A credential for `cloud` that has proven to give a token.

    `auth` is one of WAYS, or None for the default chain. `prompt` prints the page and the code of a device login.
    Raises LoginError, which names the next step, when no login works, and InputError for an unknown way or tenant.
    """
    if auth is not None and auth not in WAYS:
        raise InputError(f"{auth!r:.80} is none of {', '.join(WAYS)}", place="--auth")
    if tenant is not None and not _TENANT.fullmatch(tenant):
        raise InputError(f"{tenant!r:.80} is neither a tenant's id nor a domain", place="--tenant")
    _quieten()
    try:
        made = _made(cloud, auth, tenant, prompt)
        made.get_token(cloud.scope)
    except (AzureError, ValueError) as error:
        raise LoginError(_explained(error, cloud, auth, tenant)) from None
    return made


def reason(error: BaseException) -> str:
    """What azure-identity says went wrong, in one line of bounded length."""
    text = str(error)
    if UNTRUSTED in text:
        return TRUST
    refused = re.search(r"AADSTS\d+: [^\r\n]*", text)
    line = refused.group() if refused else " ".join(text.split())
    line = re.sub(r"\s+Trace ID: .*", "", line)
    return line if len(line) <= _LONGEST_REASON else line[:_LONGEST_REASON] + " ..."


def _made(
    cloud: Cloud, auth: str | None, tenant: str | None, prompt: Callable[[str], object]
) -> TokenCredential:
    at: dict[str, Any] = {
        "authority": cloud.authority,
        "disable_instance_discovery": not cloud.instance_discovery,
    }
    anywhere: dict[str, Any] = {"additionally_allowed_tenants": ["*"]} if tenant else {}
    within: dict[str, Any] = {"tenant_id": tenant} if tenant else {}
    match auth:
        case "cli":
            return AzureCliCredential(**within)
        case "environment":
            return _in_tenant(EnvironmentCredential(**at, **anywhere), tenant)
        case "managed-identity":
            return ManagedIdentityCredential(client_id=os.environ.get("AZURE_CLIENT_ID") or None)
        case "workload-identity":
            return WorkloadIdentityCredential(**at, **within)
        case "device-code":
            return DeviceCodeCredential(prompt_callback=_told(prompt), **at, **within)
        case "browser":
            return InteractiveBrowserCredential(**at, **within)
        case _:
            return _in_tenant(DefaultAzureCredential(**at, **anywhere), tenant)


def _in_tenant(chain: EnvironmentCredential | DefaultAzureCredential, tenant: str | None) -> TokenCredential:
    return chain if tenant is None else _InTenant(chain, tenant)


def _told(prompt: Callable[[str], object]) -> Callable[[str, str, Any], None]:
    def tell(page: str, code: str, _expires: Any) -> None:
        prompt(f"to sign in, open {page} and enter the code {code}\n")

    return tell


def _explained(error: BaseException, cloud: Cloud, auth: str | None, tenant: str | None) -> str:
    if any(sign in str(error) for sign in _NO_WAY):
        place = cloud.authority
        return (
            f"{place} cannot be reached to sign in; check name resolution and HTTPS_PROXY ({reason(error)})"
        )
    az = f"az login --tenant {tenant}" if tenant else "az login"
    way = f"--auth {auth}" if auth else "the default chain of logins"
    step = _NEXT_STEP[auth].format(az=az)
    if isinstance(error, ClientAuthenticationError) or auth is not None:
        return f"no Azure login works with {way}; {step} ({reason(error)})"
    return f"Azure cannot be signed in to with {way}; {step} ({reason(error)})"


def _quieten() -> None:
    """Keep the SDK's log records off the terminal unless a program that uses this package asks for them."""
    for name in ("azure", "msal", "urllib3"):
        logger = logging.getLogger(name)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
