"""Garbage: requests that cannot succeed by their form. The limit affects garbage only."""

from idp.domain.protection.rate_limits import EverybodysKey, Limit
from idp.ports import Ephemeral, Vault
from idp.services.protection.owners_counters import TooMany

PURPOSE = "garbage"


class Garbage:
    """A rate limit by network, applied only after a request is known to be garbage.

    A request that could succeed is neither counted nor refused here (attacks D10, D11).
    """

    def __init__(self, limit: Limit | None, ephemeral: Ephemeral, vault: Vault) -> None:
        """``limit``: None counts nothing (switched off)."""
        self._limit = limit
        self._ephemeral = ephemeral
        self._vault = vault

    def throw_away(self, address: str) -> None:
        """Count one garbage request of the network; an invalid address has no network.

        Raises:
            TooMany: past the limit; the answer is 429 instead of the request's own error.
        """
        key = EverybodysKey.of_network(address)
        if key is None or self._limit is None:
            return
        row = f"garbage:{self._vault.digest(key.value, purpose=PURPOSE)}"
        if self._ephemeral.hit(row, window=self._limit.per) > self._limit.count:
            raise TooMany(self._limit.per)
