"""«تغییر تلفن همراه»: both numbers prove themselves, then the registry is asked."""

import json
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from idp.domain.account import Account
from idp.domain.limits import MOBILE_CHANGES, NetworkAction
from idp.domain.mobile import Mobile
from idp.domain.mobile_change import ChangeState, MobileChange
from idp.domain.one_time_code import CodePurpose, CodeTry
from idp.domain.session import Session
from idp.ports import AuditEntry, Begin, BrokenSeal, Chance, Clock, Job, Vault, Work
from idp.services.one_time_codes import CodeFor, OneTimeCodes
from idp.services.password_tries import Visitor
from idp.services.throttle import Throttle, TooMany

CHECK_MOBILE = "check_mobile"
FLOW = "change_mobile"
FLOW_LIFE = timedelta(minutes=30)


class MobileRefused(StrEnum):
    """Why the change does not go on."""

    SAME = "same"
    WAITING = "waiting"
    CODE_WRONG = "code_wrong"
    EXPIRED = "expired"


class Asked(StrEnum):
    """Both numbers are proven, and the registry is being asked."""

    ASKED = "asked"


@dataclass(frozen=True, slots=True)
class Step:
    """A change under way: what the page carries sealed, and which number gets the code now."""

    sealed: str = field(repr=False)
    is_old_proven: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMobileTools:
    """What changing is made of."""

    begin: Begin
    clock: Clock
    chance: Chance
    vault: Vault
    codes: OneTimeCodes
    throttle: Throttle


@dataclass(frozen=True, slots=True)
class _Flow:
    id: str
    mobile: Mobile
    expires_at: datetime
    is_old_proven: bool = False


class ChangeMobile:
    """Changes the phone of who is signed in. What is under way is sealed for the session (SE02)."""

    def __init__(self, tools: ChangeMobileTools) -> None:
        self._ = tools

    def start(self, session: Session, mobile: Mobile, visitor: Visitor) -> Step | MobileRefused:
        """Send a code to the old number; nothing goes to the new one before that came back.

        Raises:
            TooMany: past the network's budget of messages, or five changes begun in a day.
        """
        self._.throttle.network(NetworkAction.SMS_SENT, visitor.address)
        now = self._.clock()
        flow = _Flow(self._.chance.identifier(), mobile, now + FLOW_LIFE)
        with self._.begin() as work:
            account = work.accounts.lock(session.account_id)
            if account is None or account.mobile == mobile:
                return MobileRefused.SAME
            latest = work.mobile_changes.latest(account.id)
            if latest is not None and latest.state is ChangeState.WAITING:
                return MobileRefused.WAITING
            self._count(work, account.id, now)
            self._.codes.send(work, _code_for(flow, account))
        return self._step(session, flow)

    def send_again(self, session: Session, sealed: str, visitor: Visitor) -> Step | MobileRefused:
        """Send the code of the step again, within the phone's budget. Raises TooMany."""
        self._.throttle.network(NetworkAction.SMS_SENT, visitor.address)
        flow = self._open(session, sealed)
        if flow is None:
            return MobileRefused.EXPIRED
        with self._.begin() as work:
            account = work.accounts.find(session.account_id)
            if account is None:
                return MobileRefused.EXPIRED
            self._.codes.send(work, _code_for(flow, account))
        return Step(sealed, flow.is_old_proven)

    def prove(
        self, session: Session, sealed: str, typed_code: str, visitor: Visitor
    ) -> Step | Asked | MobileRefused:
        """Take the code of the step: the old number's leads to the new one's, that to the registry.

        Each code is bound to flow, purpose and number, so that neither stands for the other (O05).
        Raises TooMany past the limits of codes.
        """
        self._.throttle.network(NetworkAction.CODE_TRIED, visitor.address)
        flow, account = self._open(session, sealed), self._account_of(session)
        if flow is None or account is None:
            return MobileRefused.EXPIRED
        code_for = _code_for(flow, account)
        self._.codes.count_try(code_for.mobile)
        with self._.begin() as work:
            if self._.codes.attempt(work, code_for, typed_code) is not CodeTry.RIGHT:
                return MobileRefused.CODE_WRONG
            if flow.is_old_proven:
                return self._ask(work, session, flow)
            proven = replace(flow, is_old_proven=True)
            self._.codes.send(work, _code_for(proven, account))
        return self._step(session, proven)

    def latest(self, session: Session) -> MobileChange | None:
        """Return the newest change of the account, whatever became of it."""
        with self._.begin(read_only=True) as work:
            return work.mobile_changes.latest(session.account_id)

    def _ask(self, work: Work, session: Session, flow: _Flow) -> Asked | MobileRefused:
        now = self._.clock()
        account = work.accounts.lock(session.account_id)
        if account is None or not _is_of(session, account):
            return MobileRefused.EXPIRED
        change = MobileChange(
            id=flow.id,
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
        return Asked.ASKED

    def _count(self, work: Work, account_id: str, now: datetime) -> None:
        """Let nobody send codes to number after number from an account."""
        limit = MOBILE_CHANGES
        key = f"mobile_changes:{account_id}"
        taken = work.counters.take(key, limit=limit.count, per=limit.per, now=now)
        if not taken.allowed:
            raise TooMany(taken.retry_after)

    def _account_of(self, session: Session) -> Account | None:
        with self._.begin(read_only=True) as work:
            account = work.accounts.find(session.account_id)
        return account if account is not None and _is_of(session, account) else None

    def _step(self, session: Session, flow: _Flow) -> Step:
        fields = [flow.id, flow.mobile.e164, flow.expires_at.isoformat(), flow.is_old_proven]
        plain = json.dumps(fields).encode()
        sealed = self._.vault.seal(plain, purpose=FLOW, bound_to=session.id)
        return Step(sealed, flow.is_old_proven)

    def _open(self, session: Session, sealed: str) -> _Flow | None:
        try:
            opened = self._.vault.open(sealed, purpose=FLOW, bound_to=session.id)
        except BrokenSeal:
            return None
        flow_id, mobile, expires, is_old_proven = json.loads(opened)
        flow = _Flow(flow_id, Mobile(mobile), datetime.fromisoformat(expires), is_old_proven)
        return flow if self._.clock() < flow.expires_at else None


def _is_of(session: Session, account: Account) -> bool:
    return account.is_active and account.epoch == session.epoch


def _code_for(flow: _Flow, account: Account) -> CodeFor:
    if flow.is_old_proven:
        return CodeFor(flow.id, CodePurpose.CHANGE_MOBILE, flow.mobile, account.id)
    return CodeFor(flow.id, CodePurpose.LEAVE_MOBILE, account.mobile, account.id)
