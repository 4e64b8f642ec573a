"""A day of one physician whom all strangers flood."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from tests import factories
from tests.crowd.citizens import Citizen, Wish, move_in
from tests.crowd.hour import ADDRESS, HOUR, NIGHT, Size, gather, new_town
from tests.crowd.strangers import Stranger
from tests.crowd.visitor import Spent, Visitor
from tests.web.hub import Browser, Hub

BEFORE, AFTER = 180.0, 1800.0
"""Strangers guess from so long before she comes until she is in, for so long after at most.

The marks that they moved stay for the day, so that she meets them at their hardest each time.
"""
BETWEEN = 120.0
"""From her known device to the new one."""


@dataclass(frozen=True)
class SignIn:
    """One sign-in of hers."""

    hour: int
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
    strangers: list[Stranger]

    @property
    def guesses(self) -> Counter[int]:
        """Return what the strangers were answered."""
        return sum((one.visitor.spent.statuses for one in self.strangers), Counter())


def take_place(
    make_hub: Callable[..., Hub], size: Size, hours: tuple[int, ...], after: float = AFTER
) -> Day:
    """Let the day take place: at these hours she signs in, on both devices at once."""
    rng = random.Random(size.seed)
    town = new_town(make_hub, size.seed)
    phone = Visitor(town, town.browser(ADDRESS), "physician", 1.0)
    known = Citizen(0, Wish.KNOWN, phone, errs=False)
    move_in(known, physician=factories.PROVEN)
    town.hub.clock.move(NIGHT)
    town.begin()
    strangers = gather(town, [known], size, rng)
    sign_ins = []
    for hour in hours:
        now = [SignIn(hour, "known", again(known, phone.browser))]
        now.append(SignIn(hour, "new", again(known, town.browser(ADDRESS))))
        for number, sign_in in enumerate(now):
            town.let(sign_in.citizen.go(), hour * HOUR + number * BETWEEN)
        for stranger in strangers:
            walk = stranger.guess_until(lambda now=now: all(one.seconds for one in now))
            town.let(walk, hour * HOUR - BEFORE + rng.uniform(0, 30))
        sign_ins += now
    for hour in hours:
        town.run(hour * HOUR + after)
    return Day(sign_ins, strangers)


def again(citizen: Citizen, browser: Browser) -> Citizen:
    """Return the citizen at another time, at this browser."""
    return replace(citizen, visitor=replace(citizen.visitor, browser=browser, spent=Spent()))
