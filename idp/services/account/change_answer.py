"""The change of the own security question and its answer, on which recovery depends."""

from dataclasses import dataclass

from idp.domain.people.mobile_change import RECOVERY_HOLD
from idp.domain.people.questions import SecurityQuestion
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.session import Session
from idp.ports import AuditEntry, HashingBusy
from idp.services.account.own_changes import locked_account
from idp.services.kernel import Kernel
from idp.services.messages.mails import tell_owner
from idp.services.messages.messages import Event, Notice
from idp.services.protection.owners_counters import OwnersCounter
from idp.services.recovery.answers import answers_key


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAnswer:
    """Changes question and answer; the page requires reauthentication before."""

    kernel: Kernel
    changes: OwnersCounter
    """Changes that an account may make, so that no session sends notice after notice."""

    def change(self, session: Session, question: SecurityQuestion, answer: str) -> bool:
        """Save question and answer (an ``answer_key``), and notify the owner.

        Recovery is on hold for 72 hours, as after a change of the mobile: who learnt the password
        once does not prepare a way back in (attack O11). Wrong answers of before are forgotten.
        False when the session has ended meanwhile.

        Raises:
            TooMany: the account has made too many changes.
            HashingBusy: too many hashes at once; the change is not counted.
        """
        owner = self._count(session)
        if owner is None:
            return False
        try:
            hashed = self.kernel.hashing.hash(answer)
        except HashingBusy:
            with self.kernel.begin() as work:
                self.changes.give_back(work, owner)
            raise
        return self._write(session, question, hashed)

    def _count(self, session: Session) -> OwnersKey | None:
        with self.kernel.begin() as work:
            account = locked_account(work, session)
            if account is None:
                return None
            owner = OwnersKey.of_account(account)
            self.changes.require(work, owner)
        return owner

    def _write(self, session: Session, question: SecurityQuestion, hashed: str) -> bool:
        now = self.kernel.clock()
        with self.kernel.begin() as work:
            account = locked_account(work, session)
            if account is None:
                return False
            held = now + RECOVERY_HOLD
            changed = account.with_answer(question, hashed, at=now, recovery_held_until=held)
            work.accounts.save(changed)
            work.counters.clear(answers_key(self.kernel.vault, account.national_id))
            event = Event(subject=account.id, name=now.isoformat(), at=now)
            tell_owner(work, Notice.ANSWER_CHANGED, changed, event, self.kernel.issuer)
            work.audit.add(
                AuditEntry(at=now, actor=account.id, action="answer_changed", subject=account.id)
            )
        return True
