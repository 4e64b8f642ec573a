"""What the page of a submitted case says now: it is loaded again while the case goes on."""

from dataclasses import dataclass
from datetime import datetime

from idp import resources
from idp.domain.protection.limits import HOUR
from idp.domain.registration.case import DEADLINE, Case
from idp.domain.registration.case_state import CaseState
from idp.services.messages.messages import Notice
from idp.web.http.languages import mark

HOURS = int(DEADLINE / HOUR)


@dataclass(frozen=True, slots=True)
class CaseClock:
    """The hours of the guide's promise that have passed, of ``hours`` in all."""

    passed: int
    hours: int = HOURS

    @property
    def left(self) -> int:
        """Hours that are left."""
        return self.hours - self.passed


@dataclass(frozen=True, slots=True)
class CaseResult:
    """The words about a case that is decided, and the way on: the endpoint of the next page.

    ``quoted`` is the text of the SMS, in Persian as it was sent.
    """

    quoted: str
    sentence: str
    onward: str


ALL_THAT_IS_LEFT = mark("نتیجه درخواست شما با پیامک به شما اعلام شده است.")
EXPIRED = mark(
    "در مدت ۹۰ روز به شعبه مراجعه نشد و درخواست شما حذف شده است. می‌توانید دوباره ثبت نام کنید."
)
_RESULTS = {
    CaseState.ACTIVATED: (Notice.ACTIVATED, "", "login.show"),
    CaseState.MISMATCH: (Notice.MISMATCH, "", "register.show"),
    CaseState.DUPLICATE: (Notice.DUPLICATE, "", "login.show"),
    CaseState.EXPIRED: (None, EXPIRED, "register.show"),
}


def case_result(case: Case) -> CaseResult | None:
    """Return what became of the case; None while it is open.

    It is told to a browser that proved the phone, which got it by SMS. In the guide's way no phone
    is proven, and the page says no more than that an SMS went.
    """
    if case.is_open:
        return None
    if not case.phone_proven:
        return CaseResult("", ALL_THAT_IS_LEFT, "login.show")
    notice, sentence, onward = _RESULTS[case.state]
    return CaseResult(resources.sms_text(notice) if notice else "", sentence, onward)


def open_page(case: Case, now: datetime) -> str:
    """Return which page of ``templates/register`` tells the state of an open case.

    After the guide's 48 hours nothing is promised for "the next 48 hours" any more (N20).
    """
    if case.state is CaseState.BRANCH:
        return "branch"
    return "overdue" if case.overdue or now >= case.deadline else "submitted"


def case_clock(case: Case, now: datetime) -> CaseClock:
    """Return how much of the 48 hours has passed."""
    return CaseClock(min(int((now - case.submitted_at) / HOUR), HOURS))
