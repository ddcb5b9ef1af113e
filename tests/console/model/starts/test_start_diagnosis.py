from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import pytest
from start_lines import (
    AUTOSCALING,
    ENDED,
    EXITED,
    GAVE_UP,
    KILLED,
    MINIMUM,
    NOON,
    NOT_RUN,
    OVER_MEMORY,
    PASSED,
    TIMELINE,
    at,
    cold_start,
    line,
    request,
    spoken,
    told_by,
)

from console.model.log.lines import Origin
from console.model.starts.diagnosis import diagnose, headline
from console.model.starts.findings import Cause, Finding
from console.model.starts.phase_findings import reading_rate
from console.model.starts.snapshot import Setting, Timing
from console.model.starts.start import (
    ColdStart,
    FileRead,
    Moment,
    Reason,
    StartPhase,
    WaitingRequest,
)
from console.model.starts.statistics import Usual, timing, usual
from console.model.text import SafeText

WELL = {
    "waiting": 0.02,
    "container": 2.5,
    "open port": 0.4,
    "import": 1.5,
    "weights": 0.6,
    "to device": 0.4,
    "warm-up": 0.4,
    "probe": 0.5,
    "first answer": 2.0,
}
"""A start at which nothing is wrong."""

_ENDS = (
    Moment.ASKED_FOR,
    Moment.CONTAINER_UP,
    Moment.PORT_OPEN,
    Moment.IMPORTS_DONE,
    Moment.WEIGHTS_READ,
    Moment.ON_DEVICE,
    Moment.READY,
    Moment.PROBED,
    Moment.ANSWERED,
)


def start_of(read: int = 7_000_000, **more: float) -> ColdStart:
    """A start whose phases take as long as `WELL` says, but for those named otherwise."""
    seconds = {**WELL, **{name.replace("_", " "): value for name, value in more.items()}}
    moments, passed = {Moment.ARRIVED: NOON}, 0.0
    for moment, took in zip(_ENDS, seconds.values(), strict=True):
        passed += took
        moments[moment] = at(passed)
    ended = moments[Moment.WEIGHTS_READ]
    return ColdStart(
        instance=SafeText("a"),
        reason=Reason.AUTOSCALING,
        process=moments[Moment.ASKED_FOR],
        moments=MappingProxyType(moments),
        files=(FileRead(SafeText("z-image.gguf"), read, seconds["weights"], ended),),
        requests=(WaitingRequest(NOON, passed),),
    )


def first(start: ColdStart, setting: Setting | None = None, known: Usual | None = None) -> Finding:
    return diagnose(start, known, setting or Setting())[0]


def history(*starts: ColdStart) -> Usual:
    return usual([timing(each) for each in starts])


# -- what single phases lost -------------------------------------------------------------------


def test_a_start_at_which_nothing_is_wrong_is_usual() -> None:
    (found,) = diagnose(start_of(), None, Setting())

    assert found.cause is Cause.USUAL
    assert found.says == "nothing stands out: 8.3 s in all, 2.5 s of them container"


def test_one_stream_through_the_mount() -> None:
    found = first(start_of(7_200_000_000, weights=65.4), Setting(mounted=True))

    assert found.cause is Cause.READING_SLOW
    assert found.says == "89 % reading weights at 110 MB/s: one stream through the mount"
    assert "to read it directly" in found.mend
    assert "ZIMAGE_MODELS=gs://BUCKET" in found.mend
    assert "--vpc-egress all-traffic" in found.mend
    assert (found.phase, found.seconds) == (StartPhase.WEIGHTS, 65.4)
    assert found.share == pytest.approx(65.4 / 73.12)


def test_reads_here_and_there_are_far_below_one_stream() -> None:
    # 15 GB in 374.9 s, as found in the field.
    found = first(start_of(15_000_000_000, weights=374.9))

    assert found.says.startswith("98 % reading weights at 40 MB/s: far below the 110 MB/s")


