"""What step two held when its page was left: the texts that are kept, and the form made of them."""

from collections.abc import Callable, Mapping

from werkzeug.datastructures import MultiDict

from idp.web.forms import returned_forms
from idp.web.forms.fields import LONGEST, problem_of
from idp.web.forms.returned_forms import Shown
from idp.web.registration.forms import StepTwoForm

KEPT = (
    *("family_name", "given_name", "certificate_number", "serial"),
    *("series_letter", "series_letter_number", "series_number"),
    *("birth_month", "birth_day", "birth_year", "gender", "profession", "council_number"),
    *("question", "country", "city", "city_text", "email"),
)
"""The controls whose text is kept: all but the passwords and the answer."""


def draft_of(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what is kept of a form; a text that no field may hold is not."""
    texts = ((name, typed.get(name, "")) for name in KEPT)
    return {name: text for name, text in texts if text and problem_of(text, LONGEST) is None}


def shown_with_draft(
    make: Callable[..., StepTwoForm], draft: Mapping[str, str]
) -> Shown[StepTwoForm]:
    """Return the form with what was typed last, be it newer than the refused form of the address.

    Fields that are right have their mark. Errors are told of a form that was refused, and of what
    is wrong with it now.
    """
    shown = returned_forms.shown(make)
    before = shown.form.typed()
    if not draft or (shown.is_returned and draft_of(before) == draft):
        return shown
    others = {name: text for name, text in before.items() if name not in KEPT}
    form = make(MultiDict({**others, **draft}))
    form.validate()
    errors = _still_wrong(shown.form, form)
    form.restore(errors, form.good())
    if not errors:
        return Shown(form)
    return Shown(form, shown.lead, shown.status, shown.retry_after, is_returned=True)


def _still_wrong(before: StepTwoForm, now: StepTwoForm) -> dict[str, list[str]]:
    """Return the errors of the fields that had some; those of secrets as they were told."""
    wrong = [field for field in before.controls if field.errors]
    said = {one.name: now[one.name].errors if one.is_kept else one.errors for one in wrong}
    return {name: list(errors) for name, errors in said.items() if errors}
