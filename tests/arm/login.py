"""The login endpoint: what azure-identity asks before it has a token, and the token."""

from __future__ import annotations

import secrets
import threading
import time

from tests.arm.estate import TENANT
from tests.arm.faults import Reply

CLIENT = "0a6d8d0c-6f0e-4b0e-9d3f-6d2f3c6d9a10"


class Login:
    """Client-secret login of one service principal in one tenant."""

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
        return None

    def accepts(self, token: str) -> bool:
        """Whether a token is one of ours and still holds."""
        with self._lock:
            return self._valid.get(token, 0.0) > time.monotonic()

    def expire(self) -> None:
        """Let every token that was given out count no more, whatever was said of it."""
        with self._lock:
            self._valid.clear()

    def _token(self, tenant: str, form: dict[str, str]) -> Reply:
        if form.get("client_id") != CLIENT or form.get("client_secret") != self.secret:
            message = "AADSTS7000215: Invalid client secret provided."
            return Reply(
                401, {"error": "invalid_client", "error_description": message, "error_codes": [7000215]}
            )
        token = f"arm-test-token.{secrets.token_urlsafe(32)}"
        with self._lock:
            self._valid[token] = time.monotonic() + self.lifetime
            self.issued.append(token)
            self.tenants.append(tenant)
        held = {"token_type": "Bearer", "expires_in": self.lifetime, "ext_expires_in": self.lifetime}
        return Reply(200, {**held, "access_token": token})

    def _configuration(self, tenant: str) -> dict[str, str]:
        home = f"{self.base}/{tenant}"
        return {
            "issuer": f"{self.base}/{TENANT}/v2.0",
            "authorization_endpoint": f"{home}/oauth2/v2.0/authorize",
            "token_endpoint": f"{home}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{home}/oauth2/v2.0/devicecode",
            "jwks_uri": f"{home}/discovery/v2.0/keys",
        }
