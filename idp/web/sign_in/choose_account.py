"""«شما وارد شده‌اید»: a portal asks for a registration (``prompt=create``) in an open session.

At a shared computer that may be the previous citizen's session. The hub continues with that account
only when the citizen says so (attack SE20).
"""

from flask import Blueprint, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from wtforms.validators import AnyOf

from idp.deps import deps
from idp.web.account.frame import account_of
from idp.web.forms import whose
from idp.web.forms.fields import Hidden
from idp.web.forms.page_form import PageForm
from idp.web.http import cookies, pending, sessions
from idp.web.sign_out import logout

bp = Blueprint("choose_account", __name__, url_prefix="/choose-account")
GO_ON, REGISTER = "go_on", "register"


class ChooseAccountForm(PageForm):
    """Which button was pressed."""

    decision = Hidden(validators=[AnyOf([GO_ON, REGISTER])])


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the signed-in account, and ask whether to continue with it or to register."""
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
    """Continue with the signed-in account, or sign it out and register."""
    waiting, session = pending.find(), sessions.current_session()
    form = ChooseAccountForm(request.form)
    if waiting is None or not form.validate():
        abort(400)
    if session is None or not whose.is_of(session, form):
        return redirect(pending.link("choose_account.show", waiting), 303)
    if form.decision.data == REGISTER:
        return logout.leave_to("register.show", waiting)
    sealed = deps().provider.without_registration(waiting.sealed, cookies.browser_id())
    return redirect(pending.link_to("oauth.resume", sealed), 303)
