"""Turns at an account that strangers flood: one password a second is verified, and work decides.

Strangers behind the owner's address cannot be told from the owner, so nobody is refused and nobody
is preferred: a turn has a price in work, which rises with the queue until all strangers together
can just pay one turn a second. Whoever pays it is verified at once; the queue is a count, and
becomes a wait only where the price may rise no more.

The first of a network in a while pays a price of its own, which rises with the number of such
firsts: at most every other turn goes to them, however many networks a stranger has.
"""

from datetime import timedelta

from idp.domain.errors import DomainError
from idp.domain.rate_limits import EverybodysKey, TurnPrice, WorkDone
from idp.ports import Clock, Ephemeral, Vault
from idp.services.places import Places
from idp.services.shared_marks import WorkNeeded

EVERY = timedelta(seconds=1)
FIRSTS_EVERY = 2 * EVERY
PURPOSE = "turn"


class TurnNeeded(DomainError):
    """The account's turn is later; the page holds the form until then."""

    code = "turn_needed"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(self.code)
        self.wait = wait


class FirstOfNetwork:
    """Who comes from a network, to an account, as the first in a while; asked for less."""

    def __init__(
        self, once_in: timedelta, price: TurnPrice, ephemeral: Ephemeral, clock: Clock, vault: Vault
    ) -> None:
        """``once_in``: each network has a first so often. ``price``: by the queue of firsts."""
        self._once_in = once_in
        self._price = price
        self._ephemeral = ephemeral
        self._clock = clock
        self._vault = vault
        self._queue = Places("first_turn", FIRSTS_EVERY, ephemeral, clock, vault)

    def price(self, account: EverybodysKey, lane: EverybodysKey) -> int | None:
        """Return the price of being the first; None when somebody was, lately."""
        if self._ephemeral.find(self._row(lane)) is not None:
            return None
        place = self._queue.take(account)
        self._queue.give_back(account, place.number)
        return self._price.at(place.at - self._clock())

    def take(self, account: EverybodysKey, lane: EverybodysKey) -> bool:
        """Be the first; False when another was faster."""
        if not self._ephemeral.add(self._row(lane), ttl=self._once_in):
            return False
        self._queue.take(account)
        return True

    def give_back(self, lane: EverybodysKey) -> None:
        """Let the next one be the first."""
        self._ephemeral.forget(self._row(lane))

    def _row(self, lane: EverybodysKey) -> str:
        return f"first_turn:{self._vault.digest(lane.value, purpose=PURPOSE)}"


class Turns:
    """A queue by typed ID that asks for work and waits; it has no way to refuse."""

    def __init__(
        self,
        price: TurnPrice | None,
        firsts: FirstOfNetwork,
        ephemeral: Ephemeral,
        clock: Clock,
        vault: Vault,
    ) -> None:
        """``price``: None asks for no work (``protection.proof_of_work``); then all wait."""
        self._price = price
        self._firsts = firsts
        self._clock = clock
        self._queue = Places("turn", EVERY, ephemeral, clock, vault)

    def take(
        self, account: EverybodysKey, network: EverybodysKey | None, done: WorkDone
    ) -> None:
        """Return when it is this one's turn now.

        Raises:
            WorkNeeded: the price is higher than the work that was done; no place is taken.
            TurnNeeded: the price is paid, or there is none, and the turn is later.
        """
        place = self._queue.take(account)
        length = place.at - self._clock()
        if self._price is not None:
            lane = EverybodysKey.of_lane(account, network)
            asked = self._asked(self._price.at(length), account, lane, done)
            if asked is not None:
                self._queue.give_back(account, place.number)
                raise WorkNeeded(asked, lane=lane)
            length -= self._price.longest_by_price
        if length > EVERY:  # within the next second nobody is before it
            raise TurnNeeded(length)

    def give_back(self, account: EverybodysKey, network: EverybodysKey | None) -> None:
        """Let the next of the network be its first: nothing came of this one, or it was right."""
        self._firsts.give_back(EverybodysKey.of_lane(account, network))

    def _asked(
        self, price: int, account: EverybodysKey, lane: EverybodysKey, done: WorkDone
    ) -> int | None:
        """Return the price that is still to be paid; None when it is paid."""
        if done.pays(price):
            return None
        of_first = self._firsts.price(account, lane)
        if of_first is None:
            return price
        if not done.pays(of_first):
            return min(of_first, price)
        return None if self._firsts.take(account, lane) else price
