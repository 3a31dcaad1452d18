"""The SDK's clients of one connection, each made when the first read of its provider comes."""

from __future__ import annotations

import threading
from typing import Any, Protocol

from azure.core.rest import HttpRequest, HttpResponse
from azure.mgmt.compute import ComputeManagementClient
from azure.mgmt.containerservice import ContainerServiceClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.subscriptions import SubscriptionClient

from auditor.collectors.azure.cloud import Cloud
from auditor.collectors.azure.pipeline import Pipeline
from auditor.collectors.azure.tokens import SharedTokens


class Client(Protocol):
    """What all of them can do and all that is used here: send a request as it is."""

    def send_request(self, request: HttpRequest, *, stream: bool = False, **kwargs: Any) -> HttpResponse:
        """See the SDK."""
        ...


class Clients:
    """The client for each provider; what none of them is made for goes through the one for subscriptions."""

    def __init__(self, cloud: Cloud, tokens: SharedTokens, pipeline: Pipeline) -> None:
        self._cloud = cloud
        self._tokens = tokens
        self._pipeline = pipeline
        self._made: dict[str, Client] = {}
        self._lock = threading.Lock()

    def of(self, provider: str) -> Client:
        """The client for a provider in lower case."""
        with self._lock:
            client = self._made.get(provider)
            if client is None:
                client = self._made[provider] = self._make(provider)
            return client

    def _make(self, provider: str) -> Client:
        shared: dict[str, Any] = {
            "base_url": self._cloud.resource_manager,
            "credential_scopes": [self._cloud.scope],
            "transport": self._pipeline.transport,
        }
        # The subscription that a client is made for only fills in the paths that it builds itself: none here.
        match provider:
            case "microsoft.network":
                shared["policies"] = self._pipeline.policies("mgmt-network")
                return NetworkManagementClient(self._tokens, "-", **shared)
            case "microsoft.containerservice":
                shared["policies"] = self._pipeline.policies("mgmt-containerservice")
                return ContainerServiceClient(self._tokens, "-", **shared)
            case "microsoft.compute":
                shared["policies"] = self._pipeline.policies("mgmt-compute")
                return ComputeManagementClient(self._tokens, "-", **shared)
            case _:
                shared["policies"] = self._pipeline.policies("mgmt-resource-subscriptions")
                return SubscriptionClient(self._tokens, **shared)
