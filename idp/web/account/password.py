"""Reauthentication with the password, and the change of the password."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask import request as http
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.ports import HashingBusy
from idp.services.account.change_password import NotChanged, PasswordChanged, Passwords
from idp.services.protection.owners_counters import TooMany
from idp.services.recovery.recover import WeakPassword
from idp.web.account.frame import WAYS_BACK, signed_in, username_of
from idp.web.forms import flashes, kept_form, returned_forms
from idp.web.forms.fields import LONGEST_SEALED, Hidden, Secret
from idp.web.forms.new_password import NEW_PASSWORD, REPEATED, NewPasswordField, PasswordAgainField
from idp.web.forms.page_form import PageForm
from idp.web.forms.returned_forms import WRONG_FIELDS, Refusal, fill_in, of_busy, send_back
from idp.web.http import cookies, sessions
from idp.web.http.languages import gettext, mark
from idp.web.http.visitors import to_login, visitor

bp = Blueprint("account_password", __name__, url_prefix="/account")


class ProveForm(PageForm):
    """The password, and where the reauthentication leads back to."""

    to = Hidden()
    kept = Hidden(longest=LONGEST_SEALED)
    password = Secret(mark("گذرواژه"))


class ChangePasswordForm(PageForm):
    """The old password and the new one."""

    old_password = Secret(mark("گذرواژه فعلی"))
    password = NewPasswordField(NEW_PASSWORD)
    password_again = PasswordAgainField(REPEATED)


@bp.get("/prove")
def ask() -> ResponseReturnValue:
    """Ask for the password; the form carries the way back."""
    signed_in()
    shown = returned_forms.shown(ProveForm)
    page = render_template(
        "account/prove.html",
        form=shown.form,
        to=http.args.get("to", ""),
        kept=http.args.get(kept_form.FIELD, ""),
        lead=shown.sentence,
        username="",
    )
    return shown.answer(page)


@bp.post("/prove")
def prove() -> ResponseReturnValue:
    """Check the password, and lead back to the page that required it."""
    session = signed_in()
    form = ProveForm(http.form)
    if not form.validate():
        return _ask_again(form)
    try:
        proven = deps().own.again.prove(session, form.password.data, visitor())
    except TooMany as error:
        return _ask_again(form, of_busy(error, too_many="N07"))
    if proven is None:
        form.password.refuse(gettext("گذرواژه نادرست است."))
        return _ask_again(form)
    response = _back(proven.session, form)
    sessions.keep(response, proven.token)
    return response


def _back(session: Session, form: ProveForm) -> Response:
    """Return the redirect to the page that required the password, with what was typed there."""
    typed = kept_form.take(session, form.kept.data)
    endpoint = WAYS_BACK.get(form.to.data, "account.show")
    if not typed:
        return make_response(redirect(url_for(endpoint), 303))
    return make_response(fill_in(typed, endpoint))


def _ask_again(form: ProveForm, refusal: Refusal = WRONG_FIELDS) -> ResponseReturnValue:
    query = {"to": form.to.data, kept_form.FIELD: form.kept.data}
    return send_back(form, "account_password.ask", query, refusal)


@bp.get("/security/password")
def show() -> ResponseReturnValue:
    """Show the form for a new password."""
    session = signed_in()
    shown = returned_forms.shown(ChangePasswordForm)
    lead = shown.sentence
    page = render_template(
        "account/password.html", form=shown.form, lead=lead, username=username_of(session)
    )
    return shown.answer(page)


@bp.post("/security/password")
def change() -> ResponseReturnValue:
    """Check the old password, and change it to the new one."""
    session = signed_in()
    form = ChangePasswordForm(http.form)
    if not form.validate():
        return _refused(form)
    typed = Passwords(form.old_password.data, form.password.data)
    try:
        result = deps().own.password.change(session, typed, visitor())
    except TooMany as error:
        return _refused(form, of_busy(error, too_many="N07"))
    except HashingBusy as error:
        return _refused(form, of_busy(error))
    return _answer(form, result, session)


def _refused(form: ChangePasswordForm, refusal: Refusal = WRONG_FIELDS) -> ResponseReturnValue:
    return send_back(form, "account_password.show", refusal=refusal)


def _answer(
    form: ChangePasswordForm, result: PasswordChanged | WeakPassword | NotChanged, session: Session
) -> ResponseReturnValue:
    if isinstance(result, WeakPassword):
        form.password.refuse_weak(result.violations)
        return _refused(form)
    if result is NotChanged.WRONG:
        form.old_password.refuse(gettext("گذرواژه فعلی نادرست است."))
        return _refused(form)
    if isinstance(result, NotChanged):
        return to_login()
    told = flashes.leads_to("account_security.show", "password", of=session.account_id)
    response = make_response(redirect(told, 303))
    sessions.keep(response, result.token)
    if result.device is not None:
        cookies.keep_device(response, result.device)
    return response
