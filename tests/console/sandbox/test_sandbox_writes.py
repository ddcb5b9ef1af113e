"""Faults of changes strike what changes something, and nothing else."""

from __future__ import annotations

import pytest

from console.sandbox.writes import is_grpc_write, is_write


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/projects/p/serviceAccounts"),
        ("POST", "/v1/projects/p/services:batchEnable"),
        ("POST", "/v1/projects/p/locations/l/builds/b:cancel"),
        ("POST", "/v1/projects/p:setIamPolicy"),
        ("PUT", "/storage/v1/b/bucket/iam"),
        ("DELETE", "/v1/projects/p/locations/l/repositories/r"),
        ("PATCH", "/storage/v1/b/bucket"),
    ],
)
def test_a_change_by_http_is_one(method: str, path: str) -> None:
    assert is_write(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/projects/p/serviceAccounts"),
        ("HEAD", "/bucket/object"),
        ("POST", "/v1/projects/p:getIamPolicy"),
        ("POST", "/v3/projects/p:testIamPermissions"),
        ("POST", "/v2/entries:list"),
    ],
)
def test_a_question_by_http_is_none(method: str, path: str) -> None:
    assert not is_write(method, path)


def test_changes_by_grpc_are_told_from_questions() -> None:
    services = "/google.cloud.run.v2.Services/"
    for method in ("CreateService", "UpdateService", "DeleteService", "SetIamPolicy"):
        assert is_grpc_write(services + method)
    for method in ("GetService", "ListServices", "GetIamPolicy", "TestIamPermissions"):
        assert not is_grpc_write(services + method)
    assert not is_grpc_write("/google.logging.v2.LoggingServiceV2/WriteLogEntries")
