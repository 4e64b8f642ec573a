"""Password recovery: code, security question, new password (the guide, «بازیابی گذرواژه»)."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.password import password_violations
from idp.domain.people.questions import QUESTIONS, InvalidAnswer, SecurityQuestion, answer_key
from idp.domain.protection.rate_limits import EverybodysKey, Limit, OwnersKey
from idp.domain.sign_in.one_time_code import CodePurpose, CodeTry
from idp.ports import (
    AuditEntry,
    HashingBusy,
    HashLane,
    Job,
    Recovery,
)
from idp.services.kernel import Kernel
from idp.services.messages.code_limits import CodeAsker
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice, notice_job
from idp.services.messages.one_time_codes import CodeFor, OneTimeCodes
from idp.services.protection.password_tries import Visitor
from idp.services.recovery.answers import answers_key
from idp.services.recovery.steps import RecoveryStage, RecoveryStanding
from idp.services.sign_in.known_devices import KnownDevices
from idp.services.sign_out.end_sessions import end_sessions
from idp.store.unit_of_work import UnitOfWork

RECOVERY_LIFE = timedelta(minutes=30)


class RecoveryFailed(StrEnum):
    """Why the password was not changed. ``wrong`` covers every failure of typed values (N17)."""

    EXPIRED = "expired"
    WRONG = "wrong"
    NO_MORE_ANSWERS = "no_more_answers"


@dataclass(frozen=True, slots=True)
class WeakPassword:
    """The new password breaks these rules (codes of ``idp.domain.people.password``)."""

    violations: tuple[str, ...]


class Changed(StrEnum):
    """The password was changed."""

    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The fields of a recovery's last page."""

    answer: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recover:
    """Recovers passwords. Unknown IDs get equal rows, hashes and pages; only a phone can tell."""

    kernel: Kernel
    codes: OneTimeCodes
    devices: KnownDevices
    answers: Limit
    sms_code: bool

    def start(self, national_id: NationalId, visitor: Visitor) -> str:
        """Start a recovery in this browser, send its code, and return the recovery's id.

        The answer does not depend on whether an active account exists (attacks E04, E08). Restarted
        in the same browser, it is the same recovery, and a code that was sent stays valid.

        Raises:
            WorkNeeded: many codes were requested from this network, or for this ID; never on a
                known device of the account.
        """
        asks = self._asks(self._active(national_id), visitor)
        recovery_id = self.codes.flow_id(CodePurpose.RECOVERY, visitor.browser, national_id.value)
        if not asks.is_owner:
            self._require_work(recovery_id, _typed(national_id), visitor)
        with self.kernel.begin() as work:
            recovery = self._recovery(work, national_id, asks.account, visitor.browser)
            work.recoveries.put(recovery)
            if recovery.proven_at is None:
                self._send(work, recovery, asks)
        return recovery.id

    def send_again(self, recovery_id: str, visitor: Visitor) -> bool:
        """Send another code; False when no recovery is under way in this browser (attack E05)."""
        recovery = self._find(recovery_id, visitor.browser)
        if recovery is None:
            return False
        asks = self._asks(self._account_of(recovery), visitor)
        if recovery.proven_at is None:
            if not asks.is_owner:
                key = _typed(recovery.national_id)
                self._require_work(recovery.id, key, visitor, again=True)
            with self.kernel.begin() as work:
                self._send(work, recovery, asks, again=True)
        return True

    def prove(self, recovery_id: str, typed_code: str, visitor: Visitor) -> CodeTry | None:
        """Try the code; a right one unlocks the question. None: no recovery is open here."""
        recovery = self._find(recovery_id, visitor.browser)
        if recovery is None:
            return None
        if recovery.proven_at is not None:  # a second click, or Back
            return CodeTry.RIGHT
        code_for = self._code_for(recovery, self._account_of(recovery))
        with self.kernel.begin() as work:
            current = self._open(work.recoveries.lock(recovery_id), visitor.browser)
            tried = self.codes.attempt(work, code_for, typed_code)
            if tried is CodeTry.RIGHT and current is not None:
                work.recoveries.put(replace(current, proven_at=self.kernel.clock()))
        return tried

    def standing(self, recovery_id: str, browser: str) -> RecoveryStanding:
        """Return the present stage of the recovery of this id and browser."""
        with self.kernel.begin(read_only=True) as work:
            recovery = self._own(work.recoveries.find(recovery_id), browser)
        if recovery is None:
            return RecoveryStanding(RecoveryStage.GONE)
        if recovery.used_at is not None:
            return RecoveryStanding(RecoveryStage.DONE)
        if recovery.proven_at is not None:
            question = SecurityQuestion.parse(recovery.question_id)
            return RecoveryStanding(
                RecoveryStage.PASSWORD,
                question=question,
                national_id=recovery.national_id,
                answers_left=self._answers_left(recovery),
            )
        with self.kernel.begin(read_only=True) as work:
            code = self.codes.standing(work, self._code_for(recovery, None))
        return RecoveryStanding(RecoveryStage.CODE, code=code)

    def finish(
        self, recovery_id: str, new: NewPassword, visitor: Visitor
    ) -> Changed | WeakPassword | RecoveryFailed:
        """Change the password, once, and end all sessions and grants of the account.

        Password rules that need no account are checked first. The answer is counted (5 in 30 days
        by default) before it is compared; the last wrong one is NO_MORE_ANSWERS. Rules about the
        person's name follow a right answer.

        Raises:
            HashingBusy: too many hashes at once; the answer is not counted.
        """
        recovery = self._find(recovery_id, visitor.browser)
        if recovery is None or recovery.proven_at is None:
            return RecoveryFailed.EXPIRED
        weak = password_violations(
            new.password, given="", family="", national_id=recovery.national_id
        )
        if weak:
            return WeakPassword(weak)
        if not self._may_answer(recovery):
            return self._no_more_answers()
        try:
            done = self._compare_and_change(recovery, new)
        except HashingBusy:
            with self.kernel.begin() as work:
                work.counters.give_back(answers_key(self.kernel.vault, recovery.national_id))
            raise
        if done is RecoveryFailed.WRONG and self._answers_left(recovery) == 0:
            return RecoveryFailed.NO_MORE_ANSWERS
        return done

    def _compare_and_change(
        self, recovery: Recovery, new: NewPassword
    ) -> Changed | WeakPassword | RecoveryFailed:
        account = self._account_of(recovery)
        if not self._answers(new.answer, account) or account is None:
            return RecoveryFailed.WRONG
        return self._change(recovery, account, new)

    def _change(
        self, recovery: Recovery, account: Account, new: NewPassword
    ) -> Changed | WeakPassword | RecoveryFailed:
        weak = violations_for(account, new.password)
        if weak:
            with self.kernel.begin() as work:
                work.counters.clear(answers_key(self.kernel.vault, recovery.national_id))
            return WeakPassword(weak)
        password_hash = self.kernel.hashing.hash(new.password)
        answer_hash = self._renewed_answer(new.answer, account)
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            taken = work.recoveries.take(recovery.id, now)
            current = work.accounts.lock(account.id)
            if taken is None or current is None or not _may_change(current, taken, now):
                return RecoveryFailed.EXPIRED
            changed = current.with_password(password_hash, at=now)
            work.accounts.save(changed.with_renewed_answer(account, answer_hash))
            end_sessions(work, changed.id, now, reason="password_recovered")
            work.counters.clear(answers_key(self.kernel.vault, recovery.national_id))
            self._tell(work, changed, recovery.id)
        return Changed.CHANGED

    def _tell(self, work: UnitOfWork, account: Account, recovery_id: str) -> None:
        now = self.kernel.clock()
        event = Event(subject=account.id, name=f"{recovery_id}:{now.isoformat()}", at=now)
        tell_owner(work, Notice.PASSWORD_CHANGED, account, event, self.kernel.issuer)
        work.audit.add(
            AuditEntry(at=now, actor=account.id, action="password_recovered", subject=account.id)
        )

    def _may_answer(self, recovery: Recovery) -> bool:
        with self.kernel.begin() as work:
            taken = work.counters.take(
                answers_key(self.kernel.vault, recovery.national_id),
                limit=self.answers.count,
                per=self.answers.per,
                now=self.kernel.clock(),
            )
        return taken.allowed

    def _answers_left(self, recovery: Recovery) -> int | None:
        """Return how many answers the owner of the phone may still give; None without a code.

        Who typed the national ID alone learns no number, for others could have caused it (D10).
        """
        if not self.sms_code:
            return None
        key = answers_key(self.kernel.vault, recovery.national_id)
        with self.kernel.begin(read_only=True) as work:
            given = work.counters.counts([key], self.kernel.clock()).get(key, 0)
        return max(0, self.answers.count - given)

    def _no_more_answers(self) -> RecoveryFailed:
        """Return NO_MORE_ANSWERS, whose page names the branch, after a code; else WRONG (N17)."""
        return RecoveryFailed.NO_MORE_ANSWERS if self.sms_code else RecoveryFailed.WRONG

    def _answers(self, typed: str, account: Account | None) -> bool:
        try:
            key = answer_key(typed)
        except InvalidAnswer:  # counted and hashed like any other wrong answer
            key, account = "", None
        hashed = account.credentials.answer_hash if account else None
        return self.kernel.hashing.verify_answer(key, hashed, lane=self._lane)

    @property
    def _lane(self) -> HashLane:
        """The owner's lane after a right code; if ``sms_code`` is off, the lane of all others."""
        return HashLane.OWNER if self.sms_code else HashLane.REST

    def _renewed_answer(self, typed: str, account: Account) -> str:
        """Return the right answer's hash: the stored one, or a new one when a rehash is due."""
        stored = account.credentials.answer_hash
        if not self.kernel.hashing.needs_rehash(stored):
            return stored
        return self.kernel.hashing.hash(answer_key(typed))

    def _question_of(self, national_id: NationalId, account: Account | None) -> SecurityQuestion:
        """Return the account's question, or a decoy that is constant for this national ID."""
        digest = self.kernel.vault.digest(national_id.value, purpose="decoy_question")
        decoy = QUESTIONS[int(digest, 16) % len(QUESTIONS)]
        return account.credentials.question if account is not None else decoy

    def _active(self, national_id: NationalId) -> Account | None:
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find_by_national_id(national_id)
        return account if account is not None and account.is_active else None

    def _asks(self, account: Account | None, visitor: Visitor) -> "_Asks":
        device = self.devices.find(visitor.device, account)
        return _Asks(account, is_owner=device is not None)

    def _require_work(
        self, recovery_id: str, key: EverybodysKey, visitor: Visitor, *, again: bool = False
    ) -> None:
        """Require work for a code that anybody can request. Raises WorkNeeded."""
        if self.sms_code:
            asker = CodeAsker(key, visitor.address, visitor.work)
            self.codes.require_work(recovery_id, CodePurpose.RECOVERY, asker, again=again)

    def _recovery(
        self, work: UnitOfWork, national_id: NationalId, account: Account | None, browser: str
    ) -> Recovery:
        """Return the recovery of this browser and ID: the open one, renewed, or a new one.

        An open recovery keeps its proof while the account's password is unchanged (attack RC3).
        """
        now = self.kernel.clock()
        recovery_id = self.codes.flow_id(CodePurpose.RECOVERY, browser, national_id.value)
        before = self._open(work.recoveries.lock(recovery_id), browser)
        holds = before is not None and (account is None or _may_change(account, before, now))
        proven_at = before.proven_at if before is not None and holds else None
        return Recovery(
            id=recovery_id,
            browser=browser,
            national_id=national_id,
            account_id=account.id if account else None,
            question_id=self._question_of(national_id, account).id,
            expires_at=now + RECOVERY_LIFE,
            proven_at=proven_at if self.sms_code else now,
        )

    def _send(
        self, work: UnitOfWork, recovery: Recovery, asks: "_Asks", *, again: bool = False
    ) -> None:
        """Send the code, or a decoy with equal work; on a known device it counts for the owner."""
        account = asks.account
        code_for = self._code_for(recovery, account)
        if account is None:
            self.codes.pretend(work, code_for, again=again)
        elif account.is_recovery_held(self.kernel.clock()):
            held = self._held(recovery, account)
            self.codes.pretend(work, code_for, again=again, instead=held)
        else:
            owner = OwnersKey.of_account(account) if asks.is_owner else None
            self.codes.send(work, replace(code_for, owner=owner), again=again)

    def _held(self, recovery: Recovery, account: Account) -> Job:
        """Return the SMS that says why no code is sent; only the holder of the phone learns it."""
        now = self.kernel.clock()
        event = Event(subject=account.id, name=f"{recovery.id}:{now.isoformat()}", at=now)
        return notice_job(Notice.RECOVERY_HELD, account.mobile, event)

    def _code_for(self, recovery: Recovery, account: Account | None) -> CodeFor:
        mobile = account.mobile if account is not None else self._nobodys_phone(recovery)
        account_id = account.id if account is not None else None
        return CodeFor(recovery.id, CodePurpose.RECOVERY, mobile, account_id)

    def _nobodys_phone(self, recovery: Recovery) -> Mobile:
        """Return a number that counters can know but no citizen has: +98 94 is no mobile block."""
        digest = self.kernel.vault.digest(recovery.national_id.value, purpose="nobodys_phone")
        return Mobile(f"+9894{int(digest, 16) % 10**8:08d}")

    def _find(self, recovery_id: str, browser: str) -> Recovery | None:
        """Return the recovery if it is of this browser and still open."""
        with self.kernel.begin(read_only=True) as work:
            return self._open(work.recoveries.find(recovery_id), browser)

    def _open(self, recovery: Recovery | None, browser: str) -> Recovery | None:
        own = self._own(recovery, browser)
        return own if own is not None and own.used_at is None else None

    def _own(self, recovery: Recovery | None, browser: str) -> Recovery | None:
        if recovery is None or not hmac.compare_digest(recovery.browser, browser):
            return None
        return recovery if self.kernel.clock() < recovery.expires_at else None

    def _account_of(self, recovery: Recovery) -> Account | None:
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(recovery.account_id or "")
        return account if account and _may_change(account, recovery, self.kernel.clock()) else None


@dataclass(frozen=True, slots=True)
class _Asks:
    """The account that a code is requested for; ``is_owner``: on its known device."""

    account: Account | None
    is_owner: bool


def _typed(national_id: NationalId) -> EverybodysKey:
    """Return the key that codes count by when no phone is typed: the national ID, known or not."""
    return EverybodysKey.of_typed_id(national_id.value)


def _may_change(account: Account, recovery: Recovery, now: datetime) -> bool:
    """Return whether the account is active and its password unchanged since the recovery started.

    False within 72 hours of a change of phone or answer: the recovery is on hold (attack O11).
    """
    began = recovery.expires_at - RECOVERY_LIFE
    if account.is_recovery_held(now):
        return False
    return account.is_active and account.credentials.password_changed_at <= began


def violations_for(account: Account, password: str) -> tuple[str, ...]:
    """Return the rules that ``password`` breaks, those about the person's name among them."""
    return password_violations(
        password,
        given=account.person.given_name,
        family=account.person.family_name,
        national_id=account.national_id,
    )
