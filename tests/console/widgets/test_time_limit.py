from __future__ import annotations

import re
import signal

import pytest

from console.widgets.time_limit import TookTooLong, time_limit


def test_an_expression_that_goes_astray_is_given_up() -> None:
    with pytest.raises(TookTooLong), time_limit(0.05):
        re.search("(a+)+$", "a" * 64 + "b")


def test_work_in_time_is_left_alone_and_nothing_stays_behind() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with time_limit(5.0):
        assert re.search("a+", "baa")
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is before
