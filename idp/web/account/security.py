"""Password, sessions and devices of the own account."""

from collections.abc import Mapping

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.sign_in.session import Session
from idp.web.account.frame import fresh, signed_in
from idp.web.forms import flashes
from idp.web.forms.fields import Hidden
from idp.web.forms.page_form import ButtonForm, PageForm
from idp.web.http import sessions
from idp.web.http.languages import gettext, mark
from idp.web.http.visitors import to_login, visitor

bp = Blueprint("account_security", __name__, url_prefix="/account/security")

DONE: Mapping[str, str] = {
    "password": mark("گذرواژه شما تغییر یافت."),
    "question": mark("سوال امنیتی و پاسخ آن تغییر یافت."),
    "session": mark("ورود پایان یافت."),
    "others": mark("همه ورودهای دیگر پایان یافتند."),
    "device": mark("دستگاه حذف شد. ورود بعدی از آن دستگاه کد پیامکی می‌خواهد."),
}
"""What the page says about the act that led to it."""


class SessionForm(PageForm):
    """The session to end."""

    session_id = Hidden()


class DeviceForm(PageForm):
    """The device to forget."""

    device_id = Hidden()


@bp.get("")
def show() -> ResponseReturnValue:
    """Show password, active sessions and known devices."""
    session = signed_in()
    locks = deps().own.sessions.show(session, visitor())
    if locks is None:
        return to_login()
    done = DONE.get(flashes.told(of=session.account_id), "")
    return render_template(
        "account/security.html", locks=locks, here=session, done=gettext(done) if done else ""
    )


@bp.post("/sessions/end")
def end() -> ResponseReturnValue:
    """End one session of the account; one that has ended already is no error."""
    session = fresh("security")
    if not deps().own.sessions.end(session, SessionForm(request.form).session_id.data):
        abort(404)
    return _done(session, "session")


@bp.post("/sessions/end-others")
def end_others() -> ResponseReturnValue:
    """End every other session."""
    session = fresh("security")
    ButtonForm(request.form)  # 400 for a field that was sent twice
    deps().own.sessions.end_others(session)
    return _done(session, "others")


@bp.post("/devices/forget")
def forget() -> ResponseReturnValue:
    """Forget one device."""
    session = fresh("security")
    if not deps().own.sessions.forget(session, DeviceForm(request.form).device_id.data):
        abort(404)
    return _done(session, "device")


@bp.get("/not-me")
def ask_not_me() -> ResponseReturnValue:
    """Show what «من نبودم» does; a GET changes nothing."""
    fresh("not_me")
    return render_template("account/not_me.html")


@bp.post("/not-me")
def not_me() -> ResponseReturnValue:
    """End all other sessions, forget all devices, and redirect to the change of the password."""
    session = fresh("not_me")
    ButtonForm(request.form)  # 400 for a field that was sent twice
    token = deps().own.sessions.not_me(session)
    if token is None:
        return to_login()
    response = make_response(redirect(url_for("account_password.show"), 303))
    sessions.keep(response, token)
    return response


def _done(session: Session, act: str) -> ResponseReturnValue:
    return redirect(flashes.leads_to("account_security.show", act, of=session.account_id), 303)
