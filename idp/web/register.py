"""The pages of the registration: step one, the code, step two, the 48-hour page."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from idp import resources
from idp.deps import deps
from idp.domain.case import DEADLINE, StepOne
from idp.domain.jalali import today_in_tehran
from idp.domain.limits import HOUR
from idp.domain.mobile import operator_hint
from idp.domain.one_time_code import CodeTry
from idp.ports import HashingBusy
from idp.services.messages import Notice
from idp.services.register import Stage, Standing
from idp.services.throttle import TooMany
from idp.web import (
    addresses,
    cookies,
    guide_texts,
    languages,
    messages,
    oauth,
    pending,
    presenting,
    working,
)
from idp.web.forms import Submitted
from idp.web.pending import PendingRequest
from idp.web.register_forms import (
    Applicant,
    Sender,
    read_claim,
    read_step_one,
    read_step_two,
)
from idp.web.visitors import visitor
from idp.web.working import FLOW

bp = Blueprint("register", __name__, url_prefix="/register")

_PAGES = {  # every other stage is told on step one
    Stage.CODE: "register.code",
    Stage.DETAILS: "register.details",
    Stage.PROFESSION: "register.profession",
    Stage.PROFESSION_PENDING: "register.profession",
    Stage.PENDING: "register.submitted",
    Stage.BRANCH: "register.submitted",
}
HOURS = int(DEADLINE / HOUR)
_STEP_ONE_ERRORS = {
    Stage.EXISTS: "error.step1.duplicate",
    Stage.INVALID_PAIR: "error.step1.invalid",
}


@bp.get("")
def show() -> ResponseReturnValue:
    """Step one; a record of this browser fills it in, with the error that it ended in above."""
    return _begun(as_physician=False)


@bp.post("")
def begin() -> ResponseReturnValue:
    """Read step one."""
    return _begin(as_physician=False)


@bp.get("/physicians")
def physicians() -> ResponseReturnValue:
    """Step one for physicians; where they do not register here, how they do."""
    if not deps().settings.registration.physicians:
        return _page("register/physicians.html")
    return _begun(as_physician=True)


@bp.post("/physicians")
def begin_as_physician() -> ResponseReturnValue:
    """Read step one for physicians."""
    if not deps().settings.registration.physicians:
        abort(404)
    return _begin(as_physician=True)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code that went to the phone."""
    standing = _standing()
    if standing.stage is not Stage.CODE:
        return _onward(standing)
    return _code(standing, Submitted(), asked_again="again" in request.args)


@bp.post("/code")
def prove() -> ResponseReturnValue:
    """Try the code."""
    form, sender = Submitted(request.form), _sender()
    label = languages.gettext("کد تأیید")
    typed = form.required("code", label)
    if form.is_good:
        tried = deps().register.prove(_flow(), sender.browser, sender.address, typed)
        if tried is None or tried is CodeTry.RIGHT:
            return _onward(_standing())
        form.refuse("code", messages.text(f"code.{tried}"))
    standing = _standing()
    return _onward(standing) if standing.stage is not Stage.CODE else (_code(standing, form), 422)


@bp.post("/code/resend")
def resend() -> ResponseReturnValue:
    """Send another code; the next page says the same whether the phone had too many or not."""
    Submitted(request.form)  # refuses what is no form of ours
    sender = _sender()
    standing = deps().register.resend(_flow(), sender.browser, sender.address)
    return _onward(standing, again="1")


@bp.get("/details")
def details() -> ResponseReturnValue:
    """Step two."""
    standing = _standing()
    if standing.stage is not Stage.DETAILS:
        return _onward(standing)
    return _step_two(standing, Submitted())


