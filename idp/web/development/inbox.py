"""Development only: the inbox of SMS and mails, and the clock that can be moved."""

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.web.forms.fields import Hidden
from idp.web.forms.page_form import PageForm
from idp.web.http.languages import when

bp = Blueprint("inbox", __name__, url_prefix="/dev/inbox")

_MOVES = {"1": timedelta(hours=1), "46": timedelta(hours=46)}


class ClockForm(PageForm):
    """How many hours the pressed button moves the clock."""

    hours = Hidden()


@bp.get("")
def show() -> ResponseReturnValue:
    """List SMS and mails, newest first; with ``?refresh`` the page reloads every 3 seconds."""
    inbox = deps().inbox
    messages = [
        (message.at, message.to.national, message.text)
        for message in (inbox.list() if inbox else ())
    ]
    mail_inbox = deps().mail_inbox
    mails = [
        (when(mail.at), mail.to.value, mail.subject, mail.text)
        for mail in (mail_inbox.list() if mail_inbox else ())
    ]
    refresh = "refresh" in request.args
    page = render_template(
        "inbox/inbox.html",
        messages=messages,
        mails=mails,
        refresh=refresh,
        now=deps().clock(),
        moves=tuple(_MOVES) if deps().clock_shift else (),
    )
    return page, {"Refresh": "3"} if refresh else {}


@bp.post("/clock")
def move_clock() -> ResponseReturnValue:
    """Move the demo's clock forward, so that the end of the 48 hours can be seen."""
    shift = deps().clock_shift
    hours = _MOVES.get(ClockForm(request.form).hours.data)
    if shift is None or hours is None:
        abort(404)
    shift.move_to(shift.seconds() + int(hours.total_seconds()))
    return redirect(url_for("inbox.show"), 303)
