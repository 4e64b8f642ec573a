"""A town at one hub: its time is moved from one step of somebody to the next, in one thread.

A walk is a generator: what it does between two ``yield`` happens at one moment, and it yields the
seconds until it goes on. The same seed gives the same hour, whatever the machine.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from heapq import heappop, heappush
from itertools import count

from tests.web.hub import CODE, Browser, Hub

Walk = Iterator[float]


class SeededRandomness:
    """The port ``Randomness`` from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def token(self) -> str:
        return f"{self._random.getrandbits(256):043x}"[:43]

    def code(self) -> str:
        return f"{self._random.randrange(10**6):06}"

    def identifier(self) -> str:
        digits = f"{self._random.getrandbits(128):032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def tracking_number(self) -> str:
        return f"{self._random.randrange(10**9, 10**10)}"


class PricedPuzzles:
    """The port ``Puzzles`` where work is a price: the seconds that a mid-range phone computes.

    As with the real ones a puzzle takes half to one and a half times the mean, which is a second
    at difficulty 0 and doubles with each more; here they are counted and not computed.
    """

    def make(self, subject: str, difficulty: int) -> str:
        luck = int(sha256(subject.encode()).hexdigest()[:8], 16) / 2**32
        return json.dumps({"subject": subject, "seconds": (0.5 + luck) * 2**difficulty})

    def is_solved(self, subject: str, solution: str) -> bool:
        return solution == f"solved:{subject}"


@dataclass(frozen=True)
class Letter:
    """An SMS that reached a phone, and who caused it."""

    at: datetime
    caused_by: str
    code: str | None


@dataclass
class Town:
    """The hub, its time, and every phone."""

    hub: Hub
    letters: dict[str, list[Letter]] = field(default_factory=lambda: defaultdict(list))
    requests: int = 0
    _begun: datetime = field(init=False)
    _queue: list[tuple[float, int, Walk]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Let time begin now: at second 0."""
        self._begun = self.hub.clock()

    @property
    def second(self) -> float:
        """Return the seconds since the beginning."""
        return (self.hub.clock() - self._begun).total_seconds()

    def browser(self, address: str) -> Browser:
        """Return a new browser behind ``address``."""
        browser = self.hub.browser()
        browser.client.environ_base["REMOTE_ADDR"] = address
        return browser

    def let(self, walk: Walk, at: float) -> None:
        """Let somebody begin at this second."""
        heappush(self._queue, (at, next(self._numbers), walk))

    def run(self, until: float) -> None:
        """Let everybody go on until this second; who is on the way then stays there."""
        while self._queue and self._queue[0][0] <= until:
            at, _, walk = heappop(self._queue)
            self.hub.clock.now = self._begun + timedelta(seconds=at)
            wait = next(walk, None)
            if wait is not None:
                self.let(walk, at + wait)
        self.hub.clock.now = self._begun + timedelta(seconds=until)

    def deliver(self, caused_by: str) -> None:
        """Bring the messages of the outbox to their phones."""
        for message in self.hub.take_sms():
            found = CODE.search(message.text)
            letter = Letter(self.hub.clock(), caused_by, found.group(1) if found else None)
            self.letters[message.to.e164].append(letter)
        self.hub.sms.clear()
