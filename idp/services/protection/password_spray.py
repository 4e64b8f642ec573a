"""Password spraying: one password tried at many IDs, detected before the hash is computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import structlog

from idp.domain.protection.rate_limits import canonical, network_of
from idp.ports import Hit, Step, Vault

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

    def __init__(self, vault: Vault, limits: SprayLimits | None, *, asks_for_work: bool) -> None:
        """``limits``: None counts nothing (switched off)."""
        self._vault = vault
        self._limits = limits
        self._asks_for_work = asks_for_work

    def steps(self, typed_user: str, typed_password: str, address: str) -> Sequence[Step]:
        """Return the steps that count a try; none when switched off.

        Within the network of the address it is counted too; an invalid address has none (attack
        D13).
        """
        if self._limits is None:
            return []
        password = f"spray:{self._digest(f'password|{typed_password}')}"
        seen = f"{password}:{self._digest(f'account|{canonical(typed_user)}')}"
        network = network_of(address)
        here = [f"{password}:{self._digest(f'network|{network}')}"] if network else []
        counted = (Hit(key, HOUR, first_of=seen) for key in (password, *here))
        return [Hit(seen, HOUR), *counted]

    def needs_work(self, counts: Sequence[int]) -> bool:
        """Return whether the try needs work, by the counts of ``steps``.

        It does when its password was tried at many IDs.
        """
        limits = self._limits
        if limits is None or not counts:
            return False
        times, accounts, *of_network = counts
        here = sum(of_network)
        if times == 1:
            _warn(SprayScope.ALL, accounts, limits.over_all)
            _warn(SprayScope.NETWORK, here, limits.by_network)
        return self._asks_for_work and (accounts > limits.over_all or here > limits.by_network)

    def _digest(self, value: str) -> str:
        return self._vault.digest(value, purpose=PURPOSE)[:DIGEST_LENGTH]


def _warn(scope: SprayScope, accounts: int, limit: int) -> None:
    """Log the alarm when the count passes the limit: once per password, scope and hour."""
    if accounts == limit + 1:
        log.warning("password_spray", alarm="password_spray", scope=scope.value, accounts=accounts)
