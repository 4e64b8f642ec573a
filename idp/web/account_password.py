"""The password asked for again, and its change."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask import request as http
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.password import password_violations
from idp.domain.session import Session
from idp.ports import HashingBusy
from idp.services.change_password import NotChanged, PasswordChanged, Passwords
from idp.services.recover import WeakPassword
from idp.services.throttle import TooMany
from idp.web import account_email, account_mobile, cookies, kept_form, messages, sessions
from idp.web.account_frame import WAYS_BACK, prove_page, signed_in, username_of
from idp.web.forms import Submitted
from idp.web.languages import gettext
from idp.web.register_forms import password_sentences
from idp.web.visitors import device_life, retry_after, to_login, visitor

bp = Blueprint("account_password", __name__, url_prefix="/account")

FORMS: Mapping[str, Callable[[Session, Submitted], Response]] = {
    "email": account_email.page,
    "mobile": account_mobile.page,
}
"""Pages that come back with what was typed, by their way back."""


@bp.get("/prove")
def ask() -> ResponseReturnValue:
    """Ask for the password, and remember where from."""
    signed_in()
    return prove_page(Submitted(), http.args.get("to", ""))


@bp.post("/prove")
def prove() -> ResponseReturnValue:
    """Take the password and lead back."""
    session = signed_in()
    form = Submitted(http.form)
    to = form.value("to")
    password = form.required("password", gettext("گذرواژه"))
    if not form.is_good:
        return _ask_again(form, status=422)
    try:
        proven = deps().own.again.prove(session, password, visitor())
    except TooMany as error:
        return retry_after(_ask_again(form, lead=messages.text("N07"), status=429), error)
    if proven is None:
        form.refuse("password", gettext("گذرواژه نادرست است."))
        return _ask_again(form, status=422)
    response = _back(proven.session, to)
    sessions.keep(response, proven.token)
    return response


def _back(session: Session, to: str) -> Response:
    """Return the way back, or the page itself with what had been typed there."""
    typed = kept_form.take(session)
    page = FORMS.get(to)
    if typed is not None and page is not None:
        return page(session, typed)
    return make_response(redirect(url_for(WAYS_BACK.get(to, "account.show")), 303))


def _ask_again(form: Submitted, *, lead: str = "", status: int) -> Response:
    kept = http.form.get(kept_form.FIELD, "")
    return prove_page(form, form.value("to"), kept=kept, lead=lead, status=status)


@bp.get("/security/password")
def show() -> ResponseReturnValue:
    """Show the form."""
    return _page(signed_in(), Submitted())


@bp.post("/security/password")
def change() -> ResponseReturnValue:
    """Take the old password and the new one."""
    session = signed_in()
    form = Submitted(http.form)
    typed = _typed(form)
    if typed is None:
        return _page(session, form, status=422)
    try:
        result = deps().own.password.change(session, typed, visitor())
    except TooMany as error:
        return retry_after(_page(session, form, lead=messages.text("N07"), status=429), error)
    except HashingBusy as error:
        return retry_after(_page(session, form, lead=messages.text("busy"), status=503), error)
    return _answer(session, form, result)


def _answer(
    session: Session, form: Submitted, result: PasswordChanged | WeakPassword | NotChanged
) -> ResponseReturnValue:
    if isinstance(result, WeakPassword):
        _refuse_weak(form, result.violations)
        return _page(session, form, status=422)
    if result is NotChanged.WRONG:
        form.refuse("old_password", gettext("گذرواژه فعلی نادرست است."))
        return _page(session, form, status=422)
    if isinstance(result, NotChanged):
        return to_login()
    response = make_response(redirect(url_for("account_security.show", done="password"), 303))
    sessions.keep(response, result.token)
    if result.device is not None:
        cookies.write(response, cookies.DEVICE, result.device, max_age=device_life())
    return response


def _typed(form: Submitted) -> Passwords | None:
    old = form.required("old_password", gettext("گذرواژه فعلی"))
    new = form.required("password", gettext("گذرواژه جدید"))
    repeated = form.required("password_again", gettext("تکرار گذرواژه جدید"))
    if new:  # told at once with all else; names and national ID are the use case's to judge
        _refuse_weak(form, password_violations(new, given="", family="", national_id=""))
    if new and repeated and new != repeated:
        form.refuse("password_again", messages.text("N14"))
    return Passwords(old, new) if form.is_good else None


def _refuse_weak(form: Submitted, violations: tuple[str, ...]) -> None:
    if violations:
        for sentence in password_sentences(form.value("password"), violations):
            form.refuse("password", sentence)


def _page(session: Session, form: Submitted, *, lead: str = "", status: int = 200) -> Response:
    values = {"form": form, "lead": lead, "username": username_of(session)}
    return make_response(render_template("account/password.html", **values), status)
