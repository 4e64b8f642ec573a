"""The time: the machine's, or the demo's, which can be moved."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def system_clock() -> datetime:
    """Return the machine's time, aware, UTC."""
    return datetime.now(UTC)


def pause(span: timedelta) -> None:
    """Let the current thread rest for so long."""
    time.sleep(span.total_seconds())


class ShiftedClock:
    """A clock that runs ahead of the machine's by a shift that every process reads from one place.

    For development only: hour 46 of a case can be seen without waiting for it.
    """

    def __init__(self, read_shift: Callable[[], float]) -> None:
        """``read_shift`` returns the seconds to add; it is asked at every reading."""
        self._read_shift = read_shift

    def __call__(self) -> datetime:
        """Return the machine's time plus the shift, aware, UTC."""
        return system_clock() + timedelta(seconds=self._read_shift())
