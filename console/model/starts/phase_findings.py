"""What single phases of a start lost time to, and what mends each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from console.language import tr, tr_later, tr_many
from console.model.starts.case import Case, Lost, in_words, rate_in_words
from console.model.starts.findings import Cause
from console.model.starts.norms import (
    RATE_NEAR_FULL,
    RATE_ONE_STREAM,
    RATE_RANDOM,
    RATE_SLOW,
    READING_NOTABLE_SHARE,
    READING_SHARE,
    READING_WORTH,
)
from console.model.starts.start import FileRead, StartPhase

_DIRECT_VPC: Final = tr_later(
    "route the service through Direct VPC "
    "(--network NETWORK --subnet SUBNET --vpc-egress all-traffic, about 1 GB/s)"
)
_FASTER_BUCKET: Final = tr_later(
    "set ZIMAGE_MODELS=gs://BUCKET to read it directly, or route the service through Direct VPC "
    "(--network NETWORK --subnet SUBNET --vpc-egress all-traffic, about 1 GB/s)"
)


def slow_phases(case: Case) -> list[Lost]:
    """Return what was slow, in the order of phases."""
    found = (look(case) for look in _LOOKS)
    return [each for each in found if each is not None]


def reading_rate(files: tuple[FileRead, ...]) -> float | None:
    """Return the bytes a second at which files were read together, None if nobody can say.

    Several are read at once, so that their own rates say less than the whole does.
    """
    timed = [each for each in files if each.seconds > 0]
    if not timed:
        return None
    ends = [each.ended.timestamp() for each in timed]
    began = min(end - each.seconds for end, each in zip(ends, timed, strict=True))
    took = max(ends) - began
    return sum(each.bytes for each in timed) / took if took > 0 else None


def _queue(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.WAITING)
    if seconds is None or case.local:
        return None
    waited, retries = in_words(seconds), case.start.retries
    if retries:
        brief = tr_many(
            "1 start failed before this one", "{count} starts failed before this one", retries
        )
        why = tr("whoever asked waited {seconds} meanwhile", seconds=waited)
        mend = tr("see why they failed: they are in the list, and their last words in the log")
        return case.lost(Cause.FAILED_BEFORE, StartPhase.WAITING, brief, why, mend)
    brief = tr("waited {seconds} for an instance to be asked for", seconds=waited)
    why = tr("no more were allowed at once")
    mend = tr("allow more instances (--max-instances), as far as the quota goes")
    return case.lost(Cause.QUEUE, StartPhase.WAITING, brief, why, mend)


def _scheduling(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.CONTAINER)
    if seconds is None:
        return None
    brief = tr("container took {seconds} to come up", seconds=in_words(seconds))
    if case.setting.gpu:
        why = tr("a place with a GPU, image and mounts had to be found")
    else:
        why = tr("place, image and mounts had to be found")
    mend = tr(
        "nothing speeds the platform up; a smaller image in the service's own region helps, and "
        "an instance that is kept awake (--min-instances 1, billed) never waits"
    )
    why = case.against_usual(StartPhase.CONTAINER, why)
    return case.lost(Cause.SCHEDULING, StartPhase.CONTAINER, brief, why, mend)


def _port(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.PORT)
    if seconds is None:
        return None
    brief = tr("port opened after {seconds}", seconds=in_words(seconds))
    why = tr("the program's files are fetched as they are read for the first time")
    mend = tr("make the image smaller, and keep it in the service's own region")
    why = case.against_usual(StartPhase.PORT, why)
    return case.lost(Cause.PORT, StartPhase.PORT, brief, why, "" if case.local else mend)


def _import(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.IMPORT)
    if seconds is None:
        return None
    why = tr("the image is not precompiled, or too few processors compile it")
    mend = tr("precompile the image's Python files (python -m compileall)")
    if case.local:
        why, mend = tr("libraries are read from disk for the first time"), ""
    elif case.setting.cpu_boost is False:
        why = tr("the image is not precompiled, and no processors are lent for the start")
        mend = tr(
            "precompile the image's Python files (python -m compileall) and lend processors for "
            "the start (--cpu-boost)"
        )
    brief = tr("import took {seconds}", seconds=in_words(seconds))
    why = case.against_usual(StartPhase.IMPORT, why)
    return case.lost(Cause.IMPORT, StartPhase.IMPORT, brief, why, mend)


def _reading(case: Case) -> Lost | None:
    phase = StartPhase.WEIGHTS
    seconds, rate = case.seconds(phase), reading_rate(case.start.files)
    if seconds is None or seconds < READING_WORTH or rate is None:
        return None
    share, unusual = case.share(seconds), phase in case.unusual
    percent, speed = share * 100, rate_in_words(rate)
    brief = tr("{percent:.0f} % reading weights at {rate}", percent=percent, rate=speed)
    if rate < RATE_SLOW:
        if share < READING_NOTABLE_SHARE and not unusual:
            return None
        why, mend = _why_slow(case, rate)
        return case.lost(Cause.READING_SLOW, phase, brief, case.against_usual(phase, why), mend)
    if share < READING_SHARE and not unusual:
        return None
    why, mend = _why_much(case, rate)
    return case.lost(Cause.READING_MUCH, phase, brief, case.against_usual(phase, why), mend)


def _why_much(case: Case, rate: float) -> tuple[str, str]:
    size = case.start.bytes_read / 1e9
    if rate >= RATE_NEAR_FULL or case.local:
        return (
            tr("there are {size:.1f} GB to read, about as fast as it goes", size=size),
            tr("only a smaller model helps: a GGUF file of fewer bits"),
        )
    return tr("there are {size:.1f} GB to read", size=size), tr(_faster(case))


def _faster(case: Case) -> str:
    return _DIRECT_VPC if case.setting.direct else _FASTER_BUCKET


def _why_slow(case: Case, rate: float) -> tuple[str, str]:
    if case.local:
        return tr("this machine's disk gives no more"), tr("keep the models on a faster disk")
    mend = tr(_faster(case))
    if rate < RATE_RANDOM:
        far = tr("keep the bucket in the service's own region; then {mend}", mend=mend)
    else:
        far = mend
    if case.setting.direct:
        return tr("the network to the bucket gives no more"), far
    if case.setting.mounted is False:
        return (
            tr("files of the image are fetched as they are read"),
            tr("keep the models in a bucket rather than in the image"),
        )
    if rate < RATE_RANDOM:
        why = tr(
            "far below the {rate} of one stream through the mount, as storage far away or reads "
            "here and there are",
            rate=rate_in_words(RATE_ONE_STREAM),
        )
        return why, far
    return tr("one stream through the mount"), mend


def _device(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.DEVICE)
    if seconds is None:
        return None
    kept = case.start.kept_as
    brief = tr("weights were converted for {seconds}", seconds=in_words(seconds))
    if kept:
        why = tr("they are kept otherwise than in the files ({kept})", kept=kept)
    else:
        why = tr("they are rearranged")
    mend = tr(
        "round the transformer once and keep that in the bucket (python -m engine convert), keep "
        "them as the files have them (ZIMAGE_LINEAR=packed; each step takes longer then), or give "
        "it more processors (--cpu)"
    )
    why = case.against_usual(StartPhase.DEVICE, why)
    return case.lost(Cause.DEVICE, StartPhase.DEVICE, brief, why, mend)


def _warm_up(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.WARM_UP)
    if seconds is None:
        return None
    brief = tr("warm-up took {seconds}", seconds=in_words(seconds))
    why = tr("the first pass through the model compiles and fills what later ones find")
    mend = tr("lend it processors for the start (--cpu-boost), or give it more (--cpu)")
    why = case.against_usual(StartPhase.WARM_UP, why)
    return case.lost(Cause.WARM_UP, StartPhase.WARM_UP, brief, why, "" if case.local else mend)


def _probe_late(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.PROBE)
    if seconds is None:
        return None
    brief = tr("probe passed {seconds} after the engine was ready", seconds=in_words(seconds))
    why, mend = _why_late(seconds, case.setting.probe_period)
    why = case.against_usual(StartPhase.PROBE, why)
    return case.lost(Cause.PROBE_LATE, StartPhase.PROBE, brief, why, mend)


def _why_late(seconds: float, period: float | None) -> tuple[str, str]:
    if period and seconds > 2 * period:
        # Its period does not explain it: tries in between must have failed.
        return (
            tr("it is set to ask every {period:g} s, and was not content before", period=period),
            tr("see how long the engine takes to answer the probe's path once it is ready"),
        )
    mend = tr(
        "let it ask every second, and as much more often before it gives up: --startup-probe "
        "httpGet.path=/readyz,periodSeconds=1,failureThreshold=240"
    )
    if period:
        return tr("it asks every {period:g} s", period=period), mend
    return tr("it asks too rarely"), mend


def _first_answer(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.ANSWER)
    if seconds is None:
        return None
    picture = case.start.first_image
    brief = tr("first answer took {seconds} once it could", seconds=in_words(seconds))
    if picture is None:
        why = tr("the picture was made, or others were before it")
    elif picture >= seconds / 2:
        took = in_words(min(picture, seconds))
        why = tr("the picture itself took {seconds}", seconds=took)
    else:
        took = in_words(picture)
        why = tr("only {seconds} of them for the picture, so others were before it", seconds=took)
    if case.setting.gpu is False:
        mend = tr(
            "a GPU makes pictures many times faster (--gpu 1), and small ones of few steps come "
            "sooner"
        )
    else:
        mend = tr("ask for a small picture of few steps first")
    why = case.against_usual(StartPhase.ANSWER, why)
    return case.lost(Cause.FIRST_ANSWER, StartPhase.ANSWER, brief, why, mend)


_LOOKS: Final[tuple[Callable[[Case], Lost | None], ...]] = (
    _queue,
    _scheduling,
    _port,
    _import,
    _reading,
    _device,
    _warm_up,
    _probe_late,
    _first_answer,
)
