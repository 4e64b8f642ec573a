"""The front door."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from idp.web.http import sessions

bp = Blueprint("front", __name__)


@bp.get("/")
def show() -> ResponseReturnValue:
    """Lead to the login page, or to the account of who is signed in."""
    target = "login.show" if sessions.current_session() is None else "account.show"
    return redirect(url_for(target), 303)
