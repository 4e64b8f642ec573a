"""One hour of the town, and what became of everybody."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tests.crowd.citizens import Citizen, settle
from tests.crowd.memory import MemoryEphemeral
from tests.crowd.strangers import POWERS, Stranger
from tests.crowd.town import PricedPuzzles, SeededRandomness, Town
from tests.crowd.visitor import Visitor
from tests.fakes import FixedClock
from tests.web.hub import Hub

ADDRESS = "5.1.1.1"
"""Behind which all citizens are, and the neighbours among the strangers."""
HOUR = 3600.0
GRACE = 900.0
"""Who came late in the hour may finish; strangers go on."""
NIGHT = timedelta(hours=12)


@dataclass(frozen=True)
class Size:
    """How many there are."""

    citizens: int
    neighbours: int
    elsewhere: int
    seed: int = 13
    within: float = HOUR
    """Seconds in which the citizens come."""

    @property
    def addresses(self) -> list[str]:
        """Return where the strangers are: behind the citizens' address, and elsewhere."""
        elsewhere = [f"5.2.{n // 250}.{n % 250 + 1}" for n in range(self.elsewhere)]
        return [ADDRESS] * self.neighbours + elsewhere


@dataclass(frozen=True)
class Hour:
    """What became of everybody."""

    town: Town
    citizens: list[Citizen]
    strangers: list[Stranger]

    @property
    def statuses(self) -> Counter[int]:
        """Return what the citizens were answered."""
        return sum((citizen.visitor.spent.statuses for citizen in self.citizens), Counter())


def new_town(make_hub: Callable[..., Hub], seed: int) -> Town:
    """Return a town at a hub with the limits that it ships with."""
    clock = FixedClock()
    ephemeral = MemoryEphemeral(clock)
    hub = make_hub(
        randomness=SeededRandomness(seed), puzzles=PricedPuzzles(), ephemeral=ephemeral, clock=clock
    )
    return Town(hub)


def take_place(make_hub: Callable[..., Hub], size: Size) -> Hour:
    """Let the hour take place."""
    rng = random.Random(size.seed)
    town = new_town(make_hub, size.seed)
    citizens = settle(town, size.citizens, ADDRESS, rng)
    town.hub.clock.move(NIGHT)
    town.begin()
    strangers = gather(town, citizens, size, rng)
    for citizen in citizens:
        town.let(citizen.go(), rng.uniform(0, size.within))
    for stranger in strangers:
        town.let(stranger.go(), rng.uniform(0, 10))
    town.run(size.within + GRACE)
    return Hour(town, citizens, strangers)


def gather(town: Town, victims: list[Citizen], size: Size, rng: random.Random) -> list[Stranger]:
    """Return the strangers: the neighbours behind the citizens' address, and the others."""
    strangers = []
    for number, address in enumerate(size.addresses):
        power = POWERS[number % len(POWERS)]
        visitor = Visitor(town, town.browser(address), f"stranger-{number}", power, reads=False)
        own = random.Random(rng.getrandbits(64))
        strangers.append(Stranger(visitor, victims, own))
    return strangers
