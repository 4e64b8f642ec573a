"""The password asked for again, and its change."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask import request as http
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.people.password import password_violations
from idp.domain.sign_in.session import Session
from idp.ports import HashingBusy
from idp.services.account.change_password import NotChanged, PasswordChanged, Passwords
from idp.services.protection.owners_counters import TooMany
from idp.services.recovery.recover import WeakPassword
from idp.web.account.frame import WAYS_BACK, signed_in, username_of
from idp.web.forms import flashes, kept_form, returned_forms
from idp.web.forms.fields import Submitted
from idp.web.forms.returned_forms import TYPED_BEFORE, WRONG_FIELDS, Refusal, of_busy, send_back
from idp.web.http import cookies, sessions
from idp.web.http.languages import gettext
from idp.web.http.visitors import to_login, visitor
from idp.web.registration.forms import password_sentences
from idp.web.words import messages

bp = Blueprint("account_password", __name__, url_prefix="/account")


@bp.get("/prove")
def ask() -> ResponseReturnValue:
    """Ask for the password, and remember where from."""
    signed_in()
    shown = returned_forms.shown()
    page = render_template(
        "account/prove.html",
        form=shown.form,
        to=http.args.get("to", ""),
        kept=http.args.get(kept_form.FIELD, ""),
        lead=returned_forms.sentence(shown.lead),
        username="",
    )
    return shown.answer(page)


@bp.post("/prove")
def prove() -> ResponseReturnValue:
    """Take the password and lead back."""
    session = signed_in()
    form = Submitted(http.form)
    password = form.required("password", gettext("گذرواژه"))
    if not form.is_good:
        return _ask_again(form)
    try:
        proven = deps().own.again.prove(session, password, visitor())
    except TooMany as error:
        return _ask_again(form, of_busy(error, too_many="N07"))
    if proven is None:
        form.refuse("password", gettext("گذرواژه نادرست است."))
        return _ask_again(form)
    response = _back(proven.session, form.value("to"))
    sessions.keep(response, proven.token)
    return response


def _back(session: Session, to: str) -> Response:
    """Return the way back, with what had been typed there."""
    typed = kept_form.take(session)
    endpoint = WAYS_BACK.get(to, "account.show")
    if typed is None:
        return make_response(redirect(url_for(endpoint), 303))
    return make_response(send_back(typed, endpoint, refusal=TYPED_BEFORE))


def _ask_again(form: Submitted, refusal: Refusal = WRONG_FIELDS) -> ResponseReturnValue:
    query = {"to": form.value("to"), kept_form.FIELD: http.form.get(kept_form.FIELD, "")}
    return send_back(form, "account_password.ask", query, refusal)


@bp.get("/security/password")
def show() -> ResponseReturnValue:
    """Show the form."""
    session = signed_in()
    shown = returned_forms.shown()
    lead = returned_forms.sentence(shown.lead)
    page = render_template(
        "account/password.html", form=shown.form, lead=lead, username=username_of(session)
    )
    return shown.answer(page)


@bp.post("/security/password")
def change() -> ResponseReturnValue:
    """Take the old password and the new one."""
    session = signed_in()
    form = Submitted(http.form)
    typed = _typed(form)
    if typed is None:
        return _refused(form)
    try:
        result = deps().own.password.change(session, typed, visitor())
    except TooMany as error:
        return _refused(form, of_busy(error, too_many="N07"))
    except HashingBusy as error:
        return _refused(form, of_busy(error))
    return _answer(form, result, session)


def _refused(form: Submitted, refusal: Refusal = WRONG_FIELDS) -> ResponseReturnValue:
    return send_back(form, "account_password.show", refusal=refusal)


def _answer(
    form: Submitted, result: PasswordChanged | WeakPassword | NotChanged, session: Session
) -> ResponseReturnValue:
    if isinstance(result, WeakPassword):
        _refuse_weak(form, result.violations)
        return _refused(form)
    if result is NotChanged.WRONG:
        form.refuse("old_password", gettext("گذرواژه فعلی نادرست است."))
        return _refused(form)
    if isinstance(result, NotChanged):
        return to_login()
    told = flashes.leads_to("account_security.show", "password", of=session.account_id)
    response = make_response(redirect(told, 303))
    sessions.keep(response, result.token)
    if result.device is not None:
        cookies.keep_device(response, result.device)
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
