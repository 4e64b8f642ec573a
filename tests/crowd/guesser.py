"""A stranger who does nothing but guess the passwords of one account, without a pause or a page."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from idp.domain.protection.rate_limits import HAD_TURN, NO_WORK, WorkDone, seconds_of
from idp.services.protection.password_tries import Visitor
from idp.services.protection.shared_marks import WorkNeeded
from idp.services.protection.turns import TurnNeeded
from idp.services.sign_in.entering import Attempt
from tests.crowd.town import Town, Walk


@dataclass
class Guesser:
    """Calls what the sign-in page calls; ``power`` seconds of a mid-range phone a second.

    ``verified``: guesses that were compared with the password. ``computed``: seconds of a
    mid-range phone.
    """

    town: Town
    user: str
    address: str
    power: float
    rng: random.Random
    verified: int = 0
    computed: float = 0.0

    def guess_until(self, is_over: Callable[[], bool]) -> Walk:
        """Guess until it is over; who is asked for work computes, and comes at once with it."""
        while not is_over():
            yield from self._guess(f"guess{self.rng.randrange(10**9)}")

    def _guess(self, password: str) -> Walk:
        work = NO_WORK
        while True:
            visitor = Visitor(browser=self.address, address=self.address, work=work)
            try:
                self.town.hub.deps.sign_in.with_password(self.user, password, Attempt(visitor))
            except WorkNeeded as needed:
                piece = self._piece(needed, work)
                seconds = seconds_of(piece) * self.rng.uniform(0.5, 1.5)  # as a puzzle takes
                self.computed += seconds
                yield seconds / self.power
                work = WorkDone(work.seconds + seconds_of(piece))
            except TurnNeeded as turn:
                yield turn.wait.total_seconds()
                work = HAD_TURN
            else:
                self.verified += 1
                yield 0.1
                return

    def _piece(self, needed: WorkNeeded, work: WorkDone) -> int:
        """Return the difficulty of the next puzzle, as the page makes it."""
        left = (seconds_of(needed.difficulty) - work.seconds - 1).bit_length()
        return min(left, self.town.hub.deps.settings.limits.hardest_puzzle)
