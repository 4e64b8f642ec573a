"""«خروج»: the page that asks, the end of the session, and the page that names the portals told."""

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web import languages, sessions
from idp.web.forms import Submitted

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
        ui_locales="",
    )


@bp.get("/confirm")
def confirm() -> ResponseReturnValue:
    """Sign out for a portal whose ID token names this citizen; ask for everybody else.

    Source: RP-Initiated Logout 2, 3 and 6; attacks L01, L02.
    """
    sealed, session = request.args.get("request", ""), sessions.current_session()
    if session is None or deps().provider.signed_out(sealed, session) is not None:
        return _leave(sealed)
    return render_template(
        "logout/ask.html",
        portals=deps().sign_out.visited(session),
        action=url_for("logout.sign_out"),
        sealed=sealed,
        ui_locales=request.args.get(languages.WISH, ""),
    )


@bp.post("")
def sign_out() -> ResponseReturnValue:
    """End the session; go back to the portal that asked, or say which portals are being told."""
    form = Submitted(request.form)
    languages.note_wish(form.value(languages.WISH).split())
    return _leave(request.form.get("request", ""))


def _leave(sealed: str) -> ResponseReturnValue:
    session = sessions.current_session()
    portals = deps().sign_out.sign_out(session) if session else ()
    back = deps().provider.signed_out(sealed, session)
    response = make_response(redirect(back.uri, 303) if back else "")
    sessions.drop(response)
    if back is None:
        response.set_data(render_template("logout/signed_out.html", portals=portals))
    return response


@bp.get("/done")
def signed_out() -> ResponseReturnValue:
    """Show the signed-out page."""
    return render_template("logout/signed_out.html", portals=())
