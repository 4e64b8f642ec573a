"""The content of a submitted case's page, by the case's state when the page is loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp import resources
from idp.domain.registration.case import DEADLINE, Case
from idp.domain.registration.case_state import CaseState
from idp.services.messages.messages import Notice
from idp.services.registration.receipts import FoundCase
from idp.web.http.languages import mark

HOUR = timedelta(hours=1)
HOURS = int(DEADLINE / HOUR)
SOONEST_LOOK, LATEST_LOOK = timedelta(seconds=20), timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class CaseClock:
    """How many of the guide's 48 hours have passed."""

    passed: int
    hours: int = HOURS

    @property
    def left(self) -> int:
        """Hours that are left."""
        return self.hours - self.passed


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The text about a decided case; ``onward`` is the endpoint of the next page.

    ``heading`` says the state in a few words. ``state`` is None where the page may not tell it.
    ``quoted`` is the text of the SMS, in Persian as it was sent.
    """

    state: CaseState | None
    heading: str
    quoted: str
    sentence: str
    onward: str


ALL_THAT_IS_LEFT = mark("نتیجه درخواست شما با پیامک به شما اعلام شده است.")
EXPIRED = mark("مهلت ۹۰ روزه مراجعه به شعبه به پایان رسید و درخواست شما حذف شد.")
UNTOLD = mark("نتیجه درخواست شما")
_HEADINGS = {
    CaseState.ACTIVATED: mark("حساب کاربری شما فعال شد"),
    CaseState.MISMATCH: mark("اطلاعات شما مطابقت ندارد"),
    CaseState.DUPLICATE: mark("شما حساب کاربری دارید"),
    CaseState.EXPIRED: mark("مهلت درخواست شما به پایان رسید"),
}
_RESULTS = {
    CaseState.ACTIVATED: (Notice.ACTIVATED, "", "login.show"),
    CaseState.MISMATCH: (Notice.MISMATCH, "", "register.show"),
    CaseState.DUPLICATE: (Notice.DUPLICATE, "", "login.show"),
    CaseState.EXPIRED: (None, EXPIRED, "register.show"),
}


def case_result(found: FoundCase) -> CaseResult | None:
    """Return the result of a decided case; None while it is open.

    Where the phone was proven, the page shows the result that the phone got by SMS. Where the rules
    follow the guide to the letter, nobody has proven it yet: the page says only that an SMS was
    sent. Tracking proves it there, too.
    """
    case = found.case
    if case.is_open:
        return None
    if not found.phone_proven:
        return CaseResult(None, UNTOLD, "", ALL_THAT_IS_LEFT, "login.show")
    notice, sentence, onward = _RESULTS[case.state]
    quoted = resources.sms_text(notice) if notice else ""
    return CaseResult(case.state, _HEADINGS[case.state], quoted, sentence, onward)


def open_page(case: Case, now: datetime) -> str:
    """Return which page of ``templates/register`` shows the state of an open case.

    After the deadline the page no longer promises a result "within 48 hours" (N20).
    """
    if case.state is CaseState.BRANCH:
        return "branch"
    return "overdue" if case.overdue or now >= case.deadline else "submitted"


def case_clock(case: Case, now: datetime) -> CaseClock:
    """Return how many whole hours of the 48 have passed; 48 at most."""
    return CaseClock(min(int((now - case.submitted_at) / HOUR), HOURS))


def next_look(case: Case, now: datetime) -> int | None:
    """Return after how many seconds the page looks again by itself; None when it need not.

    It waits a sixth of the time since submission: most cases are decided within minutes, and one
    that is not has a register that does not answer. A case for the branch waits for the citizen.
    """
    if case.state is CaseState.BRANCH:
        return None
    wait = (now - case.submitted_at) / 6
    return int(min(max(wait, SOONEST_LOOK), LATEST_LOOK).total_seconds())
