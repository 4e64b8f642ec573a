"""Password, sessions and devices of the own account."""

from collections.abc import Mapping

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from idp.web.account_frame import account_of, signed_in
from idp.web.languages import gettext, mark

bp = Blueprint("account_security", __name__, url_prefix="/account/security")

DONE: Mapping[str, str] = {"password": mark("گذرواژه شما تغییر یافت.")}
"""What the page says about the act that led to it, by the name in its address."""


@bp.get("")
def show() -> ResponseReturnValue:
    """Show the state of the account's locks."""
    session = signed_in()
    done = DONE.get(request.args.get("done", ""), "")
    return render_template(
        "account/security.html", account=account_of(session), done=gettext(done) if done else ""
    )