def test_a_small_model_that_is_read_slowly_is_judged_by_its_rate() -> None:
    found = first(start_of(7_000_000, weights=7.0))

    assert found.says.startswith("48 % reading weights at 1.0 MB/s: ")
    assert found.cause is Cause.READING_SLOW


def test_much_to_read_at_full_rate_is_no_slow_reading() -> None:
    # 17.53 GiB in 16.6 s, as measured through Direct VPC.
    found = first(start_of(18_822_686_638, weights=16.6))

    assert found.cause is Cause.READING_MUCH
    assert "at 1.1 GB/s: there are 18.8 GB to read, about as fast as it goes" in found.says
    assert "smaller model" in found.mend


def test_a_rate_in_between_can_still_be_raised() -> None:
    found = first(start_of(8_000_000_000, weights=20.0))

    assert (found.cause, "Direct VPC" in found.mend) == (Cause.READING_MUCH, True)


def test_slow_reading_that_is_next_to_nothing_of_the_start_is_no_matter() -> None:
    start = start_of(7_000_000, weights=2.0, **{"import": 60.0})

    assert [each.cause for each in diagnose(start, None, Setting())] == [Cause.IMPORT]


def test_files_read_at_once_have_one_rate_together() -> None:
    def read(name: str, size: int, took: float, ended: float) -> FileRead:
        return FileRead(SafeText(name), size, took, NOON + timedelta(seconds=ended))

    files = (read("a", 2_000, 10.0, 10.0), read("b", 3_000, 8.0, 10.0), read("c", 5_000, 9.0, 19.0))
    assert reading_rate(files) == pytest.approx(10_000 / 19)
    assert reading_rate(()) is None
    assert reading_rate((read("a", 10, 0.0, 1.0),)) is None


@pytest.mark.parametrize(
    ("phase", "seconds", "cause", "says"),
    [
        ("waiting", 12.0, Cause.QUEUE, "waited 12.0 s for an instance to be asked for"),
        ("container", 14.0, Cause.SCHEDULING, "container took 14.0 s to come up"),
        ("open_port", 6.0, Cause.PORT, "port opened after 6.0 s"),
        ("import", 9.0, Cause.IMPORT, "import took 9.0 s: the image is not precompiled"),
        ("to_device", 21.0, Cause.DEVICE, "weights were converted for 21.0 s"),
        ("warm-up", 8.0, Cause.WARM_UP, "warm-up took 8.0 s"),
        ("probe", 9.0, Cause.PROBE_LATE, "probe passed 9.0 s after the engine was ready"),
        ("first_answer", 30.0, Cause.FIRST_ANSWER, "first answer took 30.0 s once it could"),
    ],
)
def test_a_slow_phase_is_named_first_with_its_figures(
    phase: str, seconds: float, cause: Cause, says: str
) -> None:
    start = start_of(**{phase: seconds})
    found = diagnose(start, None, Setting())

    assert [each.cause for each in found] == [cause]
    assert found[0].says.startswith(says)
    assert found[0].mend
    assert found[0].seconds == pytest.approx(seconds)
    assert start.total is not None
    assert found[0].share == pytest.approx(seconds / start.total)


def test_what_cost_most_comes_first() -> None:
    start = start_of(600_000_000, **{"import": 9.0, "weights": 6.0, "container": 6.5})

    assert [each.cause for each in diagnose(start, None, Setting())] == [
        Cause.IMPORT,
        Cause.READING_SLOW,
        Cause.SCHEDULING,
    ]


