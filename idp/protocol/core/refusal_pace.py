"""How often refusals are written: strangers can cause them without end (attack D05)."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from threading import Lock

from idp.domain.clients.refusal import Refusal

SAME_EVERY = timedelta(seconds=10)
"""Equal refusals are counted in memory, and written together."""

OF_CLIENT, OF_ALL = 30, 120
"""Lines that a process writes in a minute, for one client and for all. Those of authenticated
clients have counts of their own: strangers delay strangers' lines."""

MOST_WAITING = 1000
LOOK_AT = 5

_Place = tuple[str, str, str, int]
_LOOKS = (False, "looks")


class Pace:
    """Holds refusals back until they may be written.

    The first one of a place is written at once. What waits is written with a later refusal of this
    process, oldest first; what waits when the process ends is lost.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._waiting: dict[_Place, Refusal] = {}
        self._written: dict[_Place, datetime] = {}
        self._counts: Counter[tuple[bool, str]] = Counter()
        self._minute: datetime | None = None

    def take(self, refusal: Refusal) -> Sequence[Refusal]:
        """Return the lines to write now, with the refusal or without it."""
        now, place = refusal.last_at, _place(refusal)
        with self._lock:
            self._begin_minute(now)
            self._hold(place, refusal)
            looked_at = dict.fromkeys([place, *islice(self._waiting, LOOK_AT)])
            due = [one for one in looked_at if one in self._waiting and self._may(one, now)]
            return [self._waiting.pop(one) for one in due]

    def may_look(self, now: datetime) -> bool:
        """Return whether the client of a request that named none may be looked up now."""
        with self._lock:
            self._begin_minute(now)
            self._counts[_LOOKS] += 1
            return self._counts[_LOOKS] <= OF_ALL

    def _begin_minute(self, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if minute != self._minute:
            self._minute = minute
            self._counts.clear()
            self._written = {
                place: at for place, at in self._written.items() if now - at < SAME_EVERY
            }

    def _hold(self, place: _Place, refusal: Refusal) -> None:
        before = self._waiting.get(place)
        if before is not None:
            self._waiting[place] = before.with_more(refusal)
        elif len(self._waiting) < MOST_WAITING:
            self._waiting[place] = refusal

    def _may(self, place: _Place, now: datetime) -> bool:
        before = self._written.get(place)
        if before is not None and timedelta(0) <= now - before < SAME_EVERY:
            return False
        refusal = self._waiting[place]
        own, every = (refusal.is_proven, refusal.client_id), (refusal.is_proven, "all")
        if self._counts[own] >= OF_CLIENT or self._counts[every] >= OF_ALL:
            return False
        self._counts.update([own, every])
        self._written[place] = now
        return True


def _place(refusal: Refusal) -> _Place:
    return refusal.client_id, refusal.endpoint, refusal.reason, refusal.slot
