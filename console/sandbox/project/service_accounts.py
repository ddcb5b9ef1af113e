"""IAM v1: the service accounts of the project, as which services run.

Source: https://cloud.google.com/iam/docs/reference/rest/v1/projects.serviceAccounts.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import grpc
from starlette.routing import BaseRoute

from console.sandbox.faults import Fault, Faults
from console.sandbox.json_calls import (
    Call,
    JsonObject,
    an_object,
    denied,
    json_route,
    page,
    text,
    unknown,
)
from console.sandbox.moments import Clock, utc_now
from console.sandbox.project.platform_state import PlatformState
from console.sandbox.project.projects import NUMBER
from console.sandbox.run.refused import Refused, invalid

SERVICE: Final = "iam.googleapis.com"
ANY: Final = "-"
_ACCOUNT: Final = re.compile(r"[a-z][a-z0-9-]{4,28}[a-z0-9]")
_SETTABLE: Final = ("displayName", "description")


class ServiceAccounts:
    """Answers about the service accounts of `project`; `require` raises `Refused` if it is off.

    By `faults` a new account is known elsewhere only after a while on `clock`.
    """

    def __init__(
        self,
        project: str,
        state: PlatformState,
        new_hex: Callable[[int], str],
        require: Callable[[str], None],
        clock: Clock = utc_now,
        faults: Faults | None = None,
    ) -> None:
        self._clock = clock
        self._faults = Faults() if faults is None else faults
        self._made: dict[str, datetime] = {}
        self._project = project
        self._state = state
        self._new_hex = new_hex
        self._require = require

    def routes(self) -> list[BaseRoute]:
        """Return what is to be served."""
        base = "/v1/projects/{project}/serviceAccounts"
        return [
            json_route(base, GET=self._list, POST=self._create),
            json_route(base + "/{account}", GET=self._get, DELETE=self._delete, PATCH=self._change),
        ]

    def make(self, identifier: str, said: JsonObject) -> JsonObject:
        """Make an account and return it."""
        email = f"{identifier}@{self._project}.iam.gserviceaccount.com"
        number = str(int(self._new_hex(8), 16)).zfill(21)
        account: JsonObject = {
            "name": f"projects/{self._project}/serviceAccounts/{email}",
            "projectId": self._project,
            "uniqueId": number,
            "email": email,
            "oauth2ClientId": number,
            **{key: text(said[key]) for key in _SETTABLE if text(said.get(key))},
        }
        self._state.accounts[email] = account
        self._state.save()
        self._made[email] = self._clock()
        return account

    def knows(self, address: str) -> bool:
        """Say whether an account can be named in policies and by services.

        Of those of others nothing is known here, and they are taken to be there.
        """
        if not address.endswith(f"@{self._project}.iam.gserviceaccount.com"):
            return True
        late = timedelta(seconds=self._faults.amount(Fault.ACCOUNT_LATE))
        made = self._made.get(address)
        known = not late or made is None or self._clock() - made >= late
        return address in self._state.accounts and known

    def _list(self, call: Call) -> JsonObject:
        self._admit(call, "list")
        return page(list(self._state.accounts.values()), call, "accounts", 100)

    def _create(self, call: Call) -> JsonObject:
        self._admit(call, "create")
        identifier = text(call.body.get("accountId"))
        if not _ACCOUNT.fullmatch(identifier):
            raise invalid(f"Invalid service account ID {identifier!r}: 6 to 30 of a-z, 0-9 and -.")
        if f"{identifier}@{self._project}.iam.gserviceaccount.com" in self._state.accounts:
            raise Refused(
                grpc.StatusCode.ALREADY_EXISTS,
                f"Service account {identifier} already exists within project "
                f"projects/{self._project}.",
            )
        return self.make(identifier, an_object(call.body.get("serviceAccount")))

    def _get(self, call: Call) -> JsonObject:
        return self._found(call, "get")

    def _change(self, call: Call) -> JsonObject:
        account = self._found(call, "update")
        said = an_object(call.body.get("serviceAccount"))
        account |= {key: text(said[key]) for key in _SETTABLE if key in said}
        self._state.save()
        return account

    def _delete(self, call: Call) -> JsonObject:
        del self._state.accounts[text(self._found(call, "delete")["email"])]
        self._state.save()
        return {}

    def _found(self, call: Call, verb: str) -> JsonObject:
        """Return the account that is named by its address or its number; raises `Refused`."""
        self._admit(call, verb)
        wanted = call.path["account"]
        for account in self._state.accounts.values():
            if wanted in (account["email"], account["uniqueId"]):
                return account
        raise unknown(f"service account {wanted}")

    def _admit(self, call: Call, verb: str) -> None:
        self._require(SERVICE)
        if call.path["project"] not in (self._project, NUMBER, ANY):
            raise denied(f"iam.serviceAccounts.{verb}", f"projects/{call.path['project']}")
