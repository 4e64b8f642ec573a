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
from idp.domain.protection.rate_limits import EverybodysKey, TurnPrice, WorkDone
from idp.ports import Clock, Ephemeral, Vault
from idp.services.protection.places import Places
from idp.services.protection.shared_marks import WorkNeeded

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

    def take(
        self, account: EverybodysKey, network: EverybodysKey | None, done: WorkDone, price: int
    ) -> timedelta:
        """Be the first, and return the length of the queue of firsts.

        ``price``: what everybody pays who is no first. Raises WorkNeeded.
        """
        lane = EverybodysKey.of_lane(account, network)
        is_first = self._ephemeral.find(self._row(lane)) is None
        place = self._queue.take(account)
        length = place.at - self._clock()
        of_first = self._price.at(length)
        is_paid = done.pays(of_first)
        if is_first and is_paid and self._ephemeral.add(self._row(lane), ttl=self._once_in):
            return length
        self._queue.give_back(account, place.number)
        raise WorkNeeded(min(of_first, price) if is_first and not is_paid else price, lane=lane)

    def give_back(self, account: EverybodysKey, network: EverybodysKey | None) -> None:
        """Let the next one be the first."""
        self._ephemeral.forget(self._row(EverybodysKey.of_lane(account, network)))

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

    def take(self, account: EverybodysKey, network: EverybodysKey | None, done: WorkDone) -> None:
        """Return when it is this one's turn now.

        Raises:
            WorkNeeded: the price is higher than the work that was done; no place is taken.
            TurnNeeded: the price is paid, or there is none, and the turn is later.
        """
        place = self._queue.take(account)
        length = place.at - self._clock()
        if self._price is not None:
            price = self._price.at(length)
            if not done.pays(price):
                try:
                    length = self._firsts.take(account, network, done, price)
                except WorkNeeded:
                    self._queue.give_back(account, place.number)
                    raise
            length -= self._price.longest_by_price
        if length > EVERY:  # within the next second nobody is before it
            raise TurnNeeded(length)

    def give_back(self, account: EverybodysKey, network: EverybodysKey | None) -> None:
        """Let the next of the network be its first: nothing came of this one, or it was right."""
        self._firsts.give_back(account, network)
