"""The pages of the registration: step one, the code, step two, the 48-hour page."""

from datetime import timedelta
from functools import partial
from math import ceil
from typing import Any

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.mobile import operator_hint
from idp.domain.persian.jalali import today_in_tehran
from idp.domain.registration.case import StepOne
from idp.domain.sign_in.one_time_code import CodeTry
from idp.ports import HashingBusy
from idp.services.registration.steps import Stage, Standing, StepOneInput, StepTwoInput
from idp.web.forms import flow, proof_of_work, returned_forms
from idp.web.forms.code_words import CodeForm, code_words
from idp.web.forms.flow import claimed_id
from idp.web.forms.page_form import ButtonForm
from idp.web.forms.returned_forms import Refusal, of_busy, send_back
from idp.web.http import addresses, cookies, pending
from idp.web.http.pending import PendingRequest
from idp.web.http.visitors import visitor
from idp.web.oauth import views
from idp.web.registration import choices
from idp.web.registration.forms import Applicant, ProfessionForm, StepOneForm, StepTwoForm
from idp.web.words import guide_texts, messages
from idp.web.words.portal_names import portal_name

bp = Blueprint("register", __name__, url_prefix="/register")

_PAGES = {  # every other stage is shown on step one
    Stage.CODE: "register.code",
    Stage.DETAILS: "register.details",
    Stage.PROFESSION: "register.profession",
    Stage.PROFESSION_PENDING: "register.profession",
    Stage.LIMITED: "register.limited",
}
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
        return _page("register/physicians.html")
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
    standing = _standing()
    if standing.stage is not Stage.CODE or standing.record is None:
        return _onward(standing)
    shown = returned_forms.shown(CodeForm)
    page = _page(
        "register/code.html",
        form=shown.form,
        record=standing.record,
        code=code_words(deps().register.awaited_code(standing.record)),
        hint=_operator_hint(standing),
    )
    return shown.answer(page)


@bp.post("/code")
def prove() -> ResponseReturnValue:
    """Check the typed one-time code; a right one proves the phone."""
    form = CodeForm(request.form)
    if form.validate():
        tried = deps().register.prove(claimed_id(), cookies.browser_id(), form.code.data)
        if tried is None or tried is CodeTry.RIGHT:
            return _onward(_standing())
        form.code.tell(f"code.{tried}")
    return send_back(form, "register.code", _carried())


@bp.post("/code/resend")
def resend() -> ResponseReturnValue:
    """Send another code; the next page does not tell whether the phone's limit was reached."""
    received = proof_of_work.receive()
    return _onward(deps().register.resend(claimed_id(), visitor(received.work)))


@bp.get("/details")
def details() -> ResponseReturnValue:
    """Show step two; a refused form is shown again with what was typed, but for secrets."""
    standing = _standing()
    record = standing.record
    if standing.stage is not Stage.DETAILS or record is None:
        return _onward(standing)
    shown = returned_forms.shown(partial(StepTwoForm, applicant=_applicant(record)))
    page = _page(
        "register/step_two.html",
        form=shown.form,
        lead=shown.sentence,
        record=record,
        hint=_operator_hint(standing),
        minutes_left=_minutes_left(standing),
        lists=choices.step_two_lists(deps().settings.registration.countries_not_offered),
    )
    return shown.answer(page)


@bp.post("/details")
def submit() -> ResponseReturnValue:
    """Take step two: submit the case."""
    standing = _standing()
    if standing.stage is not Stage.DETAILS or standing.record is None:
        return _onward(standing)
    received = proof_of_work.receive()
    form = StepTwoForm(received.fields, applicant=_applicant(standing.record))
    if not form.validate():
        return send_back(form, "register.details", _carried())
    step_two = StepTwoInput(
        details=form.details(), answer_key=form.answer.data, password=form.password.data
    )
    try:
        submitted = deps().register.submit(claimed_id(), visitor(received.work), step_two)
    except HashingBusy as error:
        return send_back(form, "register.details", _carried(), of_busy(error))
    response = make_response(_onward(submitted))
    if submitted.device is not None:
        cookies.keep_device(response, submitted.device)
    return response


@bp.post("/more-time")
def more_time() -> ResponseReturnValue:
    """Extend the step-one record for a script: 204, or 410 when there is none to extend."""
    ButtonForm(request.form)  # 400 for a field that was sent twice
    return "", 204 if deps().register.extend(claimed_id(), cookies.browser_id()) else 410


@bp.get("/limited")
def limited() -> ResponseReturnValue:
    """Answer 429, and show from when on these data may be submitted again."""
    standing = _standing()
    open_from = deps().register.open_from(standing.record) if standing.record else None
    if open_from is None:
        return _onward(standing)
    page = _page("register/limited.html", open_from=open_from)
    return page, 429, _retry_after(open_from - deps().clock())


