"""One-time codes by SMS: bound to flow, purpose and phone, entered in the flow that asked."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum

from idp.domain.messages.sms import SmsName
from idp.domain.people.mobile import Mobile
from idp.domain.persian.digits import clean_number
from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.sign_in.one_time_code import (
    CODE_LIFE,
    CodePurpose,
    CodeStanding,
    CodeTry,
    OneTimeCode,
)
from idp.ports import (
    Job,
)
from idp.services.kernel import Kernel
from idp.services.messages.code_limits import CodeAsker, CodeLimits
from idp.services.messages.messages import CodeText, code_job
from idp.store.unit_of_work import UnitOfWork

_CODE = re.compile("[0-9]{6}")


@dataclass(frozen=True, slots=True)
class CodeFor:
    """What a code belongs to: a flow (a step-one record, a sign-in …), a purpose, a phone.

    ``account_id``: the account whose history shows that it was sent. ``owner``: who alone can
    request it, an account after a right password, in a session or on a known device, or a case at
    a desk. None when anybody can request it by typing a number or an ID.
    """

    flow_id: str
    purpose: CodePurpose
    mobile: Mobile = field(repr=False)
    account_id: str | None = None
    owner: OwnersKey | None = None


class Asked(Enum):
    """The result of requesting a code. Pages do not use it; they show ``standing``."""

    SENT = "sent"
    KEPT = "kept"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCodes:
    """Sends and verifies codes. Rows hold keyed digests; only the message contains the code."""

    kernel: Kernel
    limits: CodeLimits
    host: str

    def flow_id(self, purpose: CodePurpose, *parts: str) -> str:
        """Return the flow id for these parts (a browser first); equal parts give the same id.

        A flow restarted in the same browser therefore keeps the code that was sent.
        """
        return self.kernel.vault.digest("|".join((purpose, *parts)), purpose="code_flow")

    def send(
        self, work: UnitOfWork, to: CodeFor, *, again: bool = False, portal: SmsName | None = None
    ) -> Asked:
        """Write a code and its message within ``work``; the flow's earlier code is invalid (O04).

        ``KEPT``: the flow's code was requested less than a minute ago, or is valid and ``again``
        (another code was requested) is False. ``SPENT``: the owner's limit is reached, an earlier
        code stays valid. Without an owner, past the phone's limits or the hub's budget (attacks
        O07, O08), none is sent but the result is still ``SENT``, so it does not show what others
        requested. ``portal`` is the portal that a sign-in leads to.
        """
        code = self.kernel.randomness.code()
        says = CodeText(host=self.host, portal=portal, account_id=to.account_id)
        letter = _Letter(code, lambda record: code_job(record, code, to.mobile, says))
        return self._ask(work, to, letter, again=again)

    def pretend(
        self, work: UnitOfWork, to: CodeFor, *, again: bool = False, instead: Job | None = None
    ) -> Asked:
        """Do as ``send`` does, for a decoy phone; no code is ever right.

        The same rows are written, so the time is the same. The message has expired before it is
        written: no worker claims it, and it is wiped with other expired ones. ``instead`` is a
        message to send in place of a code.
        """
        never = self.kernel.randomness.token()
        letter = _Letter(
            never, lambda record: instead or self._dead_letter(record, to), is_real=False
        )
        return self._ask(work, to, letter, again=again)

    def require_work(
        self, flow_id: str, purpose: CodePurpose, asker: CodeAsker, *, again: bool = False
    ) -> None:
        """Count a request for a code that anybody can request, before ``send``'s transaction.

        Nothing is counted while the flow keeps its code. Raises WorkNeeded.
        """
        with self.kernel.begin(read_only=True) as work:
            earlier = work.codes.find(flow_id, purpose)
        if earlier is None or not self._stays(earlier, again=again):
            self.limits.ask_work(asker)

    def attempt(self, work: UnitOfWork, to: CodeFor, typed: str) -> CodeTry:
        """Verify what was typed within ``work``, in one commit with what a right code gives.

        The five tries are counted by flow, so strangers cannot use them up (attack O14). Digits of
        any keyboard, blanks and bidi marks are accepted; anything else is a wrong code.
        """
        digits = clean_number(typed)
        digest = self._digest(to, digits if _CODE.fullmatch(digits) else "")
        tried = work.codes.attempt(to.flow_id, to.purpose, digest, self.kernel.clock())
        if tried is CodeTry.RIGHT:
            self.limits.answered(work, self._phone_key(to.mobile), to.mobile, to.purpose)
        return tried

    def check(self, to: CodeFor, typed: str) -> CodeTry:
        """Verify what was typed, in a separate transaction."""
        with self.kernel.begin() as work:
            return self.attempt(work, to, typed)

    def standing(self, work: UnitOfWork, to: CodeFor) -> CodeStanding:
        """Return what a page may say of the flow's code now."""
        now = self.kernel.clock()
        code = work.codes.find(to.flow_id, to.purpose)
        full_until = self.limits.owner_full_until(work, to.owner) if to.owner else None
        again_at = full_until or (self._again_at(code) if code is not None else now)
        is_spent = full_until is not None
        if code is None or not code.is_live(now):
            return CodeStanding(None, None, again_at, is_spent)
        return CodeStanding(code.asked_at, code.ends_at, again_at, is_spent)

    def _ask(self, work: UnitOfWork, to: CodeFor, letter: "_Letter", *, again: bool) -> Asked:
        now = self.kernel.clock()
        earlier = work.codes.find(to.flow_id, to.purpose)
        if earlier is not None and self._stays(earlier, again=again):
            return Asked.KEPT
        if to.owner is not None and not self.limits.owner_may(work, to.owner):
            return Asked.SPENT
        phone = self._phone_key(to.mobile)
        record = OneTimeCode(
            flow_id=to.flow_id,
            purpose=to.purpose,
            phone=phone,
            digest=self._digest(to, letter.code),
            asked_at=now,
            good_until=now + CODE_LIFE,
        )
        goes = to.owner is not None or self.limits.anybody_may(
            work, phone, to.mobile, to.purpose, is_real=letter.is_real
        )
        if not goes:  # the same statements, so that timing does not tell (attack E05)
            record = replace(record, digest=self._digest(to, self.kernel.randomness.token()))
        work.codes.put(record, is_sent=goes)
        work.outbox.put(letter.write(record) if goes else self._dead_letter(record, to))
        return Asked.SENT

    def _again_at(self, code: OneTimeCode) -> datetime:
        """Return when the flow may ask for another code: at once after one that was used."""
        wait = timedelta(0) if code.used_at is not None else self.limits.again_after
        return code.asked_at + wait

    def _stays(self, code: OneTimeCode, *, again: bool) -> bool:
        now = self.kernel.clock()
        return now < self._again_at(code) or (code.is_live(now) and not again)

    def _dead_letter(self, record: OneTimeCode, to: CodeFor) -> Job:
        """Return a message that has expired before it is written: no worker claims it."""
        expired = replace(record, good_until=record.asked_at - CODE_LIFE)
        return code_job(expired, self.kernel.randomness.code(), to.mobile, CodeText(host=self.host))

    def _phone_key(self, mobile: Mobile) -> str:
        """Return the keyed digest that identifies a phone in codes and counters."""
        return self.kernel.vault.digest(mobile.e164, purpose="phone")

    def _digest(self, to: CodeFor, code: str) -> str:
        """Return the code's keyed digest, bound to flow, purpose and phone (attack O05)."""
        bound = "|".join((to.flow_id, to.purpose, to.mobile.e164, code))
        return self.kernel.vault.digest(bound, purpose="one_time_code")


@dataclass(frozen=True, slots=True)
class _Letter:
    """The code and the message of a request; ``is_real``: False for a decoy phone."""

    code: str = field(repr=False)
    write: Callable[[OneTimeCode], Job]
    is_real: bool = True
