"""A day of one physician whom all strangers flood."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tests import factories
from tests.crowd.citizens import Citizen, Wish, move_in
from tests.crowd.guesser import Guesser
from tests.crowd.hour import ADDRESS, HOUR, NIGHT, Size, new_town
from tests.crowd.strangers import POWERS
from tests.crowd.town import Town
from tests.crowd.visitor import Spent, Visitor
from tests.web.hub import Hub

BEFORE, AFTER = 1200.0, 5400.0
"""Strangers guess from so long before she comes until she is in, for so long after at most."""
BETWEEN = 60.0
"""From one of her devices to the next, so that each types the code that it asked for."""
QUIET = "5.9.9.9"
"""An address that she shares with no stranger."""


@dataclass(frozen=True)
class SignIn:
    """One sign-in of hers."""

    hour: float
    device: str
    citizen: Citizen

    @property
    def seconds(self) -> float | None:
        """Return how long it took; None when she did not arrive."""
        ends = self.citizen.arrived_at
        return None if ends is None else ends - self.citizen.begun_at


@dataclass(frozen=True)
class Day:
    """What became of her sign-ins, and what the strangers sent."""

    sign_ins: list[SignIn]
    strangers: list[Guesser]

    @property
    def statuses(self) -> Counter[int]:
        """Return what she was answered."""
        return sum((one.citizen.visitor.spent.statuses for one in self.sign_ins), Counter())


def take_place(
    make_hub: Callable[..., Hub], size: Size, hours: tuple[float, ...], before: float = BEFORE
) -> Day:
    """Let the day take place: at these hours she signs in, everywhere at once."""
    rng = random.Random(size.seed)
    town = new_town(make_hub, size.seed)
    phone = Visitor(town, town.browser(ADDRESS), "physician", 1.0)
    known = Citizen(0, Wish.KNOWN, phone, errs=False)
    move_in(known, physician=factories.PROVEN)
    town.hub.clock.move(NIGHT)
    town.begin()
    strangers = _gather(town, known, size, rng)
    sign_ins: list[SignIn] = []
    for hour in hours:
        now = list(_at(hour, known))
        sign_ins += now
        for number, sign_in in enumerate(now):
            town.let(sign_in.citizen.go(), hour * HOUR + number * BETWEEN)
        for stranger in strangers:
            walk = stranger.guess_until(lambda now=now: all(one.seconds for one in now))
            town.let(walk, hour * HOUR - before + rng.uniform(0, 30))
        town.run(hour * HOUR + AFTER)
    return Day(sign_ins, strangers)


def _gather(town: Town, victim: Citizen, size: Size, rng: random.Random) -> list[Guesser]:
    """Return the strangers, who all guess for her ID."""
    user, guessers = victim.national_id.value, []
    for number, address in enumerate(size.addresses):
        own = random.Random(rng.getrandbits(64))
        guessers.append(Guesser(town, user, address, POWERS[number % len(POWERS)], own))
    return guessers


def _at(hour: float, known: Citizen) -> Iterator[SignIn]:
    """Return her ways to sign in at this hour; each types the code that it asked for itself."""
    town = known.visitor.town
    ways = {
        "known": (known.visitor.browser, 1.0),
        "new": (town.browser(ADDRESS), 1.0),
        "new, an old phone": (town.browser(ADDRESS), 0.25),
        "new, on a quiet network": (town.browser(QUIET), 1.0),
    }
    for device, (browser, power) in ways.items():
        visitor = replace(known.visitor, browser=browser, power=power, spent=Spent())
        yield SignIn(hour, device, replace(known, visitor=visitor))
