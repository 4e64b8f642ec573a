"""Password rush: so many tries over all accounts and networks that every try requires work."""

from collections.abc import Sequence
from datetime import timedelta

from idp.ports import Clock, Count, Hit, Step

HOUR = timedelta(hours=1)
RATE_WINDOW = timedelta(seconds=10)
HOUR_SECONDS = int(HOUR.total_seconds())


class PasswordRush:
    """Compares tries per second with the mean of the previous hour. Counters are ephemeral."""

    def __init__(self, clock: Clock, *, above_normal: int | None) -> None:
        """``above_normal``: tries a second above the mean; None counts nothing (switched off)."""
        self._clock = clock
        self._above_normal = above_normal

    def steps(self) -> Sequence[Step]:
        """Return the steps that count a try; none when switched off."""
        if self._above_normal is None:
            return []
        hour = int(self._clock().timestamp()) // HOUR_SECONDS
        return [
            Hit(f"all:password:{hour}", 2 * HOUR),
            Count(f"all:password:{hour - 1}"),
            Hit("all:password:now", RATE_WINDOW),
        ]

    def is_on(self, counts: Sequence[int]) -> bool:
        """Return whether each try requires work, by the counts of ``steps``."""
        if self._above_normal is None or not counts:
            return False
        _, last_hour, now = counts
        normal = last_hour / HOUR_SECONDS
        return now > RATE_WINDOW.total_seconds() * (self._above_normal + normal)
