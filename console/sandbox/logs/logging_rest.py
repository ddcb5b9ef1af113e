"""Cloud Logging v2 in JSON over HTTP: entries listed, as `gcloud logging read` asks for them.

Source: https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list.
"""

from __future__ import annotations

from google.cloud.logging_v2.types import ListLogEntriesRequest
from google.protobuf import json_format
from starlette.routing import BaseRoute

from console.sandbox.json_calls import Call, JsonObject, json_route
from console.sandbox.logs.logging_service import LoggingService
from console.sandbox.run.refused import invalid


class LoggingRest:
    """Answers in JSON what `service` answers."""

    def __init__(self, service: LoggingService) -> None:
        self._service = service

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [json_route("/v2/entries:list", POST=self._list)]

    def _list(self, call: Call) -> JsonObject:
        request = ListLogEntriesRequest()
        try:
            json_format.ParseDict(call.body, ListLogEntriesRequest.pb(request))
        except json_format.ParseError as error:
            raise invalid(f"Invalid JSON payload received. {error}") from None
        listed: JsonObject = json_format.MessageToDict(self._service.listed(request))
        return listed
