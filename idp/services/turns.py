"""Turns at an account that strangers flood: one password a second is verified, the others wait."""

from datetime import timedelta

from idp.domain.errors import DomainError
from idp.domain.rate_limits import EverybodysKey
from idp.ports import Clock, Ephemeral, HashingBusy, Vault
from idp.services.places import Places

EVERY = timedelta(seconds=1)
PURPOSE = "turn"


class TurnNeeded(DomainError):
    """The account's turn is later; the page holds the form until then."""

    code = "turn_needed"

    def __init__(self, wait: timedelta) -> None:
        super().__init__(self.code)
        self.wait = wait


class Turns:
    """A queue by typed ID that waits and does not refuse, fair by network.

    Where it is longer than ``longest``, each network has one turn in it at most: a network that
    floods fills its own lane, and from any other the wait is at most ``longest`` and a second for
    each network that waits.
    """

    def __init__(
        self, ephemeral: Ephemeral, clock: Clock, vault: Vault, *, longest: timedelta
    ) -> None:
        self._ephemeral = ephemeral
        self._vault = vault
        self._clock = clock
        self._longest = longest
        self._places = Places("turn", EVERY, ephemeral, clock, vault)

    def take(self, account: EverybodysKey, network: EverybodysKey | None) -> None:
        """Return when it is this one's turn now.

        Raises:
            TurnNeeded: the turn is later.
            HashingBusy: the network has a turn in the long queue already; its lane is full.
        """
        place = self._places.take(account)
        wait = place.at - self._clock()
        if wait <= EVERY:  # the next second: nobody is before it
            return
        if wait > self._longest and not self._is_first(account, network, wait):
            self._places.give_back(account, place.number)
            raise HashingBusy
        raise TurnNeeded(wait)

    def _is_first(
        self, account: EverybodysKey, network: EverybodysKey | None, wait: timedelta
    ) -> bool:
        lane = f"{account.value}|{network.value if network else ''}"
        row = f"turn:{self._vault.digest(lane, purpose=PURPOSE)}"
        return self._ephemeral.add(row, ttl=wait)
