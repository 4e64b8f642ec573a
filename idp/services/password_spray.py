"""One password tried over many IDs: seen before the hash is computed, whoever the IDs belong to."""

from enum import StrEnum

import structlog

from idp.domain.limits import SPRAYED_ACCOUNTS, SPRAYED_ACCOUNTS_BY_NETWORK, network_of
from idp.ports import Ephemeral, Vault
from idp.services.password_tries import canonical

PURPOSE = "password_spray"
DIGEST_LENGTH = 12
"""Hex digits kept of a keyed digest: enough to tell apart, too few to prove a guess by."""

log = structlog.get_logger(__name__)


class SprayScope(StrEnum):
    """Where the accounts of one password are counted."""

    NETWORK = "network"
    ALL = "all"


class PasswordSpray:
    """Counts, for an hour, the accounts that each password was tried at (attack SE14).

    A user name counts once for a password, whether or not it exists: who mistypes at the own
    account counts as one, however often. Counters may vanish; they hold keyed digests alone.
    """

    def __init__(
        self, ephemeral: Ephemeral, vault: Vault, *, counts: bool, asks_for_work: bool
    ) -> None:
        self._ephemeral = ephemeral
        self._vault = vault
        self._counts = counts
        self._asks_for_work = asks_for_work

    def needs_work(self, typed_user: str, typed_password: str, address: str) -> bool:
        """Count the try; tell whether so many accounts saw this password that it needs work."""
        if not self._counts:
            return False
        password = self._digest(f"password|{typed_password}")
        account = self._digest(f"account|{canonical(typed_user)}")
        network = self._digest(f"network|{network_of(address)}")
        limit, by_network = SPRAYED_ACCOUNTS, SPRAYED_ACCOUNTS_BY_NETWORK
        is_new = self._ephemeral.add(f"spray:{password}:{account}", ttl=limit.per)
        accounts = self._count(f"spray:{password}", is_new=is_new)
        here = self._count(f"spray:{password}:{network}", is_new=is_new)
        if is_new:
            _warn(SprayScope.ALL, accounts, limit.count)
            _warn(SprayScope.NETWORK, here, by_network.count)
        return self._asks_for_work and (accounts > limit.count or here > by_network.count)

    def _count(self, key: str, *, is_new: bool) -> int:
        if is_new:
            return self._ephemeral.hit(key, window=SPRAYED_ACCOUNTS.per)
        return self._ephemeral.count(key)

    def _digest(self, value: str) -> str:
        return self._vault.digest(value, purpose=PURPOSE)[:DIGEST_LENGTH]


def _warn(scope: SprayScope, accounts: int, limit: int) -> None:
    """Raise the alarm once a password and hour: when the threshold is passed."""
    if accounts == limit + 1:
        log.warning("password_spray", alarm="password_spray", scope=scope.value, accounts=accounts)