def test_what_was_set_sharpens_the_words() -> None:
    slow = start_of(**{"import": 9.0, "probe": 9.0, "first_answer": 60.0, "container": 6.0})
    found = {
        each.cause: each
        for each in diagnose(
            slow, None, Setting(cpu_boost=False, probe_period=10.0, gpu=False, mounted=False)
        )
    }

    assert "--cpu-boost" in found[Cause.IMPORT].mend
    assert "it asks every 10 s" in found[Cause.PROBE_LATE].says
    often = {each.cause: each for each in diagnose(slow, None, Setting(probe_period=1.0))}
    assert "set to ask every 1 s, and was not content" in often[Cause.PROBE_LATE].says
    assert "--gpu 1" in found[Cause.FIRST_ANSWER].mend
    assert Cause.SCHEDULING in found
    # A GPU takes longer to come up.
    assert Cause.SCHEDULING not in {each.cause for each in diagnose(slow, None, Setting(gpu=True))}


def test_weights_from_the_image_are_not_blamed_on_a_mount() -> None:
    found = first(start_of(7_000_000_000, weights=60.0), Setting(mounted=False))

    assert "files of the image" in found.says


def test_a_bucket_that_is_read_directly_already_is_not_to_be_read_directly() -> None:
    direct = Setting(mounted=False, direct=True)
    found = first(start_of(7_000_000_000, weights=60.0), direct)

    assert "the network to the bucket gives no more" in found.says
    assert found.mend.startswith("route the service through Direct VPC")
    near = first(start_of(7_000_000_000, weights=35.0), direct)
    assert "ZIMAGE_MODELS" not in near.mend


def test_a_picture_that_took_long_is_told_from_others_before_it() -> None:
    slow = start_of(first_answer=30.0)

    assert "the picture itself took 28.0 s" in first(replace(slow, first_image=28.0)).says
    assert "only 4.0 s of them for the picture" in first(replace(slow, first_image=4.0)).says


def test_a_disk_of_this_machine_is_no_mount() -> None:
    start = replace(start_of(7_000_000_000, weights=60.0), reason=Reason.LOCAL)

    assert first(start).says.endswith("this machine's disk gives no more")
    assert first(start).mend == "keep the models on a faster disk"


# -- what is usual -----------------------------------------------------------------------------


def test_a_phase_below_every_limit_may_still_be_unusual() -> None:
    known = history(*(start_of(**{"import": 0.8}) for _ in range(6)))
    found = first(start_of(**{"import": 2.4}), known=known)

    assert found.cause is Cause.IMPORT
    assert found.says.startswith("import took 2.4 s: ")
    assert found.says.endswith(" (0.8 s is usual)")


def test_a_start_as_usual_says_what_is_usual() -> None:
    known = history(*(start_of() for _ in range(6)))

    assert first(start_of(), known=known).says == (
        "nothing stands out: 8.3 s in all, 2.5 s of them container; 8.3 s in all is usual"
    )


def test_slow_reading_is_a_finding_however_usual_it_is() -> None:
    slow = start_of(7_200_000_000, weights=65.4)

    assert first(slow, known=history(*[slow] * 9)).cause is Cause.READING_SLOW


# -- the probe ---------------------------------------------------------------------------------


def test_a_probe_that_passed_35_seconds_before_ready() -> None:
    timeline = (("process_start", 0.0, {}), ("port_open", 0.5, {}), ("ready", 36.0, {}))
    start = told_by(line(0, AUTOSCALING), line(1.4, PASSED), *spoken(0.4, timeline))
    found = {each.cause: each for each in diagnose(start, None, Setting())}

    early = found[Cause.PROBE_EARLY]
    assert early.says.startswith("probe passed 35.0 s before ready: it finds the port open")
    assert early.mend.startswith("use an HTTP start-up probe on /readyz")


def test_a_probe_over_http_that_passes_early_asks_the_wrong_path() -> None:
    start = told_by(*cold_start())
    found = {each.cause: each for each in diagnose(start, None, Setting(http_probe=True))}

    assert found[Cause.PROBE_EARLY].mend.startswith("let it ask /readyz")


def test_an_early_probe_costs_nothing_unless_somebody_was_answered_too_soon() -> None:
    start = told_by(*cold_start())
    assert [each.cause for each in diagnose(start, None, Setting())][-1] is Cause.PROBE_EARLY

    refused = told_by(*cold_start()[:-1], request(0.0, 4.0, 503))
    assert first(refused).cause is Cause.PROBE_EARLY


