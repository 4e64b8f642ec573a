"""The guide's login page (S1), the code on a new device, and the second step for a portal."""

from datetime import timedelta
from math import ceil

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from idp.deps import deps
from idp.services.sign_in import CodeNeeded, Entered, Refused
from idp.services.throttle import TooMany
from idp.web import browser_state, cookies, messages, pending, sessions, working
from idp.web.forms import Submitted
from idp.web.languages import gettext, mark
from idp.web.pending import PendingGone, PendingRequest
from idp.web.visitors import attempt, to_login

bp = Blueprint("login", __name__, url_prefix="/login")
USER_LABEL, PASSWORD_LABEL = mark("نام کاربری"), mark("گذرواژه")
CODE_LABEL = mark("کد پیامک شده")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the login page, or the account to who is signed in and came for no portal."""
    waiting = pending.find()
    if waiting is None and sessions.current_session() is not None:
        return redirect(url_for("account.show"), 303)
    return _login_page(Submitted(_prefilled(waiting)), waiting)


@bp.post("")
def sign_in() -> ResponseReturnValue:
    """Take user name and password: on to the portal, to the code, or one refusal for everybody."""
    waiting = pending.find()
    received = working.receive()
    form = received.form
    user = form.required("username", gettext(USER_LABEL))
    password = form.required("password", gettext(PASSWORD_LABEL))
    if not form.is_good:
        return _login_page(form, waiting, status=422)
    try:
        result = deps().sign_in.with_password(user, password, attempt(waiting, received.work))
    except TooMany as error:
        page = _login_page(form, waiting, lead="N07", status=429)
        page.headers["Retry-After"] = str(ceil(error.retry_after.total_seconds()))
        return page
    if isinstance(result, Refused):
        return _login_page(form, waiting, lead="N06", status=422)
    if isinstance(result, CodeNeeded):
        return _code_page(Submitted(), waiting, result.pending_id)
    return _enter(result, waiting)


@bp.get("/code")
@bp.get("/code/again")
def code_gone() -> ResponseReturnValue:
    """Send who reloads the code page back to where codes come from."""
    return to_login(pending.find())


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Take the code of a new device."""
    waiting = pending.find()
    form = Submitted(request.form)
    pending_id = form.value("pending")
    code = form.required("code", gettext(CODE_LABEL))
    if not form.is_good:
        return _code_page(form, waiting, pending_id, status=422)
    result = deps().sign_in.with_code(pending_id, code, attempt(waiting))
    if isinstance(result, Entered):
        return _enter(result, waiting)
    if result is Refused.EXPIRED:
        return gone(waiting)
    form.refuse("code", messages.text("code.wrong"))
    return _code_page(form, waiting, pending_id, status=422)


@bp.post("/code/again")
def send_again() -> ResponseReturnValue:
    """Send the code of a new device again."""
    waiting = pending.find()
    pending_id = Submitted(request.form).value("pending")
    if not deps().sign_in.send_again(pending_id, attempt(waiting)):
        return gone(waiting)
    return _code_page(Submitted(), waiting, pending_id, sent_again=True)


@bp.get("/second-step")
def second_step() -> ResponseReturnValue:
    """Say that the portal asks for a code; nothing is sent by opening the page."""
    waiting = pending.find()
    if sessions.current_session() is None:
        return to_login(waiting)
    return _second_step_page(Submitted(), waiting)


@bp.post("/second-step/send")
def send_second_step() -> ResponseReturnValue:
    """Send the code of the second step."""
    waiting = pending.find()
    session = sessions.current_session()
    if session is None:
        return to_login(waiting)
    Submitted(request.form)  # refuses what is no form of ours
    deps().sign_in.send_second_step(session, attempt(waiting))
    return _second_step_page(Submitted(), waiting, sent=True)


@bp.post("/second-step")
def take_second_step() -> ResponseReturnValue:
    """Take the code of the second step and raise the session."""
    waiting = pending.find()
    session = sessions.current_session()
    if session is None:
        return to_login(waiting)
    form = Submitted(request.form)
    code = form.required("code", gettext(CODE_LABEL))
    if not form.is_good:
        return _second_step_page(form, waiting, sent=True, status=422)
    result = deps().sign_in.second_step(session, code, attempt(waiting))
    if isinstance(result, Entered):
        return _enter(result, waiting)
    if result is Refused.EXPIRED:
        return to_login(waiting)
    form.refuse("code", messages.text("code.wrong"))
    return _second_step_page(form, waiting, sent=True, status=422)


@bp.app_errorhandler(PendingGone)
def request_gone(_error: PendingGone) -> ResponseReturnValue:
    """Say that the request is too old, and lead to a login without a portal."""
    return gone(None)


def gone(waiting: PendingRequest | None) -> ResponseReturnValue:
    """Return the page that says so (N02), with the way on."""
    page = render_template("login/gone.html", login=pending.link("login.show", waiting))
    return page, PendingGone.code


def _enter(entered: Entered, waiting: PendingRequest | None) -> ResponseReturnValue:
    """Give the browser its new session and lead on: to the waiting portal, or to the account."""
    target = pending.link("oauth.resume" if waiting else "account.show", waiting)
    response = make_response(redirect(target, 303))
    sessions.keep(response, entered.token)
    browser_state.note(entered.session)
    settings = deps().settings.signin
    cookies.write(
        response, cookies.DEVICE, entered.device, max_age=timedelta(days=settings.device_days)
    )
    return response


def _prefilled(waiting: PendingRequest | None) -> MultiDict[str, str]:
    hint = waiting.context.login_hint if waiting else None
    return MultiDict({"username": hint} if hint else {})


def _login_page(
    form: Submitted, waiting: PendingRequest | None, *, lead: str = "", status: int = 200
) -> Response:
    page = render_template("login/login.html", form=form, waiting=waiting, lead=lead)
    return make_response(page, status)


def _code_page(
    form: Submitted,
    waiting: PendingRequest | None,
    pending_id: str,
    *,
    sent_again: bool = False,
    status: int = 200,
) -> Response:
    page = render_template(
        "login/code.html",
        form=form,
        waiting=waiting,
        pending_id=pending_id,
        sent_again=sent_again,
    )
    return make_response(page, status)


def _second_step_page(
    form: Submitted, waiting: PendingRequest | None, *, sent: bool = False, status: int = 200
) -> Response:
    page = render_template("login/second_step.html", form=form, waiting=waiting, sent=sent)
    return make_response(page, status)