@bp.post("/details")
def submit() -> ResponseReturnValue:
    """Read step two, and submit it."""
    standing = _standing()
    if standing.stage is not Stage.DETAILS or standing.record is None:
        return _onward(standing)
    received = working.receive()
    form = received.form
    applicant = Applicant(
        standing.record.national_id,
        today_in_tehran(deps().clock()),
        deps().settings.registration,
        as_physician=standing.record.as_physician,
    )
    step_two = read_step_two(form, applicant)
    if step_two is None:
        return _step_two(standing, form), 422
    sender = visitor(received.work)
    try:
        submitted = deps().register.submit(_flow(), sender, step_two)
    except (HashingBusy, TooMany) as error:
        return _try_again(standing, form, error)
    if submitted.open_from is not None:
        return _limited(submitted.open_from)
    return _onward(submitted)


@bp.post("/more-time")
def more_time() -> ResponseReturnValue:
    """Let step two stay open for its whole time again; a script asks, so the answer is empty."""
    Submitted(request.form)  # refuses what is no form of ours
    return "", 204 if deps().register.extend(_flow(), cookies.browser_id()) else 410


@bp.get("/submitted")
def submitted() -> ResponseReturnValue:
    """Show the guide's page about the 48 hours, or the text of the SMS that names the branch."""
    standing = _standing()
    if standing.case is None:
        return _onward(standing)
    page = "register/branch.html" if standing.stage is Stage.BRANCH else "register/submitted.html"
    application = standing.case.application
    passed = int((deps().clock() - standing.case.submitted_at) / HOUR)
    return _page(
        page,
        case=standing.case,
        hours_passed=min(passed, HOURS),
        hours=HOURS,
        branch_text=resources.sms_text(Notice.BRANCH),
        claims_profession=bool(application and application.physician),
    )


@bp.get("/profession")
def profession() -> ResponseReturnValue:
    """Ask the owner of an account for the profession to add; say so while it is checked."""
    standing = _standing()
    if standing.stage is Stage.PROFESSION_PENDING:
        return _page("register/profession_pending.html")
    return _profession(standing, Submitted()) if standing.account else _onward(standing)


@bp.post("/profession")
def claim_profession() -> ResponseReturnValue:
    """Read the profession, and have the medical council asked about it."""
    standing = _standing()
    if standing.stage is not Stage.PROFESSION:
        return _onward(standing)
    received = working.receive()
    claim = read_claim(received.form)
    if claim is None:
        return _profession(standing, received.form), 422
    sender = visitor(received.work)
    try:
        claimed = deps().register.claim(_flow(), sender, claim)
    except TooMany as error:
        page = _profession(standing, received.form, lead=messages.text("too_many"))
        return page, 429, _retry_after(error.retry_after)
    return _limited(claimed.open_from) if claimed.open_from else _onward(claimed)


@bp.post("/back")
def turn_back() -> ResponseReturnValue:
    """Answer the portal that nobody signs in now: the citizen goes back before the result."""
    Submitted(request.form)  # refuses what is no form of ours
    waiting = pending.find()
    if waiting is None:
        return redirect(url_for("login.show"), 303)
    return oauth.deny(waiting)


def _begun(*, as_physician: bool) -> str:
    standing = _standing()
    error = _STEP_ONE_ERRORS.get(standing.stage)
    lead = guide_texts.screen(error) if error else ""
    return _step_one(_typed_before(standing.record), lead, as_physician=as_physician)


def _begin(*, as_physician: bool) -> ResponseReturnValue:
    form = Submitted(request.form)
    step_one = read_step_one(form, _sender(as_physician=as_physician))
    if step_one is None:
        lead = guide_texts.screen("error.step1.invalid")
        return _step_one(form, lead, as_physician=as_physician), 422
    try:
        standing = deps().register.begin(step_one)
    except TooMany as error:
        page = _step_one(form, messages.text("too_many"), as_physician=as_physician)
        return page, 429, _retry_after(error.retry_after)
    return _onward(standing)


def _sender(*, as_physician: bool = False) -> Sender:
    return Sender(cookies.browser_id(), addresses.of_visitor(), as_physician=as_physician)


def _flow() -> str:
    """Return the id of the step-one record that the form or the address carries."""
    claimed = request.form.get(FLOW, "") or request.args.get(FLOW, "")
    return claimed if cookies.TOKEN.fullmatch(claimed) else ""


