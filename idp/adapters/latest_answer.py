"""A question that may hang, such as to a database that is away: asked beside, answered in time."""

from collections.abc import Callable
from datetime import timedelta
from threading import Condition, Thread
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class LatestAnswer(Generic[T]):
    """Asks in a thread of its own, one at a time, and returns the answer or None in bounded time.

    However many threads want it, the question is asked once in ``keep``. An answer that comes late
    is kept for the next who asks. A question that hangs for good holds one thread, and only those
    who come in the first ``within`` of it wait.
    """

    def __init__(
        self,
        ask: Callable[[], T],
        *,
        keep: timedelta,
        within: timedelta,
        seconds: Callable[[], float] = monotonic,
    ) -> None:
        """``ask`` may raise nothing. ``within``: how long callers wait for a question's answer."""
        self._ask = ask
        self._keep = keep.total_seconds()
        self._within = within.total_seconds()
        self._seconds = seconds
        self._changed = Condition()
        self._is_asked = False
        self._asked_at = 0.0
        self._answer: T | None = None
        self._answered_at = -float("inf")

    def get(self) -> T | None:
        """Return an answer that is at most ``keep`` old; None when none comes in time."""
        with self._changed:
            if not self._is_fresh():
                self._begin()
                left = self._asked_at + self._within - self._seconds()
                self._changed.wait_for(self._is_fresh, max(0.0, left))
            return self._answer if self._is_fresh() else None

    def _is_fresh(self) -> bool:
        return self._seconds() - self._answered_at <= self._keep

    def _begin(self) -> None:
        if not self._is_asked:
            self._is_asked, self._asked_at = True, self._seconds()
            Thread(target=self._run, name="latest-answer", daemon=True).start()

    def _run(self) -> None:
        try:
            answer = self._ask()
        except BaseException:
            with self._changed:
                self._is_asked = False
            raise
        with self._changed:
            self._is_asked = False
            self._answer, self._answered_at = answer, self._seconds()
            self._changed.notify_all()
