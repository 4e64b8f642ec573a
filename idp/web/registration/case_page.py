"""The content of a submitted case's page, by the case's state when the page is loaded."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from idp import resources
from idp.domain.registration.case import DEADLINE, Case
from idp.domain.registration.case_state import CaseState
from idp.services.messages.messages import Notice
from idp.web.http.languages import mark

HOUR = timedelta(hours=1)
HOURS = int(DEADLINE / HOUR)


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

    ``quoted`` is the text of the SMS, in Persian as it was sent.
    """

    quoted: str
    sentence: str
    onward: str


ALL_THAT_IS_LEFT = mark("نتیجه درخواست شما با پیامک به شما اعلام شده است.")
EXPIRED = mark(
    "ظرف ۹۰ روز به شعبه مراجعه نکردید و درخواست شما حذف شد. می‌توانید دوباره ثبت نام کنید."
)
_RESULTS = {
    CaseState.ACTIVATED: (Notice.ACTIVATED, "", "login.show"),
    CaseState.MISMATCH: (Notice.MISMATCH, "", "register.show"),
    CaseState.DUPLICATE: (Notice.DUPLICATE, "", "login.show"),
    CaseState.EXPIRED: (None, EXPIRED, "register.show"),
}


def case_result(case: Case) -> CaseResult | None:
    """Return the result of a decided case; None while it is open.

    A browser that proved the phone sees the result that the phone got by SMS. Where the rules
    follow the guide to the letter, no phone is proven: the page says only that an SMS was sent.
    """
    if case.is_open:
        return None
    if not case.phone_proven:
        return CaseResult("", ALL_THAT_IS_LEFT, "login.show")
    notice, sentence, onward = _RESULTS[case.state]
    return CaseResult(resources.sms_text(notice) if notice else "", sentence, onward)


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
