"""Turns at a flooded account: one password a second is verified, at a price in work.

Attackers behind the owner's address cannot be told from the owner, so no visitor is refused or
preferred. The price of a turn rises with the queue until all attackers together can just pay one
turn a second. A visitor who pays is verified at once: the queue is only a count, and becomes a wait
when the price has reached its maximum.

The first try of a network in a while has a separate price, which rises with the queue of such
firsts: at most every other turn goes to them, however many networks an attacker has.
"""

from collections.abc import Sequence
from datetime import timedelta

from idp.domain.errors import DomainError
from idp.domain.protection.rate_limits import EverybodysKey, TurnPrice, WorkDone
from idp.ports import Clock, Ephemeral, Forget, Step, Vault
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
    """The first try of a network at an account in a while: it has a price of its own."""

    def __init__(
        self, once_in: timedelta, price: TurnPrice, ephemeral: Ephemeral, clock: Clock, vault: Vault
    ) -> None:
        """``once_in``: how often each network has a first. ``price``: by the queue of firsts."""
        self._once_in = once_in
        self._price = price
        self._ephemeral = ephemeral
        self._clock = clock
        self._vault = vault
        self._queue = Places("first_turn", FIRSTS_EVERY, ephemeral, clock, vault)

    def take(
        self, account: EverybodysKey, network: EverybodysKey | None, done: WorkDone, price: int
    ) -> timedelta:
        """Take the first try of the network, and return the length of the queue of firsts.

        ``price``: what others pay. Raises WorkNeeded: it is not the first, or has not paid.
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

    def steps_back(self, account: EverybodysKey, network: EverybodysKey | None) -> Sequence[Step]:
        """Return the step that makes the next try of the network a first again."""
        return [Forget(self._row(EverybodysKey.of_lane(account, network)))]

    def _row(self, lane: EverybodysKey) -> str:
        return f"first_turn:{self._vault.digest(lane.value, purpose=PURPOSE)}"


class Turns:
    """A queue by typed ID, in which a turn costs work or a wait; it never refuses."""

    def __init__(
        self,
        price: TurnPrice | None,
        firsts: FirstOfNetwork,
        ephemeral: Ephemeral,
        clock: Clock,
        vault: Vault,
    ) -> None:
        """``price``: None requires no work (``protection.proof_of_work``); every try then waits."""
        self._price = price
        self._firsts = firsts
        self._clock = clock
        self._queue = Places("turn", EVERY, ephemeral, clock, vault)

    def take(self, account: EverybodysKey, network: EverybodysKey | None, done: WorkDone) -> None:
        """Take a turn at the account; raise unless the turn is due now.

        Raises:
            WorkNeeded: the price is higher than the work done; no place is taken.
            TurnNeeded: the price is paid, or there is none, and the turn is due later.
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
        if length > EVERY:  # a turn within the next second has nobody ahead of it
            raise TurnNeeded(length)

    def steps_back(self, account: EverybodysKey, network: EverybodysKey | None) -> Sequence[Step]:
        """Return the step that makes the network's next try its first.

        This one was right, or no hash was computed.
        """
        return self._firsts.steps_back(account, network)
