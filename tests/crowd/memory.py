"""What may vanish, in the memory of the one process: a form asks for it some twenty times."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from idp.ports import Clock, Count, Forget, GiveBack, Hit, Once, Put, Step


@dataclass
class _Row:
    hits: int
    value: str
    ends_at: datetime


@dataclass
class MemoryEphemeral:
    """The port ``Ephemeral`` by the town's clock."""

    clock: Clock
    _rows: dict[str, _Row] = field(default_factory=dict)

    def hit(self, key: str, *, window: timedelta) -> int:
        row = self._row(key, window)
        row.hits += 1
        return row.hits

    def count(self, key: str) -> int:
        row = self._live(key)
        return row.hits if row else 0

    def together(self, steps: Sequence[Step]) -> list[int]:
        counts: list[int] = []
        for step in steps:
            counts.append(self._take(step))
            if isinstance(step, Once) and not counts[-1]:
                return counts + [0] * (len(steps) - len(counts))
        return counts

    def give_back(self, key: str) -> None:
        row = self._live(key)
        if row and row.hits:
            row.hits -= 1

    def line_up(self, key: str, *, now: int, ttl: timedelta) -> int:
        row = self._row(key, ttl)
        row.hits = max(row.hits, now) + 1
        row.ends_at = self.clock() + ttl
        return row.hits

    def add(self, key: str, *, ttl: timedelta) -> bool:
        if self._live(key):
            return False
        self.put(key, "", ttl=ttl)
        return True

    def put(self, key: str, value: str, *, ttl: timedelta) -> None:
        self._rows[key] = _Row(0, value, self.clock() + ttl)

    def find(self, key: str) -> str | None:
        row = self._live(key)
        return row.value if row else None

    def forget(self, key: str) -> None:
        self._rows.pop(key, None)

    def forget_expired(self, limit: int = 1000) -> int:
        now = self.clock()
        over = [key for key, row in self._rows.items() if row.ends_at <= now][:limit]
        for key in over:
            del self._rows[key]
        return len(over)

    def _take(self, step: Step) -> int:
        match step:
            case Hit(key, window, first_of) if first_of is None or self.count(first_of) == 1:
                return self.hit(key, window=window)
            case Hit(key) | Count(key):
                return self.count(key)
            case GiveBack(key):
                self.give_back(key)
            case Forget(key):
                self.forget(key)
            case Put(key, value, ttl):
                self.put(key, value, ttl=ttl)
            case Once(key, ttl):
                return int(self.add(key, ttl=ttl))
        return 0

    def _live(self, key: str) -> _Row | None:
        row = self._rows.get(key)
        return row if row and row.ends_at > self.clock() else None

    def _row(self, key: str, ttl: timedelta) -> _Row:
        row = self._live(key)
        if row is None:
            row = self._rows[key] = _Row(0, "", self.clock() + ttl)
        return row
