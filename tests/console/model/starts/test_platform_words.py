from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from start_lines import (
    AUTOSCALING,
    ENDED,
    EXITED,
    GAVE_UP,
    KILLED,
    MINIMUM,
    NOT_RUN,
    OVER_MEMORY,
    PASSED,
    PATIENTLY,
    READYZ,
    ROLLOUT,
)

from console.model.starts.first_of import FirstOf
from console.model.starts.platform_words import (
    MemoryUse,
    WordKind,
    memory_use,
    platform_word,
)
from console.model.starts.start import Probe, ProbeKind, Reason
from console.model.text import SafeText

TEXTS = (
    AUTOSCALING, ROLLOUT, MINIMUM, PASSED, READYZ, GAVE_UP, EXITED, ENDED, KILLED, OVER_MEMORY,
    NOT_RUN,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (AUTOSCALING, Reason.AUTOSCALING),
        (ROLLOUT, Reason.DEPLOYMENT_ROLLOUT),
        (MINIMUM, Reason.MANUAL_OR_CUSTOMER_MIN_INSTANCE),
        ("Starting new instance. Reason: MAINTENANCE - Instance moved.", Reason.UNKNOWN),
        ("Starting new instance.", Reason.UNKNOWN),
    ],
)
def test_why_an_instance_is_started(text: str, reason: Reason) -> None:
    word = platform_word(text)

    assert word is not None
    assert (word.kind, word.reason, word.final) == (WordKind.STARTING, reason, False)


@pytest.mark.parametrize(
    ("text", "kind", "probe"),
    [
        (PASSED, WordKind.PROBE_PASSED, Probe(ProbeKind.TCP, True, 1)),
        (READYZ, WordKind.PROBE_PASSED, Probe(ProbeKind.HTTP, False, 4, SafeText("/readyz"))),
        (GAVE_UP, WordKind.PROBE_FAILED, Probe(ProbeKind.TCP, True, 1)),
        ("STARTUP GRPC probe succeeded", WordKind.PROBE_PASSED, Probe(ProbeKind.GRPC, False)),
        (
            'STARTUP HTTP probe failed 12 times consecutively for container "w" on port 7860 path '
            '"/readyz". The instance was not started.\nHTTP request returned status 503',
            WordKind.PROBE_FAILED,
            Probe(ProbeKind.HTTP, False, 12, SafeText("/readyz")),
        ),
    ],
)
def test_what_a_probe_found(text: str, kind: WordKind, probe: Probe) -> None:
    word = platform_word(text)

    assert word is not None
    assert (word.kind, word.probe) == (kind, probe)
    assert word.final is (kind is WordKind.PROBE_FAILED)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (OVER_MEMORY, WordKind.OVER_MEMORY),
        (EXITED, WordKind.ENDED),
        (KILLED, WordKind.ENDED),
        (NOT_RUN, WordKind.NOT_RUN),
        (GAVE_UP.replace("Connection failed with status", NOT_RUN), WordKind.NOT_RUN),
    ],
)
def test_how_a_container_ends(text: str, kind: WordKind) -> None:
    word = platform_word(text)

    assert word is not None
    assert (word.kind, word.final) == (kind, True)


def test_how_much_memory_was_used() -> None:
    assert memory_use(OVER_MEMORY) == MemoryUse(16_384, 16_469)
    assert memory_use(EXITED) is None


@pytest.mark.parametrize(
    "text", ["", "LIVENESS HTTP probe failed 1 time", "said: Container called exit(1)."]
)
def test_other_lines_say_nothing(text: str) -> None:
    assert platform_word(text) is None


@PATIENTLY
@given(st.sampled_from(TEXTS), st.integers(0, 300), st.text(max_size=20))
def test_texts_cut_or_spoilt_anywhere_are_read_or_left(text: str, place: int, junk: str) -> None:
    for spoilt in (text[:place], text[:place] + junk + text[place:], "9" * 5_000 + text):
        word = platform_word(spoilt)
        assert word is None or word.kind in WordKind
        memory_use(spoilt)


@PATIENTLY
@given(st.lists(st.integers(0, 30)), st.integers(1, 8))
def test_the_first_few_are_the_same_in_whatever_order_they_come(
    numbers: list[int], limit: int
) -> None:
    first = FirstOf[int](limit, lambda each: each)
    told = [first.offer(each) for each in numbers]

    assert list(first) == sorted(set(numbers))[:limit]
    assert sum(told) >= len(first)
    assert not any(first.offer(each) for each in numbers)
