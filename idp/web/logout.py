"""«خروج»: the page that asks, the end of the session, and the page that names the portals told."""

from flask import Blueprint, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web import sessions

bp = Blueprint("logout", __name__, url_prefix="/logout")


@bp.get("")
def ask() -> ResponseReturnValue:
    """Ask whether to sign out: an address alone ends nothing (attack L01)."""
    session = sessions.current_session()
    if session is None:
        return redirect(url_for("logout.signed_out"), 303)
    return render_template(
        "logout/ask.html",
        portals=deps().sign_out.visited(session),
        action=url_for("logout.sign_out"),
        sealed="",
    )


@bp.post("")
def sign_out() -> ResponseReturnValue:
    """End the session and say which portals are being told."""
    session = sessions.current_session()
    portals = deps().sign_out.sign_out(session) if session else ()
    response = make_response()
    sessions.drop(response)
    response.set_data(render_template("logout/signed_out.html", portals=portals))
    return response


@bp.get("/done")
def signed_out() -> ResponseReturnValue:
    """Show the signed-out page."""
    return render_template("logout/signed_out.html", portals=())
