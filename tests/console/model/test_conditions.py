import pytest
from google.cloud import run_v2

from console.model.conditions import Meaning, aspect, failure, meaning
from console.model.service import Condition, ConditionState
from console.model.text import SafeText

REASONS = (
    *(each.name for each in run_v2.Condition.CommonReason if each > 1),
    *(each.name for each in run_v2.Condition.RevisionReason if each),
)


def failed(reason: str = "", message: str = "") -> Meaning:
    return failure(reason, message)


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_that_cloud_run_knows_has_words(reason: str) -> None:
    said = failed(reason).says
    assert said
    assert reason not in said


@pytest.mark.parametrize(
    ("message", "says", "mend"),
    [
        (
            "You do not have quota for using GPUs with zonal redundancy. To request quota: "
            "g.co/cloudrun/gpu-quota",
            "no quota for GPUs with zonal redundancy",
            "--no-gpu-zonal-redundancy",
        ),
        (
            "You do not have quota for using GPUs without zonal redundancy.",
            "no quota for GPUs here",
            "NvidiaL4GpuAllocNoZonalRedundancyPerProjectRegion",
        ),
        (
            "Quota exceeded for total allowable count of GPUs per project per region.",
            "no quota for GPUs here",
            "another region",
        ),
        (
            "Max instances must be set to 3 or fewer in order to set GPU requirements. Quota "
            "violated: NvidiaL4GpuAlloc requested: 4 allowed: 3",
            "at most 3 such instances",
            "max-instances to 3",
        ),
        (
            "Revision 'z-1' is not ready and cannot serve traffic. The user-provided container "
            "failed to start and listen on the port defined provided by the PORT=8080 environment "
            "variable within the allocated timeout. This can happen when the container port is "
            "misconfigured or if the timeout is too short.",
            "did not open port 8080",
            "0.0.0.0:8080",
        ),
        (
            "The user-provided container failed the configured startup probe checks. Logs for this "
            "revision might contain more information.",
            "did not pass its start-up probe",
            "failure threshold",
        ),
        (
            "Memory limit of 512 MiB exceeded with 530 MiB used. Consider increasing the memory",
            "used 530 MiB of memory and may use 512 MiB",
            "more memory",
        ),
        ("Application exec likely failed", "could not be run", "linux/amd64"),
        ("Image 'x/y:z' not found.", "the image x/y:z is not there", "push it"),
    ],
)
def test_the_texts_of_cloud_run_are_told_in_plain_words(message: str, says: str, mend: str) -> None:
    told = failed("HEALTH_CHECK_CONTAINER_ERROR", message)
    assert says in told.says
    assert mend in told.mend


def test_what_is_not_known_is_shown_as_google_said_it() -> None:
    told = failed("NEW_REASON", "the moon is in the wrong house")
    assert told == Meaning(SafeText("NEW_REASON: the moon is in the wrong house"))


def test_a_reason_keeps_the_message_beside_it() -> None:
    told = failed("SECRETS_ACCESS_CHECK_FAILED", "secret 'key' version 3")
    assert told.says == "a secret cannot be read (secret 'key' version 3)"


def test_a_failure_without_a_word_says_so() -> None:
    assert failed().says == "it failed, and Cloud Run gives no reason"


def test_states_have_words_too() -> None:
    routes = SafeText("RoutesReady")
    succeeded = meaning(Condition(routes, ConditionState.SUCCEEDED))
    going_on = meaning(Condition(routes, ConditionState.RECONCILING))
    assert succeeded.says == "requests go where they are to go"
    assert going_on.says == "requests are being led to where they belong"


def test_an_unknown_type_is_called_by_its_name() -> None:
    condition = Condition(SafeText("MoonReady"), ConditionState.PENDING)
    assert aspect(condition) == "MoonReady"
    assert meaning(condition).says == "pending; Cloud Run says no more"


def test_braces_in_what_google_says_are_just_braces() -> None:
    assert failed("", "Image '{image}{0}' not found").says == "the image {image}{0} is not there"
