"""One-time codes by SMS: sent with what they belong to, tried once, counted by phone."""

import re
from dataclasses import dataclass, field, replace

from idp.domain.digits import clean_number
from idp.domain.limits import SMS_AGAIN, SMS_PER_PHONE
from idp.domain.mobile import Mobile
from idp.domain.one_time_code import CODE_LIFE, CodePurpose, CodeTry, OneTimeCode
from idp.domain.rate_limits import Limit
from idp.domain.sms import SmsName
from idp.ports import Begin, Chance, Clock, Job, Vault, Work
from idp.services.messages import CodeText, code_job
from idp.services.sms_budget import SmsBudget
from idp.services.throttle import Throttle

_CODE = re.compile("[0-9]{6}")


@dataclass(frozen=True, slots=True)
class CodeFor:
    """What a code belongs to: a flow (a step-one record, a sign-in …), a purpose, a phone.

    ``account_id`` is whose history tells that it was sent.
    """

    flow_id: str
    purpose: CodePurpose
    mobile: Mobile = field(repr=False)
    account_id: str | None = None


class OneTimeCodes:
    """Sends codes and tries them. Rows hold keyed digests; the code stands in the message only."""

    def __init__(  # noqa: PLR0913 (ports, by name)
        self,
        *,
        begin: Begin,
        vault: Vault,
        chance: Chance,
        clock: Clock,
        throttle: Throttle,
        budget: SmsBudget,
        host: str,
    ) -> None:
        self._begin = begin
        self._vault = vault
        self._chance = chance
        self._clock = clock
        self._throttle = throttle
        self._budget = budget
        self._host = host

    def send(self, work: Work, to: CodeFor, *, portal: SmsName | None = None) -> bool:
        """Write a code and its message within ``work``; False when the phone had too many.

        Then nothing is written, an earlier code stays good, and the page says the same as ever:
        the limits count by phone over all purposes and IDs (attack O08). ``portal`` names where a
        sign-in leads.

        Past the hub's budget no code goes to a stranger's phone either (attack O07); rows are
        written as for a phone that nobody has.
        """
        code = self._chance.code()
        record = self._record(work, to, code, is_sent=True)
        if record is None:
            return False
        says = CodeText(host=self._host, portal=portal, account_id=to.account_id)
        work.outbox.put(code_job(record, code, to.mobile, says))
        return True

    def pretend(self, work: Work, to: CodeFor, *, instead: Job | None = None) -> bool:
        """Do as ``send`` does, for a phone that nobody has; no code is ever right.

        The same rows are written, so that it takes as long. The message has expired before it was
        written: no worker claims it, and it is wiped with other expired ones. ``instead`` is a
        message that is sent in place of a code.
        """
        record = self._record(work, to, self._chance.token(), is_sent=False)
        if record is None:
            return False
        work.outbox.put(instead or self._dead_letter(record, to))
        return True

    def check(self, to: CodeFor, typed: str) -> CodeTry:
        """Try what was typed, in a transaction of its own. Raises TooMany past 20 tries a day."""
        self.count_try(to.mobile)
        with self._begin() as work:
            return self.attempt(work, to, typed)

    def count_try(self, mobile: Mobile) -> None:
        """Count a try of the phone before ``attempt``. Raises TooMany past 20 a day."""
        self._throttle.code_try_of(self.phone_key(mobile))

    def attempt(self, work: Work, to: CodeFor, typed: str) -> CodeTry:
        """Try what was typed within ``work``, so that what a right code gives is of one commit.

        Digits of any keyboard, blanks and bidi marks are welcome; anything else is a wrong code.
        """
        digits = clean_number(typed)
        digest = self._digest(to, digits if _CODE.fullmatch(digits) else "")
        tried = work.codes.attempt(to.flow_id, to.purpose, digest, self._clock())
        if tried is CodeTry.RIGHT:
            self._budget.answered(work, self.phone_key(to.mobile), to.mobile, to.purpose)
        return tried

    def phone_key(self, mobile: Mobile) -> str:
        """Return the keyed hash that codes and counters know a phone by."""
        return self._vault.digest(mobile.e164, purpose="phone")

    def _record(self, work: Work, to: CodeFor, code: str, *, is_sent: bool) -> OneTimeCode | None:
        phone = self.phone_key(to.mobile)
        if not self._may_send(work, phone, to.purpose):
            return None
        is_allowed = self._budget.allows(work, phone, to.mobile, to.purpose, is_sent=is_sent)
        now = self._clock()
        record = OneTimeCode(
            flow_id=to.flow_id,
            purpose=to.purpose,
            phone=phone,
            digest=self._digest(to, code),
            created_at=now,
            expires_at=now + CODE_LIFE,
        )
        if not is_allowed:
            self._spend_as_much(work, to, record)
            return None
        work.codes.put(record)
        return record

    def _spend_as_much(self, work: Work, to: CodeFor, record: OneTimeCode) -> None:
        """Write what a code that goes writes: phones that the budget knows look like the others.

        The row is of a flow that nobody is in, so that an earlier code stays good.
        """
        astray = replace(record, flow_id=self._chance.identifier())
        work.codes.put(astray)
        work.outbox.put(self._dead_letter(astray, to))

    def _dead_letter(self, record: OneTimeCode, to: CodeFor) -> Job:
        """Return a message that has expired before it is written: no worker claims it."""
        expired = replace(record, expires_at=record.created_at - CODE_LIFE)
        return code_job(expired, self._chance.code(), to.mobile, CodeText(host=self._host))

    def _may_send(self, work: Work, phone: str, purpose: CodePurpose) -> bool:
        by_phone = ((phone, limit) for limit in SMS_PER_PHONE)
        counted = ((f"{phone}:{purpose}", SMS_AGAIN), *by_phone)
        return all(self._take(work, key, limit) for key, limit in counted)

    def _take(self, work: Work, key: str, limit: Limit) -> bool:
        name = f"sms:{int(limit.per.total_seconds())}:{key}"
        taken = work.counters.take(name, limit=limit.count, per=limit.per, now=self._clock())
        return taken.allowed

    def _digest(self, to: CodeFor, code: str) -> str:
        """Bind the code to flow, purpose and phone: it opens nothing else (attack O05)."""
        bound = "|".join((to.flow_id, to.purpose, to.mobile.e164, code))
        return self._vault.digest(bound, purpose="one_time_code")
