"""One token for all clients and threads, renewed once however many calls were refused with it."""

from __future__ import annotations

import json
import threading
import time
from typing import Any, Final

from azure.core.credentials import AccessToken, AccessTokenInfo, TokenCredential, TokenRequestOptions
from azure.core.exceptions import AzureError
from azure.core.pipeline import PipelineRequest, PipelineResponse
from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

_EARLY: Final = 300
"""Seconds before its end at which a token is renewed, as azure-core does."""


class SharedTokens:
    """A credential that asks another one for a token at most once at a time.

    Without it, every thread of every client would start a login of its own (`az` is a process that takes seconds).
    """

    def __init__(self, credential: TokenCredential) -> None:
        self._credential = credential
        self._lock = threading.RLock()
        self._token: AccessTokenInfo | None = None

    def get_token_info(self, *scopes: str, options: TokenRequestOptions | None = None) -> AccessTokenInfo:
        """See SupportsTokenInfo; all scopes are those of one connection, so one token serves them."""
        with self._lock:
            claims = (options or {}).get("claims")
            if claims or self._token is None or self._token.expires_on - time.time() < _EARLY:
                self._token = self._asked(scopes, claims)
            return self._token

    def get_token(self, *scopes: str, claims: str | None = None, **_options: Any) -> AccessToken:
        """See TokenCredential."""
        info = self.get_token_info(*scopes, options={"claims": claims} if claims else None)
        return AccessToken(info.token, info.expires_on)

    def renew(self, refused: str, scope: str) -> bool:
        """Whether there is now another token than the one that was refused."""
        with self._lock:
            if self._token is not None and self._token.token != refused:
                return True
            self._token = self._asked((scope,), None)
            if self._token.token != refused:
                return True
            # The credential's own cache still believes in it: ask for one that is issued from now on.
            now = {"access_token": {"nbf": {"essential": True, "value": str(int(time.time()))}}}
            try:
                self._token = self._asked((scope,), json.dumps(now))
            except AzureError:
                return False  # `az` takes no claims; the service's own 401 says more than that
            return self._token.token != refused

    def _asked(self, scopes: tuple[str, ...], claims: str | None) -> AccessTokenInfo:
        ask = getattr(self._credential, "get_token_info", None)
        if ask is not None:
            info: AccessTokenInfo = ask(*scopes, options={"claims": claims} if claims else {})
            return info
        token = (
            self._credential.get_token(*scopes, claims=claims)
            if claims
            else self._credential.get_token(*scopes)
        )
        return AccessTokenInfo(token.token, token.expires_on)


class Authentication(ARMChallengeAuthenticationPolicy):
    """The SDK's policy, which renews a token that the service calls expired or revoked too (ARM-30)."""

    def __init__(self, tokens: SharedTokens, scope: str) -> None:
        super().__init__(tokens, scope)
        self._tokens = tokens
        self._scope = scope

    def on_challenge(
        self,
        request: PipelineRequest[HttpRequest],
        response: PipelineResponse[HttpRequest, HttpResponse],
    ) -> bool:
        """Whether there is a token to try once more with."""
        refused = request.http_request.headers.get("Authorization", "").removeprefix("Bearer ")
        if super().on_challenge(request, response):
            return True
        if not self._tokens.renew(refused, self._scope):
            return False
        self.authorize_request(request, self._scope)
        return True
