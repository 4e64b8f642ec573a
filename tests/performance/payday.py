"""A pay day as a queue: visitors who come by a profile, and servers that serve one at a time.

The model of docs/operate/capacity.md has closed formulas for a steady rate; this plays the day,
with its rise, its burst and its random arrivals, and shows what the formulas leave out.
"""

import heapq
import math
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

BURST = 1.5
"""How many times the hour's mean rate comes in the minutes after the SMS that money is there."""
BURST_FROM, BURST_UNTIL = 0.4, 0.5
"""Of the hour."""
Service = Callable[[random.Random], float]
"""Returns the seconds that the next visitor takes a server."""


@dataclass(frozen=True)
class Queue:
    """Servers before which visitors wait, and how long at most."""

    servers: int
    places: int = 1_000_000
    """Of those who wait; whoever finds none is refused."""
    patience: float = math.inf
    """Seconds after which a waiting visitor is refused."""


@dataclass(frozen=True)
class Day:
    """What the visitors saw."""

    waits: Sequence[float]
    """Seconds of those who were served, before they were."""
    refused: int

    @property
    def mean(self) -> float:
        """The mean wait."""
        return statistics.fmean(self.waits) if self.waits else 0.0

    def quantile(self, share: float) -> float:
        """Return the wait that this share of the served did not exceed."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))]


def profile(share_of_hour: float) -> float:
    """Return the rate at a moment of the busiest hour, over the hour's mean.

    A rise and a fall, and a burst; the mean over the hour is 1.
    """
    smooth = 1 + 0.3 * math.sin(math.pi * (share_of_hour - 0.25) * 2)
    burst = BURST if BURST_FROM <= share_of_hour < BURST_UNTIL else _REST
    return smooth * burst


_REST = (1 - BURST * (BURST_UNTIL - BURST_FROM)) / (1 - (BURST_UNTIL - BURST_FROM))


def arrivals(
    rate: float, seconds: float, chance: random.Random, *, steady: bool = False
) -> list[float]:
    """Return the moments at which visitors come: a Poisson process, by the profile or steady."""
    highest = rate * (1.0 if steady else 1.3 * BURST)
    moments, now = [], 0.0
    while (now := now + chance.expovariate(highest)) < seconds:
        wanted = rate if steady else rate * profile(now / seconds)
        if chance.random() * highest < wanted:
            moments.append(now)
    return moments


def play(moments: Sequence[float], queue: Queue, service: Service, chance: random.Random) -> Day:
    """Let visitors come at these moments to one queue, first come first served."""
    free = [0.0] * queue.servers
    begun: list[float] = []  # when those who still wait will begin
    waits: list[float] = []
    refused = 0
    for moment in moments:
        while begun and begun[0] <= moment:
            heapq.heappop(begun)
        begins = max(moment, free[0])
        if begins > moment and (len(begun) >= queue.places or begins - moment > queue.patience):
            refused += 1
            continue
        heapq.heapreplace(free, begins + service(chance))
        if begins > moment:
            heapq.heappush(begun, begins)
        waits.append(begins - moment)
    return Day(waits, refused)


def erlang_c(rate: float, service: float, servers: int) -> float:
    """Return the share of visitors who wait at a steady rate (M/M/c).

    Source: A. K. Erlang 1917; L. Kleinrock, Queueing Systems I, 3.5. 1 from saturation on.
    """
    load = rate * service
    if load >= servers:
        return 1.0
    blocking = 1.0  # Erlang B by its recursion, which no factorial overflows
    for number in range(1, servers + 1):
        blocking = load * blocking / (number + load * blocking)
    return blocking / (1 - load / servers * (1 - blocking))


def mean_wait(rate: float, service: float, servers: int) -> float:
    """Return the mean seconds of waiting at a steady rate (M/M/c); infinite from saturation on."""
    spare = servers / service - rate
    return erlang_c(rate, service, servers) / spare if spare > 0 else math.inf
