"""The ephemeral store in Redis (D2). Losing its content costs speed and nothing else."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Lock
from typing import TypeVar

import structlog

from idp.adapters.circuit_breaker import CircuitBreaker
from idp.adapters.local_bucket import LocalBucket
from idp.adapters.redis_clients import AWAY, Client, RedisClients
from idp.ports import Forget, Hit, Once, Put, Step
from idp.telemetry.catalogue import REDIS_ERRORS

SECONDS = 0.1
MOST_OWED = 10_000
FAILURES = 3
REST = timedelta(seconds=1)
_TOGETHER = """
local counts, by_key = {}, {}
for at, key in ipairs(KEYS) do
  local name, value, ttl = ARGV[3 * at - 2], ARGV[3 * at - 1], ARGV[3 * at]
  local count = 0
  if name == 'Hit' and (value == '' or by_key[value] == 1) then
    redis.call('SET', key, '0', 'NX', 'PX', ttl)
    count = redis.call('INCR', key)
  elseif name == 'Hit' or name == 'Count' then
    count = tonumber(redis.call('GET', key) or '0')
  elseif name == 'GiveBack' and tonumber(redis.call('GET', key) or '0') > 0 then
    redis.call('DECR', key)
  elseif name == 'Forget' then
    redis.call('DEL', key)
  elseif name == 'Put' then
    redis.call('SET', key, value, 'PX', ttl)
  elseif name == 'Once' then
    count = redis.call('SET', key, '1', 'NX', 'PX', ttl) and 1 or 0
  end
  counts[at], by_key[key] = count, count
  if name == 'Once' and count == 0 then break end
