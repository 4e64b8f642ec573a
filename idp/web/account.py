"""The signed-in citizen's own page."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web import sessions
from idp.web.forms import Submitted
from idp.web.visitors import to_login

bp = Blueprint("account", __name__, url_prefix="/account")


@bp.get("")
def show() -> ResponseReturnValue:
    """Show who is signed in, masked, and the portals that know."""
    session = sessions.current_session()
    if session is None:
        return to_login()
    with deps().begin(read_only=True) as work:
        account = work.accounts.find(session.account_id)
    if account is None:
        return to_login()
    portals = deps().consent.portals(session)
    return render_template("account/account.html", account=account, portals=portals)


@bp.post("/portals/revoke")
def revoke() -> ResponseReturnValue:
    """Take a portal's access back; a second click finds nothing to take and is no error."""
    session = sessions.current_session()
    if session is None:
        return to_login()
    client_id = Submitted(request.form).value("client_id")
    if not deps().consent.revoke(session, client_id) and deps().consent.client(client_id) is None:
        abort(404)
    return redirect(url_for("account.show"), 303)
