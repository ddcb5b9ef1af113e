"""Cloud Audit Logs: who changed what, and what became ready or not."""

from __future__ import annotations

import pytest
from deploying import IMAGE, demo, ended, short, updated, with_image
from google.api_core import exceptions
from google.cloud.audit.audit_log_pb2 import AuditLog
from google.cloud.logging_v2.types import LogEntry
from google.logging.type.log_severity_pb2 import ERROR, NOTICE
from open_sandbox import Clients

from console.sandbox.faults import Fault
from console.sandbox.run.demo_service import DEMO, OPERATOR

ACTIVITY = 'log_id("cloudaudit.googleapis.com/activity")'
EVENTS = 'log_id("cloudaudit.googleapis.com/system_event")'


def audited(entry: LogEntry) -> AuditLog:
    audit = AuditLog()
    assert LogEntry.pb(entry).proto_payload.Unpack(audit)
    return audit


async def test_a_change_says_who_made_it(cloud: Clients) -> None:
    await updated(cloud, with_image(await demo(cloud), IMAGE))
    await ended(cloud, await cloud.services.delete_service(name=DEMO.resource))
    first, second = await cloud.entries(ACTIVITY)
    assert audited(first).method_name == "google.cloud.run.v2.Services.UpdateService"
    assert audited(first).authentication_info.principal_email == OPERATOR
    assert audited(first).resource_name == DEMO.resource
    assert (first.severity, first.resource.labels["service_name"]) == (NOTICE, DEMO.service)
    assert audited(second).method_name == "google.cloud.run.v2.Services.DeleteService"


async def test_what_became_ready_is_told(cloud: Clients) -> None:
    service = await updated(cloud, with_image(await demo(cloud), IMAGE))
    of_revision, of_service = map(audited, await cloud.entries(EVENTS))
    revision = short(service.latest_ready_revision)
    assert of_revision.status.message.startswith(
        f"Ready condition status changed to True for Revision {revision} with message: "
        "Deploying revision succeeded in "
    )
    assert of_service.status.message == (
        "Ready condition status changed to True for Service zimage."
    )


async def test_what_did_not_become_ready_is_an_error(cloud: Clients) -> None:
    cloud.sandbox.faults.begin(Fault.START_FAILS)
    with pytest.raises(exceptions.GoogleAPICallError):
        await updated(cloud, with_image(await demo(cloud), IMAGE))
    entries = await cloud.entries(EVENTS)
    assert [entry.severity for entry in entries] == [ERROR, ERROR]
    assert "changed to False for Revision zimage-00002-" in audited(entries[0]).status.message
    assert audited(entries[1]).status.code == 9


async def test_what_is_refused_is_no_change(cloud: Clients) -> None:
    with pytest.raises(exceptions.NotFound):
        await cloud.services.delete_service(name=DEMO.resource + "-2")
    assert await cloud.entries() == []
