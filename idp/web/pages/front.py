"""The root address."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from idp.web.http import sessions

bp = Blueprint("front", __name__)


@bp.get("/")
def show() -> ResponseReturnValue:
    """Redirect to the account of a signed-in citizen, else to the login page."""
    target = "login.show" if sessions.current_session() is None else "account.show"
    return redirect(url_for(target), 303)
