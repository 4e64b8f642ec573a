"""A bound that only a runaway computation meets: seconds of the processor, not of the clock."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import pytest


@contextmanager
def no_runaway(seconds: float = 5) -> Iterator[None]:
    """Fail when the block has computed for so long; a busy machine alone does not make it fail."""

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        pytest.fail(f"computes for {seconds} s")

    before = signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