# -- failures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "says", "mend"),
    [
        (
            OVER_MEMORY,
            "failed, out of memory after 30.0 s: 16,469 MiB used of 16,384 MiB",
            "raise the limit (--memory) to more than 17 GiB",
        ),
        (NOT_RUN, "failed, the program could not be run: Application exec", "the usual causes"),
        (
            GAVE_UP,
            "failed, the start-up probe gave up after 1 try, 30.0 s in all: Connection failed with "
            "status DEADLINE_EXCEEDED",
            "if it was about to be ready, allow more tries",
        ),
        (
            EXITED,
            "failed, the container ended after 30.0 s: Container called exit(1).",
            "read its last lines in the log to see why",
        ),
        (
            KILLED,
            "failed, the container was killed after 30.0 s: signal 9",
            "give it more memory",
        ),
        (ENDED, "not finished, it was ended after 30.0 s: ", ""),
    ],
)
def test_a_failure_comes_first_with_its_figures(word: str, says: str, mend: str) -> None:
    found = first(told_by(line(0, AUTOSCALING), line(30, word)))

    assert found.cause is Cause.FAILED
    assert found.says.startswith(says)
    assert found.mend.startswith(mend)


def test_a_failure_of_the_engine_is_told_in_its_words() -> None:
    said = line(8, "no VAE in /models", Origin.APPLICATION, event="failed", at=5.0)
    found = first(told_by(line(0, AUTOSCALING), *spoken(3.0, TIMELINE[:2]), said))

    assert found.says == "failed, the engine cannot use the model after 8.0 s: no VAE in /models"


def test_starts_that_failed_before_are_why_somebody_waited() -> None:
    found = first(replace(start_of(waiting=17.0), retries=2))

    assert found.cause is Cause.FAILED_BEFORE
    assert found.says == "2 starts failed before this one: whoever asked waited 17.0 s meanwhile"


# -- what is not told --------------------------------------------------------------------------


def test_a_foreign_image_leaves_most_untold() -> None:
    start = told_by(line(0, AUTOSCALING), line(20, PASSED), request(-0.02, 22.0))
    (found,) = diagnose(start, None, Setting())

    assert found.cause is Cause.UNTOLD
    assert found.says == (
        "20.0 s are not told apart, container to probe: the engine logs nothing of its start"
    )
    assert found.seconds == 20.0


def test_missing_lines_are_not_blamed_on_the_engine() -> None:
    few = [each for each in cold_start() if each.event in ("", "process_start", "ready")]
    found = first(told_by(*few))

    assert found.cause is Cause.UNTOLD
    assert "lines of the log are missing" in found.says


def test_a_start_that_goes_on_says_what_it_does() -> None:
    found = first(told_by(line(0, MINIMUM), *spoken(1.0, TIMELINE[:3])))

    assert found.says == "under way: weights is not over yet"


def test_a_start_of_which_only_its_end_is_known_is_untold() -> None:
    assert first(told_by(line(0, PASSED))).cause is Cause.UNTOLD


# -- in brief ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phases", "brief"),
    [
        ({"import": 9.0}, "import took 9.0 s"),
        ({"weights": 7.0}, "48 % reading weights at 1.0 MB/s"),
        ({}, "nothing stands out"),
    ],
)
def test_a_headline_is_what_happened_without_why(phases: Mapping[str, float], brief: str) -> None:
    assert headline(diagnose(start_of(**phases), None, Setting())) == brief


def test_of_no_findings_there_is_no_headline() -> None:
    assert headline(()) == ""


def test_a_timing_of_a_history_is_enough_to_judge_by() -> None:
    figures = [Timing(NOON, SafeText("r"), 5.0, {StartPhase.WARM_UP: 0.2}) for _ in range(5)]

    assert first(start_of(**{"warm-up": 1.2}), known=usual(figures)).cause is Cause.WARM_UP
