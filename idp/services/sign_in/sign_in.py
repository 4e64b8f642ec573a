"""Sign-in: the password, a code on a new device, and the second step that a portal requires."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from enum import StrEnum

import structlog

from idp.domain.people.account import Account
from idp.domain.people.national_id import InvalidNationalId, NationalId
from idp.domain.protection.rate_limits import OwnersKey, canonical
from idp.domain.sign_in.known_device import KnownDevice
from idp.domain.sign_in.one_time_code import CodeStanding, CodeTry
from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP, Session
from idp.ports import (
    HashingBusy,
    HashLane,
    PendingSignIn,
)
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice
from idp.services.protection.password_tries import Guess, PasswordTries, Visitor
from idp.services.sign_in.entering import Arrival, Attempt, Entered, Entering
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_in.outcomes import counted
from idp.services.sign_in.second_factor import SecondFactor
from idp.services.sign_in.sessions import Proof, Sessions
from idp.store.unit_of_work import UnitOfWork

LONGEST_PASSWORD_BYTES = 1024
PENDING_LIFE = timedelta(minutes=10)
PENDING = "pending_sign_in_id"
BY_PASSWORD = ("pwd",)
"""``amr`` of RFC 8176; a second factor adds its own."""

log = structlog.get_logger(__name__)


class Refused(StrEnum):
    """Why a sign-in failed. ``wrong``: anything but an active account's right password."""

    WRONG = "wrong"
    CODE_WRONG = "code_wrong"
    CODE_DEAD = "code_dead"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class CodeNeeded:
    """The password was right; the code sent to the account's phone is required next.

    The device is new, or a password alone is never enough for the account. The same browser and
    account get the same ``pending_id`` again, and keep the code that was sent.
    """

    pending_id: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Signs citizens in. Unknown ID, inactive account and wrong password are one refusal (E01)."""

    kernel: Kernel
    sessions: Sessions
    second_factor: SecondFactor
    devices: KnownDevices
    tries: PasswordTries
    new_device_code: bool
    other_names: Mapping[str, NationalId] = field(default_factory=dict)
    """User names that are no national ID: only that of the conformance suite's citizen."""

    @counted("password")
    def with_password(
        self, typed_user: str, typed_password: str, attempt: Attempt
    ) -> Entered | CodeNeeded | Refused:
        """Sign in, ask for a code, or refuse.

        For every user name the same statements and one hash of the same cost run. The device is
        looked up, with the account, before the try is counted: on a known device it counts for the
        owner alone.

        Raises:
            TooMany: too many wrong passwords on a known device of the account.
            WorkNeeded, TurnNeeded: elsewhere, a proof of work or a turn is required first.
            HashingBusy: too many hashes at once; the try is not counted.
        """
        guess = Guess(typed_user, typed_password, attempt.visitor)
        national_id = self._national_id(typed_user)
        account, device = self.devices.find_with_account(attempt.visitor.device, national_id)
        owner = _owner_of(device)
        lane = self.tries.take(guess, owner)
        if not self._is_right(guess, account, owner, lane) or account is None:
            log.info("sign_in.refused", account=account.id if account else None)
            self._note_refusal(account if device else None, attempt.visitor)
            return Refused.WRONG
        right = _Right(guess, account, self._rehashed(typed_password, account), device)
        return self._after_password(right, attempt)

    def _is_right(
        self, guess: Guess, account: Account | None, owner: OwnersKey | None, lane: HashLane
    ) -> bool:
        """Verify a counted try; uncount it when no hash was computed.

        A right one is uncounted in the ephemeral store; ``_after_password`` uncounts it in rows.
        """
        if len(guess.password.encode("utf-8", "surrogatepass")) > LONGEST_PASSWORD_BYTES:
            return False
        hashed = account.credentials.password_hash if account else None
        try:
            is_right = self.kernel.hashing.verify(guess.password, hashed, lane=lane)
        except HashingBusy:
            self.tries.take_back(guess, owner)
            raise
        if is_right:
            self.tries.settle_network(guess, owner)
        return is_right

    @counted("code")
    def with_code(self, pending_id: str, typed_code: str, attempt: Attempt) -> Entered | Refused:
        """Finish a sign-in that needs a code; only one of several concurrent requests succeeds.

        The pending sign-in is bound to the browser (attack SE02) and to the account's epoch.
        """
        found = self._find_pending(pending_id, attempt.visitor.browser)
        if found is None:
            return Refused.EXPIRED
        pending, account = found
        with self.kernel.begin() as work:
            tried = self.second_factor.attempt(work, pending.id, account, typed_code)
            if tried is not CodeTry.RIGHT:
                return _refusal_of(tried)
            taken = work.pending_sign_ins.take(pending.id, self.kernel.clock())
            current = work.accounts.find(account.id)
            if taken is None or current is None or not _is_of_epoch(current, pending.epoch):
                return Refused.EXPIRED
            device = self.devices.find(attempt.visitor.device, current)
            if device is None:
                event = Event(subject=current.id, name=_name_of(pending), at=self.kernel.clock())
                tell_owner(work, Notice.NEW_DEVICE, current, event, self.kernel.issuer)
            proof = Proof(pending.password_at, ACR_PASSWORD_OTP, self._amr_of_both)
            return self._entering.enter(work, current, proof, attempt, device)

    def awaited_code(self, pending_id: str, browser: str) -> CodeStanding | None:
        """Return what the page of a code may say; None when this browser has no pending sign-in."""
        found = self._find_pending(pending_id, browser)
        if found is None:
            return None
        pending, account = found
        with self.kernel.begin(read_only=True) as work:
            standing = self.second_factor.standing(work, pending.id, account)
        return replace(standing, is_always_asked=not account.is_enough(ACR_PASSWORD))

    def send_again(self, pending_id: str, attempt: Attempt) -> bool:
        """Send another code for a pending sign-in; False when there is none in this browser.

        It invalidates the previous code (attack O04). Within a minute of that, or past the
        account's own limit, nothing changes, and ``awaited_code`` says so.
        """
        found = self._find_pending(pending_id, attempt.visitor.browser)
        if found is None:
            return False
        with self.kernel.begin() as work:
            self._challenge(work, found[0].id, found[1], attempt, again=True)
        return True

    def awaited_step(self, session: Session) -> CodeStanding | None:
        """Return what the page of the second step may say; None when the account does not exist."""
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
            if account is None:
                return None
            return self.second_factor.standing(work, session.id, account)

    def send_second_step(self, session: Session, attempt: Attempt) -> None:
        """Send a code to the phone of the signed-in citizen, within the account's own limits.

        A session already raised gets none, so that the form of an old page costs no SMS.
        """
        if session.acr == ACR_PASSWORD_OTP:
            return
        with self.kernel.begin() as work:
            account = work.accounts.find(session.account_id)
            if account is not None:
                self._challenge(work, session.id, account, attempt, again=True)

    @counted("second_step")
    def second_step(self, session: Session, typed_code: str, attempt: Attempt) -> Entered | Refused:
        """Raise a live session to the ``acr`` of password and code, under a new token."""
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
        if account is None or not _is_of_epoch(account, session.epoch):
            return Refused.EXPIRED
        device = self.devices.find(attempt.visitor.device, account)
        with self.kernel.begin() as work:
            tried = self.second_factor.attempt(work, session.id, account, typed_code)
            if tried is not CodeTry.RIGHT:
                return _refusal_of(tried)
            proven = replace(session, acr=ACR_PASSWORD_OTP, amr=self._amr_of_both)
            raised = self.sessions.prove_again(work, proven)
            if raised is None:
                return Refused.EXPIRED
            return self._entering.entered(work, account, raised, device, attempt.visitor)

    def _after_password(self, right: "_Right", attempt: Attempt) -> Entered | CodeNeeded | Refused:
        with self.kernel.begin() as work:
            has_no_more = attempt.session is None and right.new_hash is None
            if has_no_more and self._is_enough(right, right.account):
                return self._enter_at_once(work, right, attempt)
            account = self._confirmed(work, right)
            self.tries.settle(work, right.guess, right.owner)
            if account is None:
                return Refused.WRONG
            if self._is_enough(right, account):
                proof = Proof(self.kernel.clock(), ACR_PASSWORD, BY_PASSWORD)
                return self._entering.enter(work, account, proof, attempt, right.device)
            pending = self._pending(account, attempt.visitor.browser)
            work.pending_sign_ins.put(pending)
            self._entering.note(work, account, "sign_in.code_needed", attempt.visitor, {})
            self._challenge(work, pending.id, account, attempt)
        return CodeNeeded(pending.id)

    def _is_enough(self, right: "_Right", account: Account) -> bool:
        is_known = right.device is not None or not self.new_device_code
        return is_known and account.is_enough(ACR_PASSWORD)

    def _enter_at_once(
        self, work: UnitOfWork, right: "_Right", attempt: Attempt
    ) -> Entered | Refused:
        """Enter by one statement where no session is renewed and no hash replaced."""
        settlement = self.tries.settlement(right.guess, right.owner)
        proof = Proof(self.kernel.clock(), ACR_PASSWORD, BY_PASSWORD)
        arrival = Arrival(right.account, right.device, proof, settlement)
        entered = self._entering.at_once(work, arrival, attempt)
        if entered is None:
            work.counters.settle(settlement)
            return Refused.WRONG
        return entered

    def _confirmed(self, work: UnitOfWork, right: "_Right") -> Account | None:
        """Return the locked account, rehashed when due; None when state or epoch has changed."""
        account = work.accounts.lock(right.account.id)
        if account is None or not _is_of_epoch(account, right.account.epoch):
            return None
        if right.new_hash is not None:
            credentials = replace(account.credentials, password_hash=right.new_hash)
            account = replace(account, credentials=credentials)
            work.accounts.save(account)
        return account

    def _note_refusal(self, account: Account | None, visitor: Visitor) -> None:
        """Audit a wrong password on a known device only; strangers' tries fill no table."""
        if account is not None:
            with self.kernel.begin() as work:
                self._entering.note(work, account, "sign_in.refused", visitor, {})

    def _national_id(self, typed_user: str) -> NationalId | None:
        try:
            return self.other_names.get(typed_user) or NationalId.parse(canonical(typed_user))
        except InvalidNationalId:
            return None

    def _find_pending(self, pending_id: str, browser: str) -> tuple[PendingSignIn, Account] | None:
        with self.kernel.begin(read_only=True) as work:
            pending = work.pending_sign_ins.find(pending_id)
            if pending is None or not hmac.compare_digest(pending.browser, browser):
                return None
            account = work.accounts.find(pending.account_id)
        if account is None or self.kernel.clock() >= pending.expires_at:
            return None
        return pending, account

    def _pending(self, account: Account, browser: str) -> PendingSignIn:
        now = self.kernel.clock()
        return PendingSignIn(
            id=self.kernel.vault.digest(f"{browser}|{account.id}", purpose=PENDING),
            browser=browser,
            account_id=account.id,
            epoch=account.epoch,
            password_at=now,
            expires_at=now + PENDING_LIFE,
        )

    def _rehashed(self, typed_password: str, account: Account) -> str | None:
        if not self.kernel.hashing.needs_rehash(account.credentials.password_hash):
            return None
        try:
            return self.kernel.hashing.hash(typed_password)
        except HashingBusy:  # the next sign-in will do it
            return None

    def _challenge(
        self,
        work: UnitOfWork,
        flow_id: str,
        account: Account,
        attempt: Attempt,
        *,
        again: bool = False,
    ) -> None:
        self.second_factor.challenge(work, flow_id, account, portal=attempt.portal, again=again)

    @property
    def _entering(self) -> Entering:
        return Entering(self.kernel, self.sessions, self.devices)

    @property
    def _amr_of_both(self) -> tuple[str, ...]:
        return (*BY_PASSWORD, *self.second_factor.amr)


def _name_of(pending: PendingSignIn) -> str:
    """Return an event name unique to this sign-in of browser and account."""
    return f"{pending.id}:{pending.password_at.isoformat()}"


def _refusal_of(tried: CodeTry) -> Refused:
    return Refused.CODE_WRONG if tried is CodeTry.WRONG else Refused.CODE_DEAD


@dataclass(frozen=True, slots=True)
class _Right:
    """A right password: its account, its new hash if it needs a rehash, the known device."""

    guess: Guess
    account: Account
    new_hash: str | None = field(repr=False)
    device: KnownDevice | None

    @property
    def owner(self) -> OwnersKey | None:
        """Return the owner whose tries it ends; None elsewhere than on a known device."""
        return _owner_of(self.device)


def _owner_of(device: KnownDevice | None) -> OwnersKey | None:
    return OwnersKey.of_device(device) if device else None


def _is_of_epoch(account: Account, epoch: int) -> bool:
    return account.is_active and account.epoch == epoch
