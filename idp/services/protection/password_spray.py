"""Password spraying: one password tried at many IDs, detected before the hash is computed."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from idp.domain.protection.rate_limits import canonical, network_of
from idp.ports import Ephemeral, Vault

HOUR = timedelta(hours=1)
PURPOSE = "password_spray"
DIGEST_LENGTH = 12
"""Hex digits kept of a keyed digest: enough to tell values apart, too few to confirm a guess."""

log = structlog.get_logger(__name__)


class SprayScope(StrEnum):
    """The scope in which the accounts of one password are counted."""

    NETWORK = "network"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class SprayLimits:
    """Accounts at which one password may be tried in an hour before each try needs work."""

    over_all: int
    by_network: int


class PasswordSpray:
    """Counts the accounts at which each password was tried within an hour (attack SE14).

    A user name counts once per password, whether or not it exists, so a citizen who repeats a typo
    counts once. Counters are ephemeral and hold keyed digests only.
    """

    def __init__(
        self,
        ephemeral: Ephemeral,
        vault: Vault,
        limits: SprayLimits | None,
        *,
        asks_for_work: bool,
    ) -> None:
        """``limits``: None counts nothing (switched off)."""
        self._ephemeral = ephemeral
        self._vault = vault
        self._limits = limits
        self._asks_for_work = asks_for_work

    def needs_work(self, typed_user: str, typed_password: str, address: str) -> bool:
        """Count the try; return whether it needs work: its password was tried at many IDs."""
        limits = self._limits
        if limits is None:
            return False
        password = self._digest(f"password|{typed_password}")
        account = self._digest(f"account|{canonical(typed_user)}")
        is_new = self._ephemeral.add(f"spray:{password}:{account}", ttl=HOUR)
        accounts = self._count(f"spray:{password}", is_new=is_new)
        here = self._count_here(password, address, is_new=is_new)
        if is_new:
            _warn(SprayScope.ALL, accounts, limits.over_all)
            _warn(SprayScope.NETWORK, here, limits.by_network)
        return self._asks_for_work and (accounts > limits.over_all or here > limits.by_network)

    def _count_here(self, password: str, address: str, *, is_new: bool) -> int:
        """Count within the network of the address; an invalid address has none (attack D13)."""
        network = network_of(address)
        if network is None:
            return 0
        return self._count(f"spray:{password}:{self._digest(f'network|{network}')}", is_new=is_new)

    def _count(self, key: str, *, is_new: bool) -> int:
        if is_new:
            return self._ephemeral.hit(key, window=HOUR)
        return self._ephemeral.count(key)

    def _digest(self, value: str) -> str:
        return self._vault.digest(value, purpose=PURPOSE)[:DIGEST_LENGTH]


def _warn(scope: SprayScope, accounts: int, limit: int) -> None:
    """Log the alarm when the count passes the limit: once per password, scope and hour."""
    if accounts == limit + 1:
        log.warning("password_spray", alarm="password_spray", scope=scope.value, accounts=accounts)
