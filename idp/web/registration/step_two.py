"""The pages of step two: the form, all answers once more, and what is kept meanwhile."""

from collections.abc import Mapping
from functools import partial
from math import ceil
from typing import Any

from flask import Blueprint, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from idp.deps import deps
from idp.domain.persian.jalali import today_in_tehran
from idp.domain.registration.step_one import StepOne
from idp.ports import HashingBusy
from idp.services.protection.owners_counters import TooMany
from idp.services.protection.password_tries import Visitor
from idp.services.registration.steps import Stage, Standing, StepTwoInput
from idp.web.forms import proof_of_work, returned_forms
from idp.web.forms.flow import claimed_id
from idp.web.forms.page_form import ButtonForm
from idp.web.forms.returned_forms import Refusal, of_busy, send_back
from idp.web.http import cookies, languages
from idp.web.http.visitors import visitor
from idp.web.registration import choices, countries, own_copy
from idp.web.registration.drafted import draft_of, shown_with_draft
from idp.web.registration.forms import Applicant, LookedOverForm, StepTwoForm
from idp.web.registration.looked_over import groups
from idp.web.registration.stages import (
    carried,
    current_standing,
    onward,
    operator_words,
    page_of,
)

_OF_ADDRESS = (languages.FIELD, returned_forms.FIELD)
"""What the page in the other language takes along in its address."""


def add_to(bp: Blueprint) -> None:
    """Add these pages to those of the registration."""
    bp.get("/details")(details)
    bp.post("/details")(submit)
    bp.post("/details/keep")(keep)
    bp.get("/look-over")(look_over)
    bp.post("/look-over")(send)
    bp.post("/more-time")(more_time)


def details() -> ResponseReturnValue:
    """Show step two with what was typed so far, but for secrets."""
    standing = current_standing()
    record = standing.record
    if standing.stage is not Stage.DETAILS or record is None:
        return onward(standing)
    copy = own_copy.of_record(record)
    draft = record.typed or (copy.typed if copy else {})
    shown = shown_with_draft(partial(StepTwoForm, applicant=_applicant(record)), draft)
    if copy:
        own_copy.take_marks(shown.form, copy)
    page = page_of(
        "register/step_two.html",
        form=shown.form,
        lead=shown.sentence,
        care=own_copy.words_about(copy) if copy and not shown.is_returned else "",
        record=record,
        hint=operator_words(standing),
        minutes_left=_minutes_left(record),
        looks_over=deps().settings.registration.look_over,
        switch_to=_other_language(),
        lists=choices.step_two_lists(deps().settings.registration),
    )
    return shown.answer(page)


def submit() -> ResponseReturnValue:
    """Take step two: show all answers once more, or submit the case at once."""
    standing = current_standing()
    if standing.stage is not Stage.DETAILS or standing.record is None:
        return onward(standing)
    received = proof_of_work.receive()
    form = StepTwoForm(received.fields, applicant=_applicant(standing.record))
    if not form.validate():
        return _send_back(form)
    try:
        taken = _take(visitor(received.work), form)
    except HashingBusy as error:
        return _send_back(form, of_busy(error))
    return _onward_with_cookies(taken, draft_of(form.typed()))


def keep() -> ResponseReturnValue:
    """Keep what step two holds, for its page in the other language or for its script.

    A script gets 204; 410 when the registration is gone; 429 when it came too soon.
    """
    ButtonForm(request.form)  # 400 for a field that was sent twice
    by_script = languages.FIELD not in request.args
    typed = draft_of(request.form)
    try:
        kept = deps().drafts.keep(claimed_id(), cookies.browser_id(), typed, by_script=by_script)
    except TooMany as error:
        return "", 429, {"Retry-After": str(ceil(error.retry_after.total_seconds()))}
    if by_script:
        return "", 204 if kept else 410
    asked = {name: request.args[name] for name in _OF_ADDRESS if name in request.args}
    return redirect(url_for("register.details", **{**carried(), **asked}), 303)


def look_over() -> ResponseReturnValue:
    """Show all answers once more, with a way back to each group; secrets are never shown."""
    standing = current_standing()
    record = standing.record
    if standing.stage is not Stage.DETAILS or record is None or record.ready is None:
        return onward(standing)
    application = record.ready.application
    rules, country = deps().settings.registration, application.residence.country
    return page_of(
        "register/look_over.html",
        record=record,
        form=LookedOverForm(ready=record.ready.id),
        groups=groups(application, countries.residence_name(rules, country)),
        minutes_left=_minutes_left(record),
    )


def send() -> ResponseReturnValue:
    """Submit what the citizen has looked over; something newer is shown first."""
    form, record = LookedOverForm(request.form), current_standing().record
    sent = deps().register.send(claimed_id(), visitor(), form.ready.text)
    return _onward_with_cookies(sent, record.typed if record is not None else {})


def more_time() -> ResponseReturnValue:
    """Extend the step-one record for a script: 204, or 410 when there is none to extend."""
    ButtonForm(request.form)  # 400 for a field that was sent twice
    return "", 204 if deps().register.extend(claimed_id(), cookies.browser_id()) else 410


def _take(by: Visitor, form: StepTwoForm) -> Standing:
    step_two = StepTwoInput(
        details=form.details(),
        answer_key=form.answer.data,
        password=form.password.data,
        typed=draft_of(form.typed()),
    )
    if deps().settings.registration.look_over:
        return deps().register.prepare(claimed_id(), by, step_two)
    return deps().register.submit(claimed_id(), by, step_two)


def _send_back(form: StepTwoForm, refusal: Refusal = returned_forms.WRONG_FIELDS) -> Response:
    deps().drafts.keep(claimed_id(), cookies.browser_id(), draft_of(form.typed()))
    return send_back(form, "register.details", carried(), refusal)


def _onward_with_cookies(standing: Standing, typed: Mapping[str, str]) -> ResponseReturnValue:
    """Redirect to the next page.

    A browser that has just submitted a case, its phone proven, gets its device cookie, and the copy
    of what was typed.
    """
    if standing.stage is Stage.DETAILS and standing.record and standing.record.ready:
        return redirect(url_for("register.look_over", **carried()), 303)
    response = make_response(onward(standing))
    if standing.device is not None:
        cookies.keep_device(response, standing.device)
        own_copy.keep(response, standing, typed)
    return response


def _other_language() -> str:
    """Return where the form goes when its citizen wants to read it in the other language."""
    returned = {name: text for name, text in request.args.items() if name == returned_forms.FIELD}
    query: dict[str, Any] = {languages.FIELD: languages.current().other.value, **returned}
    return url_for("register.keep", **query)


def _applicant(record: StepOne) -> Applicant:
    return Applicant(
        record.national_id,
        today_in_tehran(deps().clock()),
        deps().settings.registration,
        as_physician=record.as_physician,
    )


def _minutes_left(record: StepOne) -> int:
    return int((record.expires_at - deps().clock()).total_seconds() // 60)
