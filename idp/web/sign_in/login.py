"""The guide's login page (S1), the code on a new device, and the second step for a portal."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.clients.client import Client
from idp.domain.sign_in.one_time_code import CodeStanding
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.services.protection.owners_counters import TooMany
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import CodeNeeded, Refused
from idp.web.forms import flow, proof_of_work, repeated_forms, returned_forms, whose
from idp.web.forms.code_words import CodeForm, code_words, replaced
from idp.web.forms.fields import Required, Secret
from idp.web.forms.flow import claimed_id
from idp.web.forms.page_form import ButtonForm, PageForm
from idp.web.forms.returned_forms import WRONG_FIELDS, Refusal, of_busy, send_back
from idp.web.http import browser_state, cookies, pending, sessions
from idp.web.http.languages import mark
from idp.web.http.pending import PendingGone, PendingRequest
from idp.web.http.visitors import attempt, to_login

bp = Blueprint("login", __name__, url_prefix="/login")
CODE_ERRORS = {Refused.CODE_WRONG: "code.wrong", Refused.CODE_DEAD: "code.dead"}


class SignInForm(PageForm):
    """User name and password."""

    username = Required(mark("نام کاربری"))
    password = Secret(mark("گذرواژه"))


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the login page, or lead on when the citizen has signed in (``_is_done``)."""
    waiting = pending.find()
    if _is_done(waiting):
        return _after_sign_in(waiting)
    shown = returned_forms.shown(SignInForm, **_prefilled(waiting))
    page = render_template(
        "login/login.html", form=shown.form, waiting=waiting, lead=shown.sentence
    )
    return shown.answer(page)


@bp.post("")
@repeated_forms.looked_up_by_use_case
def sign_in() -> ResponseReturnValue:
    """Check user name and password: sign in, ask for a code, or give the one refusal (N06)."""
    waiting = pending.find()
    received = proof_of_work.receive()
    form = SignInForm(received.fields)
    if not form.validate():
        return _back_to_login(form, waiting)
    user, password = form.username.data, form.password.data
    sender = attempt(waiting, received.work, form=repeated_forms.key_for_use_case())
    try:
        result = deps().sign_in.with_password(user, password, sender)
    except TooMany as error:
        return _back_to_login(form, waiting, of_busy(error, too_many="N07"))
    if isinstance(result, Refused):
        return _back_to_login(form, waiting, Refusal("N06"))
    if isinstance(result, CodeNeeded):
        return redirect(_code_address(result.pending_id, waiting), 303)
    return _enter(result, waiting)


@bp.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code of a new device, and show until when it is good."""
    waiting, flow_id = pending.find(), claimed_id()
    awaited = _code_of(flow_id)
    if awaited is None:
        return _after_sign_in(waiting)
    shown = returned_forms.shown(CodeForm)
    page = render_template(
        "login/code.html",
        form=shown.form,
        waiting=waiting,
        flow_id=flow_id,
        code=code_words(awaited),
        is_always_asked=awaited.is_always_asked,
    )
    return shown.answer(page)


@bp.post("/code")
def take_code() -> ResponseReturnValue:
    """Check the code of a new device, and sign in."""
    waiting, flow_id = pending.find(), claimed_id()
    form = CodeForm(request.form)
    if form.validate():
        result = deps().sign_in.with_code(flow_id, form.code.data, attempt(waiting))
        if isinstance(result, Entered):
            return _enter(result, waiting)
        if result is Refused.EXPIRED:
            return _after_sign_in(waiting)
        form.code.tell(CODE_ERRORS[result])
    return send_back(form, "login.code", _carried(flow_id, waiting))


@bp.post("/code/again")
def send_again() -> ResponseReturnValue:
    """Send the code of a new device again; its page shows whether one was sent."""
    waiting, flow_id = pending.find(), claimed_id()
    ButtonForm(request.form)  # 400 for a field that was sent twice
    before = _code_of(flow_id)
    if not deps().sign_in.send_again(flow_id, attempt(waiting)):
        return _after_sign_in(waiting)
    again = replaced(before, _code_of(flow_id))
    return redirect(_code_address(flow_id, waiting, **again), 303)


@bp.get("/second-step")
def second_step() -> ResponseReturnValue:
    """Ask for the code of the second step, which the portal requires; a GET sends no code."""
    waiting, session = pending.find(), sessions.current_session()
    if session is not None and session.acr == ACR_PASSWORD_OTP:  # Back, after the second step
        return _after_sign_in(waiting)
    awaited = deps().sign_in.awaited_step(session) if session is not None else None
    if awaited is None:
        return to_login(waiting)
    shown = returned_forms.shown(CodeForm)
    page = render_template(
        "login/second_step.html", form=shown.form, waiting=waiting, code=code_words(awaited)
    )
    return shown.answer(page)


@bp.post("/second-step/send")
def send_second_step() -> ResponseReturnValue:
    """Send the code of the second step."""
    waiting, session = pending.find(), sessions.current_session()
    if session is None:
        return to_login(waiting)
    again: dict[str, Any] = {}
    if whose.is_of(session, ButtonForm(request.form)):
        before = deps().sign_in.awaited_step(session)
        deps().sign_in.send_second_step(session, attempt(waiting))
        again = replaced(before, deps().sign_in.awaited_step(session))
    return redirect(url_for("login.second_step", **_context(waiting), **again), 303)


@bp.post("/second-step")
def take_second_step() -> ResponseReturnValue:
    """Check the code of the second step, and raise the session's ``acr``."""
    waiting, session = pending.find(), sessions.current_session()
    if session is None:
        return to_login(waiting)
    form = CodeForm(request.form)
    if not whose.is_of(session, form):  # shown to another account: show the page anew
        return redirect(pending.link("login.second_step", waiting), 303)
    if form.validate():
        result = deps().sign_in.second_step(session, form.code.data, attempt(waiting))
        if isinstance(result, Entered):
            return _enter(result, waiting)
        if result is Refused.EXPIRED:
            return to_login(waiting)
        form.code.tell(CODE_ERRORS[result])
    return send_back(form, "login.second_step", _context(waiting))


