"""«شما وارد شده‌اید»: a portal sent somebody to register where somebody else may be signed in.

At a shared computer that is the person before. Nothing goes on for them unless they say so
(attack SE20).
"""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web.account.frame import account_of
from idp.web.forms import whose
from idp.web.forms.fields import Submitted
from idp.web.http import cookies, pending, sessions
from idp.web.sign_out import logout

bp = Blueprint("choose_account", __name__, url_prefix="/choose-account")
GO_ON, REGISTER = "go_on", "register"


@bp.get("")
def show() -> ResponseReturnValue:
    """Say who is signed in, and ask who goes on."""
    waiting, session = pending.find(), sessions.current_session()
    if waiting is None:
        abort(400)
    if session is None:
        return redirect(pending.link("oauth.resume", waiting), 303)
    return render_template(
        "login/choose_account.html",
        waiting=waiting,
        account=account_of(session),
    )


@bp.post("")
def decide() -> ResponseReturnValue:
    """Go on as who is signed in, or sign them out and register."""
    waiting, session = pending.find(), sessions.current_session()
    form = Submitted(request.form)
    decision = form.value("decision")
    if waiting is None or decision not in {GO_ON, REGISTER}:
        abort(400)
    if session is None or not whose.is_of(session, form):
        return redirect(pending.link("choose_account.show", waiting), 303)
    if decision == REGISTER:
        return logout.leave_to("register.show", waiting)
    sealed = deps().provider.without_registration(waiting.sealed, cookies.browser_id())
    return redirect(pending.link_to("oauth.resume", sealed), 303)
