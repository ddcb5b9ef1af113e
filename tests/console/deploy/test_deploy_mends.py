"""What the platform says of a failure, and what the console says mends it."""

from __future__ import annotations

import pytest

from console.model.text import SafeText
from console.session.deploy.failing import LINES, explained, mend_of
from console.session.deploy.work import StepFailed
from console.sources.base import Denied, SourceError


@pytest.mark.parametrize(
    ("said", "mend"),
    [
        (
            "You do not have quota for using GPUs with zonal redundancy. To request quota: "
            "g.co/cloudrun/gpu-quota",
            "--no-gpu-zonal-redundancy",
        ),
        (
            "Max instances must be set to 3 or fewer in order to set GPU requirements. Quota "
            "violated: NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion requested: 4 allowed: 3",
            "set max-instances to 3",
        ),
        (
            "The user-provided container failed to start and listen on the port defined provided "
            "by the PORT=8080 environment variable within the allocated timeout.",
            "listen on 0.0.0.0:8080",
        ),
        ("Memory limit of 512 MiB exceeded with 530 MiB used.", "more memory"),
        ("Application exec likely failed", "linux/amd64"),
        (
            "One or more users named in the policy do not belong to a permitted customer.",
            "keep the service private",
        ),
        ("Permission 'iam.serviceaccounts.actAs' denied on service account x", "UserUser"),
        ("write /var/lib/docker: no space left on device", "make room"),
        ('The command "/bin/sh -c pip install x" returned a non-zero code: 1', "last lines"),
        ("This API method requires billing to be enabled; billing is disabled", "billing"),
    ],
)
def test_known_words_have_a_mend(said: str, mend: str) -> None:
    expected = mend.replace("UserUser", "roles/iam.serviceAccountUser")
    assert expected in mend_of(said)


def test_what_is_not_known_is_told_in_the_platforms_words_alone() -> None:
    failure = explained(3, SourceError(SafeText("the moon is in the wrong quarter")))

    assert (failure.step, failure.reason, failure.mend) == (
        *(3, "the moon is in the wrong quarter", ""),
    )


def test_lines_speak_where_the_reason_does_not() -> None:
    lines = tuple(SafeText(f"line {number}") for number in range(40))
    last = SafeText("Memory limit of 512 MiB exceeded with 530 MiB used.")

    failure = explained(0, StepFailed(SafeText("it failed"), (*lines, last)))

    assert len(failure.lines) == LINES
    assert failure.lines[-1] == last
    assert failure.mend == "give it more memory"


def test_nothing_secret_gets_through() -> None:
    said = SafeText("denied for Bearer ya29.secretsecret")

    failure = explained(0, StepFailed(said, (SafeText("API_KEY=hunter2"),)))

    assert "ya29" not in failure.reason
    assert "hunter2" not in failure.lines[0]


def test_a_missing_permission_is_its_own_mend() -> None:
    denied = Denied(SafeText("permission a.b.c is missing; have roles/a granted"), "a.b.c")

    assert explained(0, denied).mend == ""
