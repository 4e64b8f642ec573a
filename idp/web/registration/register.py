"""The pages of the registration: step one, the code, step two, the 48-hour page."""

from datetime import timedelta
from math import ceil

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.registration.step_one import StepOne
from idp.domain.sign_in.one_time_code import CodeTry
from idp.services.registration.steps import Stage, StepOneInput
from idp.web.forms import proof_of_work, returned_forms
from idp.web.forms.code_words import AGAIN, CodeForm, code_words
from idp.web.forms.flow import claimed_id
from idp.web.forms.page_form import ButtonForm
from idp.web.forms.returned_forms import Refusal, send_back
from idp.web.http import addresses, cookies, pending
from idp.web.http.visitors import visitor
from idp.web.oauth import views
from idp.web.registration import check, choices, own_copy, step_two
from idp.web.registration.forms import ProfessionForm, StepOneForm
from idp.web.registration.stages import (
    carried,
    current_standing,
    onward,
    operator_words,
    page_of,
)
from idp.web.words import guide_texts

bp = Blueprint("register", __name__, url_prefix="/register")
step_two.add_to(bp)
bp.post("/check")(check.check)

STEP_ONE_INVALID = "error.step1.invalid"
_STEP_ONE_ERRORS = {
    Stage.EXISTS: "error.step1.duplicate",
    Stage.INVALID_PAIR: STEP_ONE_INVALID,
}


@bp.get("")
def show() -> ResponseReturnValue:
    """Show step one, prefilled from this browser's step-one record, with the record's error."""
    return _begun(as_physician=False)


@bp.post("")
def begin() -> ResponseReturnValue:
    """Take step one: write the record and send the code."""
    return _begin(as_physician=False)


@bp.get("/physicians")
def physicians() -> ResponseReturnValue:
    """Show step one for physicians; where they cannot register here, say how they register."""
    if not deps().settings.registration.physicians:
        return page_of("register/physicians.html")
    return _begun(as_physician=True)


@bp.post("/physicians")
def begin_as_physician() -> ResponseReturnValue:
    """Take step one for physicians."""
    if not deps().settings.registration.physicians:
        abort(404)
    return _begin(as_physician=True)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the one-time code, and show until when it is good."""
    standing = current_standing()
    if standing.stage is not Stage.CODE or standing.record is None:
        return onward(standing)
    shown = returned_forms.shown(CodeForm)
    page = page_of(
        "register/code.html",
        form=shown.form,
        record=standing.record,
        code=code_words(deps().register.awaited_code(standing.record)),
        hint=operator_words(standing),
    )
    return shown.answer(page)


@bp.post("/code")
def prove() -> ResponseReturnValue:
    """Check the typed one-time code; a right one proves the phone."""
    form = CodeForm(request.form)
    if form.validate():
        tried = deps().register.prove(claimed_id(), cookies.browser_id(), form.code.data)
        if tried is None or tried is CodeTry.RIGHT:
            return onward(current_standing())
        form.code.tell(f"code.{tried}")
    return send_back(form, "register.code", carried())


@bp.post("/code/resend")
def resend() -> ResponseReturnValue:
    """Send another code; the next page does not tell whether the phone's limit was reached."""
    received = proof_of_work.receive()
    return onward(deps().register.resend(claimed_id(), visitor(received.work)), **AGAIN)


@bp.get("/limited")
def limited() -> ResponseReturnValue:
    """Answer 429, and show from when on these data may be submitted again."""
    standing = current_standing()
    open_from = deps().register.open_from(standing.record) if standing.record else None
    if open_from is None:
        return onward(standing)
    finds_branch = deps().branches.are_known()
    page = page_of("register/limited.html", open_from=open_from, finds_branch=finds_branch)
    return page, 429, _retry_after(open_from - deps().clock())


@bp.get("/profession")
def profession() -> ResponseReturnValue:
    """Ask the owner of an account for the profession to add, or show that it is being checked."""
    standing = current_standing()
    if standing.stage is Stage.PROFESSION_PENDING:
        return page_of("register/profession_pending.html")
    if standing.account is None:
        return onward(standing)
    shown = returned_forms.shown(ProfessionForm)
    page = page_of(
        "register/profession.html",
        form=shown.form,
        lead=shown.sentence,
        has_one=standing.account.physician is not None,
        lists=choices.profession_lists(),
    )
    return shown.answer(page)


@bp.post("/profession")
def claim_profession() -> ResponseReturnValue:
    """Take the claim of a profession; a job asks the medical council about it."""
    standing = current_standing()
    if standing.stage is not Stage.PROFESSION:
        return onward(standing)
    received = proof_of_work.receive()
    form = ProfessionForm(received.fields)
    if not form.validate():
        return send_back(form, "register.profession", carried())
    claimed = deps().register.claim(claimed_id(), visitor(received.work), form.claim())
    return onward(claimed)


@bp.post("/back")
def turn_back() -> ResponseReturnValue:
    """Answer the portal ``access_denied``: the citizen goes back before the case is decided."""
    ButtonForm(request.form)  # 400 for a field that was sent twice
    waiting = pending.find()
    if waiting is None:
        return redirect(url_for("login.show"), 303)
    return views.deny(waiting)


def _begun(*, as_physician: bool) -> ResponseReturnValue:
    standing = current_standing()
    error = _STEP_ONE_ERRORS.get(standing.stage)
    shown = returned_forms.shown(StepOneForm, **_typed_before(standing.record))
    lead = guide_texts.screen(error) if error else ""
    if shown.is_returned:
        is_invalid = shown.lead == STEP_ONE_INVALID
        lead = guide_texts.screen(STEP_ONE_INVALID) if is_invalid else shown.sentence
    page = page_of(
        "register/step_one.html",
        form=shown.form,
        lead=lead,
        lists=choices.step_one_lists(),
        as_physician=as_physician,
    )
    return shown.answer(page)


def _begin(*, as_physician: bool) -> ResponseReturnValue:
    received = proof_of_work.receive()
    form = StepOneForm(received.fields)
    page = "register.physicians" if as_physician else "register.show"
    if not form.validate():
        return send_back(form, page, carried(), Refusal(STEP_ONE_INVALID))
    step_one = StepOneInput(
        form.national_id.data,
        form.operator.data,
        form.mobile.data,
        cookies.browser_id(),
        addresses.of_visitor(),
        as_physician=as_physician,
        work=received.work,
    )
    return onward(deps().register.begin(step_one))


def _typed_before(record: StepOne | None) -> dict[str, str]:
    if record is None:
        return own_copy.for_step_one()
    return {
        "national_id": record.national_id.value,
        "operator": record.operator,
        "mobile": record.mobile.national,
    }


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(ceil(wait.total_seconds()))}