@bp.app_errorhandler(PendingGone)
def request_gone(error: PendingGone) -> ResponseReturnValue:
    """Show that the pending request is lost (too old, another browser's), and link its portal."""
    return _gone(error.client, is_elsewhere=error.is_elsewhere)


def gone(waiting: PendingRequest | None, again: str = "login.show") -> ResponseReturnValue:
    """Return the page of an expired flow (N02); its link leads to ``again``, where flows begin.

    The link carries the pending request. When the request came without a browser id, the page says
    that the flow is another browser's, or that the browser keeps no cookies.
    """
    return _gone(None, again=again, waiting=waiting, is_elsewhere=not cookies.browser_ids())


def _gone(
    client: Client | None,
    *,
    is_elsewhere: bool,
    again: str = "login.show",
    waiting: PendingRequest | None = None,
) -> ResponseReturnValue:
    page = render_template(
        "login/gone.html",
        again=pending.link(again, waiting),
        again_recovers=again == "recover.show",
        portal=client,
        home=pending.home_of(client) if client else "",
        is_elsewhere=is_elsewhere,
    )
    return page, PendingGone.code


def _enter(entered: Entered, waiting: PendingRequest | None) -> ResponseReturnValue:
    """Set the cookies of the new session, and lead on: to the pending request or the account."""
    target = pending.link("oauth.resume" if waiting else "account.show", waiting)
    response = make_response(redirect(target, 303))
    sessions.keep(response, entered.token)
    browser_state.note(entered.session)
    cookies.keep_device(response, entered.device)
    return response


def _prefilled(waiting: PendingRequest | None) -> dict[str, str]:
    hint = waiting.context.login_hint if waiting else None
    return {"username": hint} if hint else {}


def _back_to_login(
    form: SignInForm, waiting: PendingRequest | None, refusal: Refusal = WRONG_FIELDS
) -> ResponseReturnValue:
    return send_back(form, "login.show", _context(waiting), refusal)


def _after_sign_in(waiting: PendingRequest | None) -> ResponseReturnValue:
    """Lead on a citizen who is signed in (a second press, Back); else show an expired flow."""
    if sessions.current_session() is None:
        if request.method == "POST":  # the GET shows it, and can be reloaded
            return redirect(_code_address(claimed_id() or flow.NOBODYS, waiting), 303)
        return gone(waiting) if claimed_id() else to_login(waiting)
    return redirect(pending.link("oauth.resume" if waiting else "account.show", waiting), 303)


def _is_done(waiting: PendingRequest | None) -> bool:
    """Return whether this browser has signed in since the pending request came (Back, a reload).

    Without a pending request any session counts; with ``subject_hints`` none does.
    """
    session = sessions.current_session()
    if session is None or waiting is None:
        return session is not None
    context = waiting.context
    return not context.subject_hints and session.auth_time >= context.arrived_at


def _context(waiting: PendingRequest | None) -> dict[str, Any]:
    return {pending.FIELD: waiting.sealed} if waiting else {}


def _carried(flow_id: str, waiting: PendingRequest | None) -> dict[str, Any]:
    return {flow.FIELD: flow_id, **_context(waiting)}


def _code_of(flow_id: str) -> CodeStanding | None:
    return deps().sign_in.awaited_code(flow_id, cookies.browser_id())


def _code_address(flow_id: str, waiting: PendingRequest | None, **again: str) -> str:
    query: dict[str, Any] = {**_carried(flow_id, waiting), **again}
    return url_for("login.code", **query)
