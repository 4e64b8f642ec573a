"""Password rush: so many tries over all accounts and networks that every try requires work."""

from datetime import timedelta

from idp.ports import Clock, Ephemeral

HOUR = timedelta(hours=1)
RATE_WINDOW = timedelta(seconds=10)
HOUR_SECONDS = int(HOUR.total_seconds())


class PasswordRush:
    """Compares tries per second with the mean of the previous hour. Counters are ephemeral."""

    def __init__(self, ephemeral: Ephemeral, clock: Clock, *, above_normal: int | None) -> None:
        """``above_normal``: tries a second above the mean; None counts nothing (switched off)."""
        self._ephemeral = ephemeral
        self._clock = clock
        self._above_normal = above_normal

    def is_on(self) -> bool:
        """Count a try, and return whether the rush is on, so that each try requires work."""
        if self._above_normal is None:
            return False
        hour = int(self._clock().timestamp()) // HOUR_SECONDS
        self._ephemeral.hit(f"all:password:{hour}", window=2 * HOUR)
        normal = self._ephemeral.count(f"all:password:{hour - 1}") / HOUR_SECONDS
        count = self._ephemeral.hit("all:password:now", window=RATE_WINDOW)
        return count > RATE_WINDOW.total_seconds() * (self._above_normal + normal)
