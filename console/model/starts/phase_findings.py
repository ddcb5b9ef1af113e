"""What single phases of a start lost time to, and what mends each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

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

_DIRECT_VPC: Final = (
    "route the service through Direct VPC "
    "(--network NETWORK --subnet SUBNET --vpc-egress all-traffic, about 1 GB/s)"
)
_FASTER_BUCKET: Final = f"set ZIMAGE_MODELS=gs://BUCKET to read it directly, or {_DIRECT_VPC}"
_SMALLER: Final = "only a smaller model helps: a GGUF file of fewer bits"
_MORE_PROCESSORS: Final = "lend it processors for the start (--cpu-boost), or give it more (--cpu)"


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
    waited = in_words(seconds)
    retries = case.start.retries
    if retries:
        starts = "1 start" if retries == 1 else f"{retries} starts"
        says = f"{starts} failed before this one: whoever asked waited {waited} meanwhile"
        mend = "see why they failed: they are in the list, and their last words in the log"
        return case.lost(Cause.FAILED_BEFORE, StartPhase.WAITING, says, mend)
    says = f"waited {waited} for an instance to be asked for: no more were allowed at once"
    mend = "allow more instances (--max-instances), as far as the quota goes"
    return case.lost(Cause.QUEUE, StartPhase.WAITING, says, mend)


def _scheduling(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.CONTAINER)
    if seconds is None:
        return None
    place = (
        "a place with a GPU, image and mounts" if case.setting.gpu else "place, image and mounts"
    )
    says = f"container took {in_words(seconds)} to come up: {place} had to be found"
    mend = (
        "nothing speeds the platform up; a smaller image in the service's own region helps, and "
        "an instance that is kept awake (--min-instances 1, billed) never waits"
    )
    says += case.usually(StartPhase.CONTAINER)
    return case.lost(Cause.SCHEDULING, StartPhase.CONTAINER, says, mend)


def _port(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.PORT)
    if seconds is None:
        return None
    says = (
        f"port opened after {in_words(seconds)}: the program's files are fetched as they are read "
        f"for the first time{case.usually(StartPhase.PORT)}"
    )
    mend = "" if case.local else "make the image smaller, and keep it in the service's own region"
    return case.lost(Cause.PORT, StartPhase.PORT, says, mend)


def _import(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.IMPORT)
    if seconds is None:
        return None
    why = "the image is not precompiled, or too few processors compile it"
    mend = "precompile the image's Python files (python -m compileall)"
    if case.local:
        why, mend = "libraries are read from disk for the first time", ""
    elif case.setting.cpu_boost is False:
        why = "the image is not precompiled, and no processors are lent for the start"
        mend = f"{mend} and lend processors for the start (--cpu-boost)"
    says = f"import took {in_words(seconds)}: {why}{case.usually(StartPhase.IMPORT)}"
    return case.lost(Cause.IMPORT, StartPhase.IMPORT, says, mend)


def _reading(case: Case) -> Lost | None:
    seconds, rate = case.seconds(StartPhase.WEIGHTS), reading_rate(case.start.files)
    if seconds is None or seconds < READING_WORTH or rate is None:
        return None
    share = case.share(seconds)
    brief = f"{share * 100:.0f} % reading weights at {rate_in_words(rate)}"
    usually = case.usually(StartPhase.WEIGHTS)
    unusual = StartPhase.WEIGHTS in case.unusual
    if rate < RATE_SLOW:
        if share < READING_NOTABLE_SHARE and not unusual:
            return None
        why, mend = _why_slow(case, rate)
        says = f"{brief}: {why}{usually}"
        return case.lost(Cause.READING_SLOW, StartPhase.WEIGHTS, says, mend)
    if share < READING_SHARE and not unusual:
        return None
    much = f"there are {case.start.bytes_read / 1e9:.1f} GB to read"
    near = rate >= RATE_NEAR_FULL or case.local
    says = f"{brief}: {much}, about as fast as it goes" if near else f"{brief}: {much}"
    mend = _SMALLER if near else _faster(case)
    return case.lost(Cause.READING_MUCH, StartPhase.WEIGHTS, f"{says}{usually}", mend)


def _faster(case: Case) -> str:
    return _DIRECT_VPC if case.setting.direct else _FASTER_BUCKET


def _why_slow(case: Case, rate: float) -> tuple[str, str]:
    if case.local:
        return "this machine's disk gives no more", "keep the models on a faster disk"
    if case.setting.direct:
        far = "keep the bucket in the service's own region; then " if rate < RATE_RANDOM else ""
        return "the network to the bucket gives no more", far + _DIRECT_VPC
    if case.setting.mounted is False:
        return (
            "files of the image are fetched as they are read",
            "keep the models in a bucket rather than in the image",
        )
    if rate < RATE_RANDOM:
        one = rate_in_words(RATE_ONE_STREAM)
        return (
            f"far below the {one} of one stream through the mount, as storage far away or reads "
            "here and there are",
            f"keep the bucket in the service's own region; then {_FASTER_BUCKET}",
        )
    return "one stream through the mount", _FASTER_BUCKET


def _device(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.DEVICE)
    if seconds is None:
        return None
    kept = case.start.kept_as
    how = f"they are kept otherwise than in the files ({kept})" if kept else "they are rearranged"
    says = f"weights were converted for {in_words(seconds)}: {how}{case.usually(StartPhase.DEVICE)}"
    mend = (
        "keep them as the files have them (ZIMAGE_LINEAR=packed; each step takes longer then), or "
        "give it more processors (--cpu)"
    )
    return case.lost(Cause.DEVICE, StartPhase.DEVICE, says, mend)


def _warm_up(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.WARM_UP)
    if seconds is None:
        return None
    says = (
        f"warm-up took {in_words(seconds)}: the first pass through the model compiles and fills "
        f"what later ones find{case.usually(StartPhase.WARM_UP)}"
    )
    mend = "" if case.local else _MORE_PROCESSORS
    return case.lost(Cause.WARM_UP, StartPhase.WARM_UP, says, mend)


def _probe_late(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.PROBE)
    if seconds is None:
        return None
    period = case.setting.probe_period
    why = f"it asks every {period:g} s" if period else "it asks too rarely"
    mend = (
        "let it ask every second, and as much more often before it gives up: --startup-probe "
        "httpGet.path=/readyz,periodSeconds=1,failureThreshold=240"
    )
    if period and seconds > 2 * period:
        # Its period does not explain it: tries in between must have failed.
        why = f"it is set to ask every {period:g} s, and was not content before"
        mend = "see how long the engine takes to answer the probe's path once it is ready"
    says = (
        f"probe passed {in_words(seconds)} after the engine was ready: {why}"
        f"{case.usually(StartPhase.PROBE)}"
    )
    return case.lost(Cause.PROBE_LATE, StartPhase.PROBE, says, mend)


def _first_answer(case: Case) -> Lost | None:
    seconds = case.slow(StartPhase.ANSWER)
    if seconds is None:
        return None
    picture = case.start.first_image
    if picture is None:
        why = "the picture was made, or others were before it"
    elif picture >= seconds / 2:
        why = f"the picture itself took {in_words(min(picture, seconds))}"
    else:
        why = f"only {in_words(picture)} of them for the picture, so others were before it"
    says = f"first answer took {in_words(seconds)} once it could: {why}"
    mend = (
        "a GPU makes pictures many times faster (--gpu 1), and small ones of few steps come sooner"
        if case.setting.gpu is False
        else "ask for a small picture of few steps first"
    )
    says += case.usually(StartPhase.ANSWER)
    return case.lost(Cause.FIRST_ANSWER, StartPhase.ANSWER, says, mend)


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
