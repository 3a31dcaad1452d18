"""The login endpoint: what azure-identity asks before it has a token, and the token."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time

from tests.arm.estate import TENANT
from tests.arm.faults import Reply

CLIENT = "0a6d8d0c-6f0e-4b0e-9d3f-6d2f3c6d9a10"


FEDERATED = "arm-test-federated-token"
"""What a pod's service account token stands for, as workload identity sends it."""
_DEVICE = "arm-test-device-code"


class Login:
    """One tenant: a service principal by secret or federated token, and a person by device code."""

    def __init__(self, base: str, secret: str) -> None:
        self.base = base
        self.secret = secret
        self.lifetime = 3600
        """Seconds that a token is said to hold."""
        self.issued: list[str] = []
        """Every token that was given out, so that a test can look for it where none should be."""
        self.tenants: list[str] = []
        """The tenant that each of them was asked in."""
        self._lock = threading.Lock()
        self._valid: dict[str, float] = {}

    def answer(self, path: str, form: dict[str, str]) -> Reply | None:
        """What the endpoint says to a path of its own; None for all others."""
        parts = path.strip("/").split("/")
        if parts[-1] == "openid-configuration":
            return Reply(200, self._configuration(parts[0]))
        if parts[1:] == ["discovery", "instance"]:
            host = self.base.partition("//")[2]
            entry = {"preferred_network": host, "preferred_cache": host, "aliases": [host]}
            place = f"{self.base}/{parts[0]}/.well-known/openid-configuration"
            return Reply(200, {"tenant_discovery_endpoint": place, "api-version": "1.1", "metadata": [entry]})
        if parts[1:] == ["oauth2", "v2.0", "token"]:
            return self._token(parts[0], form)
        if parts[1:] == ["oauth2", "v2.0", "devicecode"]:
            page = f"{self.base}/device"
            told = {
                "device_code": _DEVICE,
                "user_code": "ARMTEST1",
                "verification_uri": page,
                "message": page,
            }
            return Reply(200, {**told, "expires_in": 60, "interval": 0})
        return None

    def issue(self, tenant: str = TENANT) -> str:
        """A new token that is accepted for `lifetime` seconds."""
        token = f"arm-test-token.{secrets.token_urlsafe(32)}"
        with self._lock:
            self._valid[token] = time.monotonic() + self.lifetime
            self.issued.append(token)
            self.tenants.append(tenant)
        return token

    def accepts(self, token: str) -> bool:
        """Whether a token is one of ours and still holds."""
        with self._lock:
            return self._valid.get(token, 0.0) > time.monotonic()

    def expire(self) -> None:
        """Let every token that was given out count no more, whatever was said of it."""
        with self._lock:
            self._valid.clear()

    def _token(self, tenant: str, form: dict[str, str]) -> Reply:
        device = form.get("device_code") == _DEVICE
        proven = form.get("client_secret") == self.secret or form.get("client_assertion") == FEDERATED
        if not device and not (form.get("client_id") == CLIENT and proven):
            message = "AADSTS7000215: Invalid client secret provided."
            return Reply(
                401, {"error": "invalid_client", "error_description": message, "error_codes": [7000215]}
            )
        held = {"token_type": "Bearer", "expires_in": self.lifetime, "ext_expires_in": self.lifetime}
        person = self._person(form.get("client_id", "")) if device else {}
        return Reply(200, {**held, **person, "access_token": self.issue(tenant)})

    def _person(self, client: str) -> dict[str, str]:
        """Who signed in with a device code: claims without a signature, which the SDK does not check."""
        now = int(time.time())
        claims = {
            "aud": client,
            "iss": f"{self.base}/{TENANT}/v2.0",
            "iat": now,
            "exp": now + 3600,
            "tid": TENANT,
        }
        claims |= {"oid": CLIENT, "sub": CLIENT, "preferred_username": "somebody@example.com"}
        return {
            "id_token": f"{_part({'alg': 'none'})}.{_part(claims)}.",
            "client_info": _part({"uid": CLIENT, "utid": TENANT}),
        }

    def _configuration(self, tenant: str) -> dict[str, str]:
        home = f"{self.base}/{tenant}"
        return {
            "issuer": f"{self.base}/{TENANT}/v2.0",
            "authorization_endpoint": f"{home}/oauth2/v2.0/authorize",
            "token_endpoint": f"{home}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{home}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{home}/discovery/v2.0/keys",
        }


def _part(value: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
