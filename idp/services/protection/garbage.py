"""Requests that cannot succeed by their form: they slow requests of their own kind alone."""

from idp.domain.protection.rate_limits import EverybodysKey, Limit
from idp.ports import Ephemeral, Vault
from idp.services.protection.owners_counters import TooMany

PURPOSE = "garbage"


class Garbage:
    """A bucket by network. It is asked after a request is known to be garbage, never before.

    So a request that could succeed is neither counted nor refused here (attacks D10, D11).
    """

    def __init__(self, limit: Limit | None, ephemeral: Ephemeral, vault: Vault) -> None:
        """``limit``: None counts nothing (switched off)."""
        self._limit = limit
        self._ephemeral = ephemeral
        self._vault = vault

    def throw_away(self, address: str) -> None:
        """Count one more of the network; what is no address has none.

        Raises:
            TooMany: there were so many that this answer is 429 instead of what is wrong with it.
        """
        key = EverybodysKey.of_network(address)
        if key is None or self._limit is None:
            return
        row = f"garbage:{self._vault.digest(key.value, purpose=PURPOSE)}"
        if self._ephemeral.hit(row, window=self._limit.per) > self._limit.count:
            raise TooMany(self._limit.per)