end
return counts
"""
_GIVE_BACK = """
local count = tonumber(redis.call('GET', KEYS[1]) or '0')
if count > 0 then redis.call('DECR', KEYS[1]) end
"""
_LINE_UP = """
local place = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), tonumber(ARGV[1])) + 1
redis.call('SET', KEYS[1], string.format('%d', place), 'PX', ARGV[2])
return place
"""
"""Lua scripts, because Redis runs each one atomically."""
T = TypeVar("T")

log = structlog.get_logger(__name__)


class RedisEphemeral:
    """The port ``Ephemeral``; no call raises or takes longer than a few tenths of a second.

    While Redis is unavailable, counters and stamps are kept in this process alone, and nothing is
    cached: ``find`` returns None. Keys that could not be replaced or removed meanwhile (10,000 at
    most) are removed before Redis is used again, so that no stale copy is read.

    redis-py drops a connection on any error, so that a late reply never answers the next command.
    """

    def __init__(
        self,
        url: str,
        *,
        seconds: float = SECONDS,
        bucket: LocalBucket | None = None,
        breaker: CircuitBreaker | None = None,
    ) -> None:
        """``seconds`` bounds each connect and each reply."""
        self._clients = RedisClients(url, seconds=seconds)
        self._bucket = bucket or LocalBucket()
        self._breaker = breaker or CircuitBreaker(failures=FAILURES, rest=REST)
        self._owed: set[str] = set()
        self._lock = Lock()

    def answers(self) -> bool:
        """Return whether Redis answers now; in a few tenths of a second, whatever the breaker."""
        try:
            self._redis.get("ping")
        except AWAY:
            return False
        return True

    @property
    def _redis(self) -> Client:
        return self._clients()

    def _name(self, key: str) -> str:
        return self._clients.tag + key

    def hit(self, key: str, *, window: timedelta) -> int:
        """Increment the count of ``key`` and return it; it starts at zero after ``window``."""

        def count() -> int:
            # SET NX sets the expiry in the same transaction: no counter is without one.
            with self._redis.pipeline(transaction=True) as together:
                together.set(self._name(key), 0, px=_milliseconds(window), nx=True)
                together.incr(self._name(key))
                return int(together.execute()[1])

        return self._ask(count, lambda: self._bucket.hit(key, window=window))

    def count(self, key: str) -> int:
        """Return the count of ``key``; read again once after a connection error."""

        def read() -> int:
            found = self._redis.get(self._name(key))
            return int(found) if isinstance(found, str) else 0

        return self._ask(_twice(read), lambda: self._bucket.count(key))

    def together(self, steps: Sequence[Step]) -> Sequence[int]:
        """Take the steps by one script of Redis, and return the count of each."""
        keys = [self._name(step.key) for step in steps]
        words = [word for step in steps for word in self._words(step)]

        def take() -> list[int]:
            answer = self._redis.eval(_TOGETHER, len(keys), *keys, *words)
            taken = [int(one) for one in answer] if isinstance(answer, list) else []
            return [*taken, *[0] * (len(steps) - len(taken))]

        return self._ask(take, lambda: self._take_alone(steps)) if steps else []

    def give_back(self, key: str) -> None:
        """Decrement the count of ``key``, not below zero."""

        def take_one_back() -> None:
            self._run(_GIVE_BACK, key)

        self._ask(take_one_back, lambda: self._bucket.give_back(key))

    def line_up(self, key: str, *, now: int, ttl: timedelta) -> int:
        """Take and return the next place in the queue."""
        return self._ask(
            lambda: self._run(_LINE_UP, key, now, _milliseconds(ttl)),
            lambda: self._bucket.line_up(key, now=now, ttl=ttl),
        )

    def add(self, key: str, *, ttl: timedelta) -> bool:
        """Add ``key``; return False when it exists already."""
        return self._ask(
            lambda: bool(self._redis.set(self._name(key), "1", px=_milliseconds(ttl), nx=True)),
            lambda: self._bucket.add(key, ttl=ttl),
        )

    def put(self, key: str, value: str, *, ttl: timedelta) -> None:
        """Keep ``value`` for at most ``ttl``; do not keep it while Redis is unavailable."""

        def write() -> None:
            self._redis.set(self._name(key), value, px=_milliseconds(ttl))

        self._ask(write, lambda: self._owe(key))

    def find(self, key: str) -> str | None:
        """Return the kept value, or None; read again once after a connection error."""

        def read() -> str | None:
            found = self._redis.get(self._name(key))
            return found if isinstance(found, str) else None

        return self._ask(_twice(read), lambda: None)

    def forget_expired(self, limit: int = 0) -> int:  # noqa: ARG002 (there is nothing to delete)
        """Return 0: Redis itself deletes expired keys."""
        return 0

    def forget(self, key: str) -> None:
        """Remove ``key``, now or before Redis is used again."""

        def remove() -> None:
            self._redis.delete(self._name(key))

        self._ask(remove, lambda: self._owe(key))

    def _ask(self, ask: Callable[[], T], otherwise: Callable[[], T]) -> T:
        if not self._breaker.lets_through():
            return otherwise()
        try:
            self._settle()
            answer = ask()
        except AWAY as error:
            self._breaker.failed()
            REDIS_ERRORS.add()
            log.warning("redis_unavailable", error=type(error).__name__)
            return otherwise()
        self._breaker.succeeded()
        return answer

    def _take_alone(self, steps: Sequence[Step]) -> list[int]:
        for step in steps:
            if isinstance(step, Forget | Put):
                self._owe(step.key)
        return self._bucket.together(steps)

    def _words(self, step: Step) -> tuple[str, str, str]:
        """Return the step's name, value and milliseconds, as the script takes them."""
        value, span = "", timedelta(0)
        match step:
            case Hit(_, window, first_of):
                value, span = "" if first_of is None else self._name(first_of), window
            case Once(_, ttl):
                span = ttl
            case Put(_, kept, ttl):
                value, span = kept, ttl
        return type(step).__name__, value, str(_milliseconds(span))

    def _run(self, script: str, key: str, *values: int) -> int:
        answer = self._redis.eval(script, 1, self._name(key), *map(str, values))
        return answer if isinstance(answer, int) else 0

    def _owe(self, key: str) -> None:
        with self._lock:
            if len(self._owed) < MOST_OWED:
                self._owed.add(key)
            else:
                log.error("redis_removals_lost")

    def _settle(self) -> None:
        with self._lock:
            owed = tuple(self._owed)
        if owed:
            self._redis.delete(*map(self._name, owed))
            with self._lock:
                self._owed.difference_update(owed)


def _twice(read: Callable[[], T]) -> Callable[[], T]:
    def read_twice() -> T:
        try:
            return read()
        except AWAY:
            return read()

    return read_twice


def _milliseconds(span: timedelta) -> int:
    return max(1, int(span / timedelta(milliseconds=1)))
