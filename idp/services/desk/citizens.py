"""What staff may do to an account. Nobody but the citizen ever chooses a password."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
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
    """A question and an answer that the citizen typed at the desk, unseen by the officer."""

    question: SecurityQuestion
    answer: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CitizenRecord:
    """An account as the desk sees it."""

    account: Account
    sessions: int
    audit: Sequence[AuditEntry]


CODE_SENT = "account.mobile_code_sent"
MOBILE_CHANGED = "account.mobile_changed"
RECOVERY_OPENED = "account.recovery_opened"
ANSWER_GIVEN = frozenset({RECOVERY_OPENED, ACCOUNT_OPENED})
PHONE_GIVEN = frozenset({MOBILE_CHANGED, ACCOUNT_OPENED})
"""Acts of which one from each, by one person, would give that person the account."""

CitizenName = NationalId | str
"""A citizen is named by national ID (closed accounts are not found by it) or by account id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizens:
    """Acts on accounts; each is one transaction with its audit entry.

    All raise UnknownCitizen, IncompleteAct, and DeskRefused where a rule forbids the act.
    """

    kernel: Kernel
    codes: OneTimeCodes
    mobile_ownership: MobileOwnership
    host: str

    def show(self, citizen: CitizenName) -> CitizenRecord:
        """Return the account, how many sessions live, and the newest audit entries."""
        with self.kernel.begin(read_only=True) as work:
            account = _find(work, citizen)
            sessions = [s for s in work.sessions.of_account(account.id) if s.ended_at is None]
            return CitizenRecord(account, len(sessions), work.audit.tail(subject=account.id))

    def end_sessions(self, citizen: CitizenName, act: DeskAct) -> int:
        """End every session, token and known device; return how many sessions lived."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            # The same state again: its new epoch ends what is under way, as a sign-in half done.
            work.accounts.save(account.with_state(account.state, at=now))
            ended = end_sessions(work, account.id, now, reason="staff")
            work.audit.add(act.entry("account.sessions_ended", account.id, now))
        return ended

    def suspend(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Let nobody sign in to the account until it is resumed; end what hangs on it."""
        return self._change_state(citizen, AccountState.SUSPENDED, act)

    def resume(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Let a suspended account sign in again; what was ended stays so."""
        return self._change_state(citizen, AccountState.ACTIVE, act)

    def close(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Close the account for good, as its owner could; its national ID may register anew."""
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _lock(work, citizen)
            _refuse_change(account.state, AccountState.CLOSED)
            closed = close_account(work, account, now, self.kernel.issuer)
            work.audit.add(act.entry("account.closed", account.id, now))
        return closed

    def end_profession(self, citizen: CitizenName, act: DeskAct) -> Account:
        """Take profession, claim and role of a physician; end what hangs on them."""
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
        """Send a code to the phone that the account is to have from now on.

        Return whether the ownership registry knows the phone as the citizen's. It is asked with no
        transaction open; when it does not say so, another officer must do ``change_mobile``.
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
        """Give the account the phone that ``code`` was sent to, and tell both phones.

        The old phone may be in other hands, so every session ends; the new one may be too, so for
        72 hours no code recovers the password, and a profession rests until it is proven again.
        Where the ownership registry did not know the phone as the citizen's two officers answer for
        it; and nobody does this alone within 72 hours of opening the recovery (attack OP9).
        """
        act.with_documents()
        with self.kernel.begin(read_only=True) as work:
            account = _changeable(_find(work, citizen), mobile)
            _vouched(work, account, act, self.kernel.clock())  # before a code is spent
        if self.codes.check(_code_for(account, mobile), code) is not CodeTry.RIGHT:
            raise DeskRefused("code_wrong")
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = _changeable(_lock(work, account.id), mobile)
            method = _vouched(work, account, act, now)  # as it is now that nobody else acts
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
        """Open the recovery to a citizen who cannot sign in, and say so by SMS.

        Wrong answers of the past are forgotten, and who forgot the answer chooses a new question
        and answer here. The rest is the ordinary recovery: the code goes to the citizen's phone, so
        the desk learns no password and can set none. Sessions end, for a stranger may have caused
        the trouble. Nobody does this alone within 72 hours of changing the phone; a hold of the
        recovery stays, and with a new answer a profession rests until it is proven again (attack
        OP9). Raises InvalidAnswer, HashingBusy.
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
                account = _with_answer(account, new_answer.question, hashed)
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
        """Say that the recovery is open, or why no code comes yet."""
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
    """Return the account when it may get this phone. Raises DeskRefused."""
    if account.state is AccountState.CLOSED:
        raise DeskRefused("closed")
    if account.mobile == mobile:
        raise DeskRefused("same_mobile")
    return account


def _code_for(account: Account, mobile: Mobile) -> CodeFor:
    """Bound to account and number; what the desk sends is the account's own count."""
    return CodeFor(
        account.id,
        CodePurpose.CHANGE_MOBILE,
        mobile,
        account_id=account.id,
        owner=OwnersKey.of_account(account),
    )


def _vouched(work: UnitOfWork, account: Account, act: DeskAct, now: datetime) -> MobileMethod:
    """Return who answers for the phone that the newest code went to. Raises DeskRefused."""
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
    """Return from when on the council is asked again after a change of the phone."""
    return now if method is MobileMethod.OWNERSHIP else now + RECOVERY_HOLD


def _rested(work: UnitOfWork, account: Account, until: datetime) -> Account:
    """Return the account with its profession at rest, and have the council asked then."""
    resting = account.resting_profession(until=until)
    if resting is not account:
        work.outbox.put(check_profession_job(resting))
    return resting


def _with_answer(account: Account, question: SecurityQuestion, hashed: str) -> Account:
    credentials = replace(account.credentials, question=question, answer_hash=hashed)
    return replace(account, credentials=credentials)
