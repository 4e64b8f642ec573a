"""Whether one field of the registration is right, for its mark while the form is filled in."""

from contextlib import suppress

from flask import abort, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from idp.deps import deps
from idp.domain.errors import Invalid
from idp.domain.people.national_id import NationalId
from idp.domain.persian.jalali import today_in_tehran
from idp.web.forms.fields import refuse_doubled
from idp.web.forms.page_form import PageForm
from idp.web.http import security
from idp.web.registration.drafted import draft_of
from idp.web.registration.forms import Applicant, StepOneForm, StepTwoForm

OF_STEP_ONE = frozenset({"national_id", "operator", "mobile"})
OF_STEP_TWO = frozenset(
    {
        *("family_name", "given_name", "certificate_number", "serial", "series", "birth"),
        *("gender", "profession", "council_number", "question", "country", "city", "email"),
    }
)
"""No secret is among them: the page's script asks about none, and none would be looked at."""
ABOUT = "field"


@security.for_programs
def check() -> ResponseReturnValue:
    """Return whether the field that the request names is right by its form, as ``{"good": …}``.

    The answer depends on the request alone: no cookie, row or counter is read or written. So it
    tells nothing about who has an account, and nobody's requests cost anybody else anything. 400
    for any other field.
    """
    refuse_doubled(request.form)
    name = request.form.get(ABOUT, "")
    if name in OF_STEP_ONE:
        return {"good": _is_right(StepOneForm(request.form), name)}
    if name not in OF_STEP_TWO:
        abort(400)
    with suppress(Invalid):
        return {"good": _is_right(_step_two(request.form), name)}
    return {"good": False}


def _step_two(typed: MultiDict[str, str]) -> StepTwoForm:
    """Return the form of what was typed. Raise Invalid without the national ID of step one."""
    applicant = Applicant(
        NationalId.parse(typed.get("national_id", "")),
        today_in_tehran(deps().clock()),
        deps().settings.registration,
        as_physician=True,
    )
    return StepTwoForm(MultiDict(draft_of(typed)), applicant=applicant)


def _is_right(form: PageForm, name: str) -> bool:
    """Return whether the form would mark the field; a country is judged together with its city."""
    form["city" if name == "country" else name].validate(form)
    is_right: bool = form[name].is_good
    return is_right
