"""What a newer Cloud Run says of a service is kept where the service is written anew."""

from __future__ import annotations

from google.cloud import run_v2
from google.protobuf import json_format

from console.sources.deploying.newer_fields import keep_newer

# Field 999 of wire type 2, which no message here has, with the text `new`.
NEWER = b"\xba\x3e\x03new"


def with_newer_fields() -> object:
    service = run_v2.Service.pb()()
    service.template.containers.add(name="side")
    service.template.containers.add(name="main", image="a")
    service.template.labels["a"] = "b"
    for message in (service, service.template, service.template.containers[1]):
        message.MergeFromString(NEWER)
    return service


def test_newer_fields_survive_a_way_through_json() -> None:
    before = with_newer_fields()
    after = json_format.ParseDict(json_format.MessageToDict(before), type(before)())
    assert after != before
    keep_newer(before, after)
    assert after.SerializeToString(deterministic=True) == before.SerializeToString(
        deterministic=True
    )


def test_what_was_changed_and_removed_stays_so() -> None:
    before = with_newer_fields()
    after = run_v2.Service.pb()()
    after.template.containers.add(name="main", image="b")
    keep_newer(before, after)
    (container,) = after.template.containers
    assert (container.image, container.SerializeToString().count(NEWER)) == ("b", 1)
