"""Clocks: the machine's, and the demo's, which can be shifted."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


def system_clock() -> datetime:
    """Return the machine's time, aware, UTC."""
    return datetime.now(UTC)


def pause(span: timedelta) -> None:
    """Sleep in the current thread for ``span``."""
    time.sleep(span.total_seconds())


class ShiftedClock:
    """A clock ahead of the machine's by a shift that all processes read from one place.

    For development only: it shows hour 46 of a case without a wait.
    """

    def __init__(self, read_shift: Callable[[], float]) -> None:
        """``read_shift`` returns the seconds to add; every reading of the clock calls it."""
        self._read_shift = read_shift

    def __call__(self) -> datetime:
        """Return the machine's time plus the shift, aware, UTC."""
        return system_clock() + timedelta(seconds=self._read_shift())
