"""Acts of officers on accounts. No officer ever chooses a citizen's password."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from idp.domain.people.account import Account, AccountState, MobileMethod
from idp.domain.people.mobile import Mobile
from idp.domain.people.mobile_change import RECOVERY_HOLD
from idp.domain.people.national_id import NationalId
from idp.domain.people.questions import SecurityQuestion, answer_key
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.registration.verdict import PhoneAnswer
from idp.domain.sign_in.one_time_code import CodePurpose, CodeTry
from idp.ports import (
    AuditEntry,
    MobileOwnership,
)
from idp.services.account.close_account import close_account
from idp.services.desk.desk_acts import DeskAct, DeskRefused, UnknownCitizen, lately, refuse_alone
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice, notice_job
from idp.services.messages.one_time_codes import Asked, CodeFor, OneTimeCodes
from idp.services.recovery.answers import answers_key
from idp.services.registration.decide_case import ACCOUNT_OPENED
from idp.services.registration.profession import check_profession_job
from idp.services.sign_out.end_sessions import end_sessions
from idp.store.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class NewAnswer:
    """A security question and answer, typed by the citizen at the desk, hidden from the officer."""

    question: SecurityQuestion
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CitizenRecord:
    """An account as officers see it: with its number of sessions and its audit."""

    account: Account
    sessions: int
    audit: Sequence[AuditEntry]


CODE_SENT = "account.mobile_code_sent"
MOBILE_CHANGED = "account.mobile_changed"
RECOVERY_OPENED = "account.recovery_opened"
ANSWER_GIVEN = frozenset({RECOVERY_OPENED, ACCOUNT_OPENED})
PHONE_GIVEN = frozenset({MOBILE_CHANGED, ACCOUNT_OPENED})
"""One act of each set, by the same person, would give that person access to the account."""

CitizenName = NationalId | str
"""Names an account by national ID (finds no closed account) or by account id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizens:
    """Acts on accounts; each writes account and audit entry in one transaction.

    All raise UnknownCitizen, IncompleteAct, and DeskRefused where a rule forbids the act.
    """

    kernel: Kernel
    codes: OneTimeCodes
    mobile_ownership: MobileOwnership
    host: str

    def show(self, citizen: CitizenName) -> CitizenRecord:
        """Return the account, its number of sessions not ended, and its newest audit entries."""
        with self.kernel.begin(read_only=True) as work:
            account = _find(work, citizen)
            sessions = [s for s in work.sessions.of_account(account.id) if s.ended_at is None]
            return CitizenRecord(account, len(sessions), work.audit.tail(subject=account.id))

    def end_sessions(self, citizen: CitizenName, act: DeskAct) -> int:
        """End all sessions and grants, forget all devices; return how many sessions were ended."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            # The same state, a new epoch: it cancels what is under way, such as a pending sign-in.
            work.accounts.save(account.with_state(account.state, at=now))
            ended = end_sessions(work, account.id, now, reason="staff")
            work.audit.add(act.entry("account.sessions_ended", account.id, now))
        return ended

    def suspend(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Suspend the account: no sign-in until it is resumed; end its sessions and grants."""
        return self._change_state(citizen, AccountState.SUSPENDED, act)

    def resume(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Resume a suspended account; its ended sessions and grants stay ended."""
        return self._change_state(citizen, AccountState.ACTIVE, act)

    def close(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Close the account permanently, as its owner can; its national ID may register again."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            _refuse_change(account.state, AccountState.CLOSED)
            closed = close_account(work, account, now, self.kernel.issuer)
            work.audit.add(act.entry("account.closed", account.id, now))
        return closed

    def end_profession(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Remove profession, claim and role of a physician; end all sessions and grants."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            if account.physician is None and account.claim is None:
                raise DeskRefused("no_profession")
            changed = account.without_profession(at=now)
            work.accounts.save(changed)
            work.accounts.free_council_number(account.id)
            end_sessions(work, account.id, now, reason="profession_ended")
            work.audit.add(act.entry("account.profession_ended", account.id, now))
        return changed

    def send_mobile_code(self, citizen: CitizenName, mobile: Mobile, act: DeskAct) -> bool:
        """Send a code to the account's new phone.

        Return whether mobile ownership confirms the phone as the citizen's; it is asked with no
        transaction open. Without its confirmation, another officer must do ``change_mobile``.
        """
        act.with_documents()
        with self.kernel.begin(read_only=True) as work:
            account = _changeable(_find(work, citizen), mobile)
        answer = self.mobile_ownership.check(account.national_id, mobile)
        with self.kernel.begin() as work:
            account = _changeable(_lock(work, account.id), mobile)
            if self.codes.send(work, _code_for(account, mobile), again=True) is not Asked.SENT:
                raise DeskRefused("too_many_codes")
            now = self.kernel.clock()
            work.audit.add(act.entry(CODE_SENT, account.id, now, ownership=answer.value))
        return answer is PhoneAnswer.MATCH

    def change_mobile(
        self, citizen: CitizenName, mobile: Mobile, code: str, act: DeskAct
    ) -> Account:
        """Change the account's phone to the one that ``code`` was sent to, and notify both phones.

        The old phone may be in other hands, so all sessions end. So may the new one: for 72 hours
        no code recovers the password, and a profession rests until it is proven again. If mobile
        ownership did not confirm the phone, two officers must act. Refused within 72 hours of an
        act of ``ANSWER_GIVEN`` by the same person (attack OP9).
        """
        act.with_documents()
        with self.kernel.begin(read_only=True) as work:
            account = _changeable(_find(work, citizen), mobile)
            _vouched(work, account, act, self.kernel.clock())  # before a code is used up
        if self.codes.check(_code_for(account, mobile), code) is not CodeTry.RIGHT:
            raise DeskRefused("code_wrong")
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _changeable(_lock(work, account.id), mobile)
            method = _vouched(work, account, act, now)  # again, now under the lock of the account
            changed = _rested(work, _with_mobile(account, mobile, method, now), _rest(method, now))
            work.accounts.save(changed)
            end_sessions(work, account.id, now, reason="mobile_changed")
            event = Event(subject=account.id, name=now.isoformat(), at=now)
            work.outbox.put(notice_job(Notice.MOBILE_CHANGED_OLD, account.mobile, event))
            tell_owner(work, Notice.MOBILE_CHANGED_NEW, changed, event, self.kernel.issuer)
            work.audit.add(act.entry(MOBILE_CHANGED, account.id, now, mobile=method.value))
        return changed

    def start_recovery(
        self, citizen: CitizenName, act: DeskAct, new_answer: NewAnswer | None = None
    ) -> Account:
        """Open the recovery for a citizen who cannot sign in, and notify them by SMS.

        Clears the counter of wrong answers; a citizen who forgot the answer chooses a new question
        and answer here. Then follows the ordinary recovery, with a code to the citizen's phone, so
        the officer neither learns nor sets a password. Sessions end: an attacker may be the cause.
        A recovery hold stays; with a new answer a profession rests until it is proven again.
        Refused within 72 hours of an act of ``PHONE_GIVEN`` by the same person (attack OP9).
        Raises InvalidAnswer, HashingBusy.
        """
        act.with_documents()
        hashed = self.kernel.hashing.hash(answer_key(new_answer.answer)) if new_answer else None
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            if not account.is_active:
                raise DeskRefused("not_active")
            refuse_alone(act, [*filter(act.is_by, lately(work, account.id, PHONE_GIVEN, now))])
            account = account.with_state(account.state, at=now)
            if new_answer and hashed:
                account = account.with_answer(new_answer.question, hashed, at=now)
                account = _rested(work, account, now + RECOVERY_HOLD)
            work.accounts.save(account)
            end_sessions(work, account.id, now, reason="recovery_opened")
            work.counters.clear(answers_key(self.kernel.vault, account.national_id))
            event = Event(subject=account.id, name=now.isoformat(), at=now)
            self._tell_of_recovery(work, account, event)
            changed = "yes" if new_answer else "no"
            work.audit.add(act.entry(RECOVERY_OPENED, account.id, now, answer_changed=changed))
        return account

    def _tell_of_recovery(self, work: UnitOfWork, account: Account, event: Event) -> None:
        """Notify the owner that the recovery is open, or that it is on hold."""
        if account.is_recovery_held(event.at):
            tell_owner(work, Notice.RECOVERY_HELD, account, event, self.kernel.issuer)
        else:
            told = {"host": self.host}
            tell_owner(work, Notice.RECOVERY_OPENED, account, event, self.kernel.issuer, **told)

    def _change_state(self, citizen: CitizenName, to: AccountState, act: DeskAct) -> Account:
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            _refuse_change(account.state, to)
            changed = account.with_state(to, at=now)
            work.accounts.save(changed)
            if to is not AccountState.ACTIVE:
                end_sessions(work, account.id, now, reason=f"account_{to}")
            work.audit.add(act.entry(f"account.{to}", account.id, now))
        return changed


def _refuse_change(state: AccountState, to: AccountState) -> None:
    if state is AccountState.CLOSED:
        raise DeskRefused("closed")
    if to is AccountState.SUSPENDED and state is not AccountState.ACTIVE:
        raise DeskRefused("not_active")
    if to is AccountState.ACTIVE and state is not AccountState.SUSPENDED:
        raise DeskRefused("not_suspended")


def _find(work: UnitOfWork, citizen: CitizenName) -> Account:
    if isinstance(citizen, NationalId):
        account = work.accounts.find_by_national_id(citizen)
    else:
        account = work.accounts.find(citizen)
    return _known(account)


def _lock(work: UnitOfWork, citizen: CitizenName) -> Account:
    return _known(work.accounts.lock(_find(work, citizen).id))


def _known(account: Account | None) -> Account:
    if account is None:
        raise UnknownCitizen
    return account


def _changeable(account: Account, mobile: Mobile) -> Account:
    """Return the account when its phone may be changed to this one. Raises DeskRefused."""
    if account.state is AccountState.CLOSED:
        raise DeskRefused("closed")
    if account.mobile == mobile:
        raise DeskRefused("same_mobile")
    return account


def _code_for(account: Account, mobile: Mobile) -> CodeFor:
    """Bind the code to account and number; codes of the desk count by account."""
    return CodeFor(
        account.id,
        CodePurpose.CHANGE_MOBILE,
        mobile,
        account_id=account.id,
        owner=OwnersKey.of_account(account),
    )


def _vouched(work: UnitOfWork, account: Account, act: DeskAct, now: datetime) -> MobileMethod:
    """Return what confirms the phone: mobile ownership, or a second officer. Raises DeskRefused."""
    refuse_alone(act, [*filter(act.is_by, lately(work, account.id, ANSWER_GIVEN, now))])
    sent = lately(work, account.id, {CODE_SENT}, now)[:1]
    if [one.details.get("ownership") for one in sent] == [PhoneAnswer.MATCH]:
        return MobileMethod.OWNERSHIP
    refuse_alone(act, sent)
    return MobileMethod.BRANCH


def _with_mobile(account: Account, mobile: Mobile, method: MobileMethod, now: datetime) -> Account:
    held = now + RECOVERY_HOLD
    moved = account.with_mobile(mobile, method, at=now, recovery_held_until=held)
    return moved.with_state(account.state, at=now)


def _rest(method: MobileMethod, now: datetime) -> datetime:
    """Return when the medical council is asked again after a change of the phone."""
    return now if method is MobileMethod.OWNERSHIP else now + RECOVERY_HOLD


def _rested(work: UnitOfWork, account: Account, until: datetime) -> Account:
    """Return the account with its profession at rest, and put the job that checks it then."""
    resting = account.resting_profession(until=until)
    if resting is not account:
        work.outbox.put(check_profession_job(resting))
    return resting