@bp.get("/profession")
def profession() -> ResponseReturnValue:
    """Ask the owner of an account for the profession to add, or show that it is being checked."""
    standing = _standing()
    if standing.stage is Stage.PROFESSION_PENDING:
        return _page("register/profession_pending.html")
    if standing.account is None:
        return _onward(standing)
    shown = returned_forms.shown(ProfessionForm)
    page = _page(
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
    standing = _standing()
    if standing.stage is not Stage.PROFESSION:
        return _onward(standing)
    received = proof_of_work.receive()
    form = ProfessionForm(received.fields)
    if not form.validate():
        return send_back(form, "register.profession", _carried())
    claimed = deps().register.claim(claimed_id(), visitor(received.work), form.claim())
    return _onward(claimed)


@bp.post("/back")
def turn_back() -> ResponseReturnValue:
    """Answer the portal ``access_denied``: the citizen goes back before the case is decided."""
    ButtonForm(request.form)  # 400 for a field that was sent twice
    waiting = pending.find()
    if waiting is None:
        return redirect(url_for("login.show"), 303)
    return views.deny(waiting)


def _begun(*, as_physician: bool) -> ResponseReturnValue:
    standing = _standing()
    error = _STEP_ONE_ERRORS.get(standing.stage)
    shown = returned_forms.shown(StepOneForm, **_typed_before(standing.record))
    lead = guide_texts.screen(error) if error else ""
    if shown.is_returned:
        is_invalid = shown.lead == STEP_ONE_INVALID
        lead = guide_texts.screen(STEP_ONE_INVALID) if is_invalid else shown.sentence
    page = _page(
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
        return send_back(form, page, _carried(), Refusal(STEP_ONE_INVALID))
    step_one = StepOneInput(
        form.national_id.data,
        form.operator.data,
        form.mobile.data,
        cookies.browser_id(),
        addresses.of_visitor(),
        as_physician=as_physician,
        work=received.work,
    )
    return _onward(deps().register.begin(step_one))


def _standing() -> Standing:
    return deps().register.standing(claimed_id(), cookies.browser_id())


def _onward(standing: Standing) -> ResponseReturnValue:
    """Redirect to the page of the registration's stage, so that a reload repeats nothing."""
    if standing.record is None and request.method == "POST":  # the GET shows ``gone.html``
        return redirect(url_for("register.code", **{"flow": flow.NOBODYS, **_carried()}), 303)
    if standing.record is None and not claimed_id():
        return redirect(url_for("register.show", **carried_context()), 303)
    if standing.record is None:
        return _page("register/gone.html"), 410
    if standing.case is not None:
        receipt = deps().receipts.give(standing.case, cookies.browser_id())
        return redirect(url_for("progress.show", receipt=receipt, **carried_context()), 303)
    step_one = "register.physicians" if standing.record.as_physician else "register.show"
    target = _PAGES.get(standing.stage, step_one)
    return redirect(url_for(target, flow=standing.record.id, **carried_context()), 303)


def _carried() -> dict[str, Any]:
    """Return the query of a registration's pages: the flow id and the pending request."""
    flow_id = claimed_id()
    return {**({flow.FIELD: flow_id} if flow_id else {}), **carried_context()}


def _typed_before(record: StepOne | None) -> dict[str, str]:
    if record is None:
        return {}
    return {
        "national_id": record.national_id.value,
        "operator": record.operator,
        "mobile": record.mobile.national,
    }


def _applicant(record: StepOne) -> Applicant:
    return Applicant(
        record.national_id,
        today_in_tehran(deps().clock()),
        deps().settings.registration,
        as_physician=record.as_physician,
    )


def _minutes_left(standing: Standing) -> int:
    ends_at = standing.record.expires_at if standing.record else deps().clock()
    return int((ends_at - deps().clock()).total_seconds() // 60)


def _operator_hint(standing: Standing) -> str:
    """Return the hint for a number whose range another operator first held; never an error."""
    if standing.record is None:
        return ""
    first_holder = operator_hint(standing.record.mobile)
    return messages.text("N16") if first_holder not in {None, standing.record.operator} else ""


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(ceil(wait.total_seconds()))}


def _page(template: str, **values: Any) -> str:  # noqa: ANN401 (what each template needs)
    """Render a page with the flow id and the pending request, for its forms and links."""
    waiting = _waiting()
    context = _context_query(waiting)
    rules = deps().settings.registration
    return render_template(
        template,
        phone_proof=rules.phone_proof,
        email_required=rules.email_required,
        context=context,
        carried={flow.FIELD: claimed_id(), **context},
        portal=portal_name(waiting.client) if waiting else "",
        **values,
    )


def _waiting() -> PendingRequest | None:
    """Return the pending request; None when it no longer opens: the registration continues."""
    return pending.peek()


def carried_context() -> dict[str, Any]:
    """Return the query with which a link carries the pending request; empty without one."""
    return _context_query(_waiting())


def _context_query(waiting: PendingRequest | None) -> dict[str, Any]:
    return {pending.FIELD: waiting.sealed} if waiting else {}
