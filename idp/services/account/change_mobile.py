"""«تغییر تلفن همراه»: a code to each number, then mobile ownership is checked."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from idp.domain.people.account import Account
from idp.domain.people.mobile import Mobile
from idp.domain.people.mobile_change import ChangeState, MobileChange
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.one_time_code import CodePurpose, CodeStanding, CodeTry
from idp.domain.sign_in.session import Session
from idp.ports import (
    AuditEntry,
    BrokenSeal,
    Job,
)
from idp.services.kernel import Kernel
from idp.services.messages.one_time_codes import Asked, CodeFor, OneTimeCodes
from idp.services.protection.owners_counters import OwnersCounter
from idp.store.unit_of_work import UnitOfWork

CHECK_MOBILE = "check_mobile"
FLOW = "change_mobile"
FLOW_LIFE = timedelta(minutes=30)


class MobileRefused(StrEnum):
    """Why the change of the mobile was refused."""

    SAME = "same"
    WAITING = "waiting"
    CODE_WRONG = "code_wrong"
    CODE_DEAD = "code_dead"
    EXPIRED = "expired"


class Proven(StrEnum):
    """Both numbers are proven; the job that checks mobile ownership is waiting."""

    BOTH = "both"


@dataclass(frozen=True, slots=True)
class Step:
    """A change under way: its sealed state for the page, and which number the code goes to."""

    sealed: str = field(repr=False)
    mobile: Mobile = field(repr=False)
    """The new number."""
    is_old_proven: bool


@dataclass(frozen=True, slots=True)
class MobileStanding:
    """The present step of a change, and what the page may say about its code."""

    step: Step
    code: CodeStanding


@dataclass(frozen=True, slots=True)
class _Flow:
    id: str
    mobile: Mobile
    expires_at: datetime
    is_old_proven: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMobile:
    """Changes the citizen's mobile. The state of a change is sealed for the session (SE02)."""

    kernel: Kernel
    codes: OneTimeCodes
    changes: OwnersCounter
    """Changes that an account may start, so that no session sends codes to many numbers."""

    def start(self, session: Session, mobile: Mobile) -> Step | MobileRefused:
        """Send a code to the old number; the new one gets its code after the old one is proven.

        Restarted in the same session with the same number, it is the same change.

        Raises:
            TooMany: the account has started too many changes.
        """
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = work.accounts.lock(session.account_id)
            if account is None or account.mobile == mobile:
                return MobileRefused.SAME
            latest = work.mobile_changes.latest(account.id)
            if latest is not None and latest.state is ChangeState.WAITING:
                return MobileRefused.WAITING
            flow = _Flow(self._flow_id(session, mobile, latest), mobile, now + FLOW_LIFE)
            sent = self.codes.send(work, _code_for(flow, account))
            if sent is not Asked.KEPT:
                self.changes.require(work, OwnersKey.of_account(account))
        return self._step(session, flow)

    def standing(self, session: Session, sealed: str) -> MobileStanding | MobileRefused:
        """Return the present step of the change, even when an earlier step's page is reloaded."""
        flow, account = self._open(session, sealed), self._account_of(session)
        if flow is None or account is None:
            return MobileRefused.EXPIRED
        with self.kernel.begin(read_only=True) as work:
            now = self._where_it_stands(work, session, flow)
            if now is None:
                return MobileRefused.WAITING
            code = self.codes.standing(work, _code_for(now, account))
        return MobileStanding(self._step(session, now), code)

    def send_again(self, session: Session, sealed: str) -> Step | MobileRefused:
        """Send the code of the step again, within the account's own limits.

        From the page of an earlier step, no code is sent. Return the present step, or ``waiting``
        when both numbers are proven.
        """
        flow, account = self._open(session, sealed), self._account_of(session)
        if flow is None or account is None:
            return MobileRefused.EXPIRED
        with self.kernel.begin() as work:
            now = self._where_it_stands(work, session, flow)
            if now == flow:
                self.codes.send(work, _code_for(flow, account), again=True)
        return self._step(session, now) if now is not None else MobileRefused.WAITING

    def prove(
        self, session: Session, sealed: str, typed_code: str
    ) -> Step | Proven | MobileRefused:
        """Try the code of the step. The old number's sends the new one's; that one puts the job.

        Each code is bound to flow, purpose and number, so neither replaces the other (O05).
        """
        flow, account = self._open(session, sealed), self._account_of(session)
        if flow is None or account is None:
            return MobileRefused.EXPIRED
        with self.kernel.begin() as work:
            now = self._where_it_stands(work, session, flow)
            if now is None:
                return MobileRefused.WAITING
            if now != flow:  # the code of a step that is over: a second press, or Back
                return self._step(session, now)
            tried = self.codes.attempt(work, _code_for(flow, account), typed_code)
            if tried is not CodeTry.RIGHT:
                return _refusal_of(tried)
            if flow.is_old_proven:
                return self._ask(work, session, flow)
            proven = replace(flow, is_old_proven=True)
            self.codes.send(work, _code_for(proven, account))
        return self._step(session, proven)

    def latest(self, session: Session) -> MobileChange | None:
        """Return the newest change of the account, in any state."""
        with self.kernel.begin(read_only=True) as work:
            return work.mobile_changes.latest(session.account_id)

    def _ask(self, work: UnitOfWork, session: Session, flow: _Flow) -> Proven | MobileRefused:
        now = self.kernel.clock()
        account = work.accounts.lock(session.account_id)
        if account is None or not _is_of(session, account):
            return MobileRefused.EXPIRED
        change = MobileChange(
            id=self.kernel.randomness.identifier(),
            account_id=account.id,
            epoch=account.epoch,
            mobile=flow.mobile,
            state=ChangeState.WAITING,
            asked_at=now,
        )
        if not work.mobile_changes.add(change):
            return MobileRefused.WAITING
        work.outbox.put(
            Job(
                kind=CHECK_MOBILE,
                subject=change.id,
                unique=f"{CHECK_MOBILE}:{change.id}",
                run_at=now,
            )
        )
        work.audit.add(
            AuditEntry(at=now, actor=account.id, action="mobile_change_asked", subject=account.id)
        )
        return Proven.BOTH

    def _where_it_stands(self, work: UnitOfWork, session: Session, flow: _Flow) -> _Flow | None:
        """Return the flow at its present step; None when both numbers are proven.

        The flow id contains the id of the account's latest change, so writing this one ends it.
        """
        latest = work.mobile_changes.latest(session.account_id)
        if flow.id != self._flow_id(session, flow.mobile, latest):
            return None
        is_used = _is_used(work, flow, CodePurpose.LEAVE_MOBILE)
        return replace(flow, is_old_proven=flow.is_old_proven or is_used)

    def _flow_id(self, session: Session, mobile: Mobile, latest: MobileChange | None) -> str:
        parts = (session.id, mobile.e164, latest.id if latest else "")
        return self.codes.flow_id(CodePurpose.LEAVE_MOBILE, *parts)

    def _account_of(self, session: Session) -> Account | None:
        with self.kernel.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
        return account if account is not None and _is_of(session, account) else None

    def _step(self, session: Session, flow: _Flow) -> Step:
        fields = [flow.id, flow.mobile.e164, flow.expires_at.isoformat(), flow.is_old_proven]
        plain = json.dumps(fields).encode()
        sealed = self.kernel.vault.seal(plain, purpose=FLOW, bound_to=session.id)
        return Step(sealed, flow.mobile, flow.is_old_proven)

    def _open(self, session: Session, sealed: str) -> _Flow | None:
        try:
            opened = self.kernel.vault.open(sealed, purpose=FLOW, bound_to=session.id)
        except BrokenSeal:
            return None
        flow_id, mobile, expires, is_old_proven = json.loads(opened)
        flow = _Flow(flow_id, Mobile(mobile), datetime.fromisoformat(expires), is_old_proven)
        return flow if self.kernel.clock() < flow.expires_at else None


def _is_of(session: Session, account: Account) -> bool:
    return account.is_active and account.epoch == session.epoch


def _is_used(work: UnitOfWork, flow: _Flow, purpose: CodePurpose) -> bool:
    code = work.codes.find(flow.id, purpose)
    return code is not None and code.used_at is not None


def _refusal_of(tried: CodeTry) -> MobileRefused:
    return MobileRefused.CODE_WRONG if tried is CodeTry.WRONG else MobileRefused.CODE_DEAD


def _code_for(flow: _Flow, account: Account) -> CodeFor:
    """Count both codes by the owner, because a change starts with reauthentication."""
    purpose, mobile = CodePurpose.LEAVE_MOBILE, account.mobile
    if flow.is_old_proven:
        purpose, mobile = CodePurpose.CHANGE_MOBILE, flow.mobile
    return CodeFor(
        flow.id, purpose, mobile, account_id=account.id, owner=OwnersKey.of_account(account)
    )
