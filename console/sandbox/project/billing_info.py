"""Cloud Billing v1: who pays for the project.

Nothing stops here when nobody does: it is told of, and no more. Source:
https://cloud.google.com/billing/docs/reference/rest/v1/projects/updateBillingInfo.
"""

from __future__ import annotations

from typing import Final

from starlette.routing import BaseRoute

from console.sandbox.json_calls import Call, JsonObject, denied, json_route, page, text
from console.sandbox.project.platform_state import PAYER, PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.refused import invalid

_START: Final = "billingAccounts/"


class BillingInfo:
    """Answers about who pays for `project`: the one billing account that there is, or nobody."""

    def __init__(self, project: str, state: PlatformState) -> None:
        self._project = project
        self._state = state

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        return [
            json_route("/v1/projects/{project}/billingInfo", GET=self._get, PUT=self._update),
            json_route("/v1/billingAccounts", GET=self._accounts),
        ]

    def _get(self, call: Call) -> JsonObject:
        self._admit(call, "resourcemanager.projects.get")
        return self._described()

    def _update(self, call: Call) -> JsonObject:
        """Link the project with another account, with none by an empty name."""
        self._admit(call, "resourcemanager.projects.createBillingAssignment")
        name = text(call.body.get("billingAccountName"))
        account = name.removeprefix(_START)
        if name and (not name.startswith(_START) or account != PAYER):
            raise invalid(f"There is no billing account {name!r}.")
        self._state.payer = account
        self._state.save()
        return self._described()

    def _accounts(self, call: Call) -> JsonObject:
        account: JsonObject = {
            "name": _START + PAYER,
            "open": True,
            "displayName": "Practice",
            "currencyCode": "USD",
        }
        return page([account], call, "billingAccounts")

    def _admit(self, call: Call, permission: str) -> None:
        project = call.path["project"]
        if project not in (self._project, NUMBER):
            raise denied(permission, f"projects/{project}")

    def _described(self) -> JsonObject:
        payer = self._state.payer
        return {
            "name": f"projects/{self._project}/billingInfo",
            "projectId": self._project,
            "billingAccountName": _START + payer if payer else "",
            "billingEnabled": bool(payer),
        }