def _standing() -> Standing:
    return deps().register.standing(_flow(), cookies.browser_id())


def _onward(standing: Standing, **query: str) -> ResponseReturnValue:
    """Lead to the page where the registration stands; nothing is repeated by a reload."""
    if standing.record is None:
        return _page("register/gone.html"), 410
    values: dict[str, Any] = {FLOW: standing.record.id, **carried_context(), **query}
    step_one = "register.physicians" if standing.record.as_physician else "register.show"
    target = url_for(_PAGES.get(standing.stage, step_one), **values)
    return redirect(target, 303)


def _typed_before(record: StepOne | None) -> Submitted:
    if record is None:
        return Submitted()
    typed = {
        "national_id": record.national_id.value,
        "operator": record.operator,
        "mobile": record.mobile.national,
    }
    return Submitted(MultiDict(typed))


def _step_one(form: Submitted, lead: str, *, as_physician: bool) -> str:
    return _page(
        "register/step_one.html",
        form=form,
        lead=lead,
        lists=presenting.step_one_lists(),
        as_physician=as_physician,
    )


def _code(standing: Standing, form: Submitted, *, asked_again: bool = False) -> str:
    return _page(
        "register/code.html",
        form=form,
        record=standing.record,
        asked_again=asked_again,
        hint=_operator_hint(standing),
    )


def _step_two(standing: Standing, form: Submitted, *, lead: str = "") -> str:
    return _page(
        "register/step_two.html",
        form=form,
        lead=lead,
        record=standing.record,
        hint=_operator_hint(standing),
        minutes_left=_minutes_left(standing),
        lists=presenting.step_two_lists(deps().settings.registration.countries_not_offered),
    )


def _minutes_left(standing: Standing) -> int:
    ends_at = standing.record.expires_at if standing.record else deps().clock()
    return int((ends_at - deps().clock()).total_seconds() // 60)


def _profession(standing: Standing, form: Submitted, *, lead: str = "") -> str:
    has_one = standing.account is not None and standing.account.physician is not None
    return _page(
        "register/profession.html",
        form=form,
        lead=lead,
        has_one=has_one,
        lists=presenting.profession_lists(),
    )


def _operator_hint(standing: Standing) -> str:
    """Return the hint about a number that was first another operator's; never an error."""
    if standing.record is None:
        return ""
    first_holder = operator_hint(standing.record.mobile)
    return messages.text("N16") if first_holder not in {None, standing.record.operator} else ""


def _try_again(
    standing: Standing, form: Submitted, error: HashingBusy | TooMany
) -> ResponseReturnValue:
    """Show step two again as it was typed: not the citizen's fault, so nothing may be lost."""
    busy = isinstance(error, HashingBusy)
    page = _step_two(standing, form, lead=messages.text("busy" if busy else "too_many"))
    return page, 503 if busy else 429, _retry_after(error.retry_after)


def _retry_after(wait: timedelta) -> dict[str, str]:
    return {"Retry-After": str(ceil(wait.total_seconds()))}


def _limited(open_from: datetime) -> ResponseReturnValue:
    page = _page("register/limited.html", open_from=open_from)
    return page, 429, _retry_after(open_from - deps().clock())


def _page(template: str, **values: Any) -> str:  # noqa: ANN401 (what each template needs)
    """Render a page with the record's id and the request that waits, to be carried on."""
    waiting = _waiting()
    context = _context_query(waiting)
    rules = deps().settings.registration
    return render_template(
        template,
        phone_proof=rules.phone_proof,
        email_required=rules.email_required,
        context=context,
        carried={FLOW: _flow(), **context},
        portal=waiting.client.name if waiting else "",
        **values,
    )


def _waiting() -> PendingRequest | None:
    """Return the portal's request; a registration goes on when it no longer opens."""
    return pending.peek()


def carried_context() -> dict[str, str]:
    """Return what a link carries on of the portal's request; nothing when none waits."""
    return _context_query(_waiting())


def _context_query(waiting: PendingRequest | None) -> dict[str, str]:
    return {pending.FIELD: waiting.sealed} if waiting else {}
