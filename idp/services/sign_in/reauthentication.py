"""Reauthentication: the password typed again before a sensitive act at a signed-in browser."""

from dataclasses import dataclass, replace
from datetime import timedelta

from idp.domain.people.account import Account
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry, HashingBusy
from idp.services.kernel import Kernel
from idp.services.protection.password_tries import Guess, PasswordTries, Visitor
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.sessions import Sessions, SignedIn
from idp.services.sign_in.sign_in import LONGEST_PASSWORD_BYTES

FRESH = timedelta(minutes=5)
"""How long after the password was typed a sensitive act does not require it again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reauthentication:
    """Checks the signed-in citizen's password, counted like any other password try (SE11)."""

    kernel: Kernel
    sessions: Sessions
    tries: PasswordTries
    devices: KnownDevices

    def is_fresh(self, session: Session) -> bool:
        """Return whether the password was typed within the last five minutes (ASVS 7.5.1)."""
        return self.kernel.clock() - session.password_at <= FRESH

    def check(self, session: Session, typed: str, visitor: Visitor) -> Account | None:
        """Return the account of the session when ``typed`` is its password, else None.

        A wrong password is written to the account's history: it was typed at a signed-in browser.

        Raises:
            TooMany: the device's or session's backoff runs; no stranger or network affects it.
            HashingBusy: too many hashes at once; the try is not counted.
        """
        account = self._account_of(session)
        if account is None:
            return None
        device = self.devices.find(visitor.device, account)
        owner = OwnersKey.of_device(device) if device else OwnersKey.of_session(session)
        guess = Guess(account.national_id.value, typed, visitor)
        if not self._is_right(guess, account, owner):
            self._note_refusal(account)
            return None
        with self.kernel.begin() as work:
            self.tries.settle(work, guess, owner)
        return account

    def prove(self, session: Session, typed: str, visitor: Visitor) -> SignedIn | None:
        """Renew the session's ``password_at`` under a new token (SE01); None for a wrong password.

        ``auth_time``, ``acr`` and ``amr`` stay unchanged for portals: an old second step does not
        become fresh (attack SE06). Raises as ``check``.
        """
        if self.check(session, typed, visitor) is None:
            return None
        proven = replace(session, password_at=self.kernel.clock())
        with self.kernel.begin() as work:
            return self.sessions.prove_again(work, proven)

    def _account_of(self, session: Session) -> Account | None:
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
        is_live = account is not None and account.is_active and account.epoch == session.epoch
        return account if is_live else None

    def _is_right(self, guess: Guess, account: Account, owner: OwnersKey) -> bool:
        lane = self.tries.take(guess, owner)
        if len(guess.password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD_BYTES:
            return False
        hashed = account.credentials.password_hash
        try:
            return self.kernel.hashing.verify(guess.password, hashed, lane=lane)
        except HashingBusy:
            self.tries.take_back(guess, owner)
            raise

    def _note_refusal(self, account: Account) -> None:
        with self.kernel.begin() as work:
            work.audit.add(
                AuditEntry(
                    at=self.kernel.clock(),
                    actor=account.id,
                    action="password_refused",
                    subject=account.id,
                )
            )
