"""The cookie with this browser's copy of what it submitted, and the forms that are filled by it."""

from collections.abc import Mapping

from flask import Response, request

from idp.deps import deps
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.step_one import StepOne
from idp.services.registration.own_copies import OwnCopy
from idp.services.registration.receipts import FoundCase
from idp.services.registration.steps import Standing
from idp.web.forms.page_form import PageForm
from idp.web.http import cookies
from idp.web.http.languages import gettext, mark

AGAIN = "again"
"""Parameter of step one: the receipt of the case that is registered again."""
REFUSED = mark(
    "این فرم با اطلاعات درخواست قبلی شما پر شده است که با پایگاه مرجع مطابقت نداشت."
    " همه آن‌ها را با کارت ملی و شناسنامه مقایسه کنید."
)
EARLIER = mark("این فرم با اطلاعات درخواست قبلی شما پر شده است. همه آن‌ها را بررسی کنید.")
_TO_CORRECT = frozenset({CaseState.MISMATCH, CaseState.EXPIRED})


def keep(response: Response, submitted: Standing, typed: Mapping[str, str]) -> None:
    """Let the browser keep the copy of a case that it has submitted, until it is closed."""
    record, case = submitted.record, submitted.case
    sealed = deps().own_copies.seal(record, case.id, typed) if record and case else None
    if sealed is not None:
        cookies.write(response, cookies.COPY, sealed)


def of_case(found: FoundCase) -> OwnCopy | None:
    """Return this browser's copy of a case that may be registered again."""
    copy = _copy() if found.phone_proven and found.case.state in _TO_CORRECT else None
    return copy if copy is not None and copy.case_id == found.case.id else None


def drop(response: Response) -> None:
    """Erase the copy, when this browser has one: there is nothing to correct any more."""
    if cookies.every(cookies.COPY):
        cookies.erase(response, cookies.COPY)


def for_step_one() -> dict[str, str]:
    """Return the fields of step one when the address has the receipt of this copy's case."""
    receipt = request.args.get(AGAIN, "")
    found = deps().receipts.find(receipt, cookies.browser_id()) if receipt else None
    copy = of_case(found) if found is not None else None
    if copy is None:
        return {}
    return {"national_id": copy.national_id, "operator": copy.operator, "mobile": copy.mobile}


def of_record(record: StepOne) -> OwnCopy | None:
    """Return the copy for step two, once a code has proven the phone of the copy again."""
    copy = _copy() if deps().settings.registration.phone_proof else None
    return copy if copy is not None and copy.is_of(record) else None


def take_marks(form: PageForm, copy: OwnCopy) -> None:
    """Take the mark from fields that hold what the copy has: the registry may have refused it."""
    for field in form.controls:
        is_copied = all(copy.typed.get(name, "") == text for name, text in field.typed.items())
        if field.is_good and is_copied:
            field.restore([], is_right=False)


def words_about(copy: OwnCopy) -> str:
    """Return the sentence above a form that is filled in from the copy."""
    return gettext(REFUSED if deps().receipts.state_of(copy) is CaseState.MISMATCH else EARLIER)


def _copy() -> OwnCopy | None:
    return deps().own_copies.opened(cookies.every(cookies.COPY), cookies.browser_id())
