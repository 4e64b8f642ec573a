"""Sign-out («خروج»): the confirmation page, the end of the session, and the signed-out page."""

from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.protocol.core.replies import Redirect
from idp.web.forms import whose
from idp.web.forms.fields import LONGEST_SEALED, Hidden
from idp.web.forms.page_form import PageForm
from idp.web.http import languages, pending, sessions
from idp.web.http.pending import PendingRequest
from idp.web.oauth import leaving
from idp.web.sign_out import signed_out
from idp.web.sign_out.signed_out import WISH, Onward

bp = Blueprint("logout", __name__, url_prefix="/logout")


class SignOutForm(PageForm):
    """The portal's sealed request to sign out, which the confirmation page carries."""

    request = Hidden(longest=LONGEST_SEALED)
    ui_locales = Hidden(longest=LONGEST_SEALED)


@bp.get("")
def ask() -> ResponseReturnValue:
    """Ask whether to sign out: opening this address ends no session (attack L01)."""
    session = sessions.current_session()
    if session is None:
        return redirect(url_for("logout.done"), 303)
    return render_template(
        "logout/ask.html",
        portals=deps().sign_out.visited(session.id),
        action=url_for("logout.sign_out"),
        sealed="",
        ui_locales="",
    )


@bp.get("/confirm")
def confirm() -> ResponseReturnValue:
    """Ask before the session ends, unless a reviewed portal has an ID token of this session.

    Source: RP-Initiated Logout 2, 3 and 6; attacks L01, L02, L07, L08.
    """
    sealed, session = request.args.get(WISH, ""), sessions.current_session()
    if session is None or not deps().provider.must_ask_sign_out(sealed, session):
        return _leave(sealed, request.args.get(languages.WISH, ""))
    return render_template(
        "logout/ask.html",
        portals=deps().sign_out.visited(session.id),
        action=url_for("logout.sign_out"),
        sealed=sealed,
        ui_locales=request.args.get(languages.WISH, ""),
    )


@bp.post("")
def sign_out() -> ResponseReturnValue:
    """End the session; redirect to the signed-out page, which leads on to the portal that asked.

    A form that was shown to another account ends nothing: the page asks again (attack SE19).
    """
    form, session = SignOutForm(request.form), sessions.current_session()
    sealed, ui_locales = form.request.data, form.ui_locales.data
    if session is not None and not whose.is_of(session, form):
        return _ask_again(sealed, ui_locales)
    return _leave(sealed, ui_locales, after_form=True)


def _ask_again(sealed: str, ui_locales: str) -> ResponseReturnValue:
    if not sealed:
        return redirect(url_for("logout.ask"), 303)
    query: dict[str, Any] = {WISH: sealed, languages.WISH: ui_locales}
    return redirect(url_for("logout.confirm", **query), 303)


@bp.get("/done")
def done() -> ResponseReturnValue:
    """Show the signed-out page; redirect to the account when somebody is signed in."""
    if sessions.current_session() is not None:
        return redirect(url_for("account.show"), 303)
    return signed_out.page()


def leave_to(endpoint: str, waiting: PendingRequest) -> ResponseReturnValue:
    """End the session of this browser, notify its portals, and lead on to a page of the hub."""
    return _end(Onward(endpoint=endpoint, context=waiting.sealed), pending.link(endpoint, waiting))


def _leave(sealed: str, ui_locales: str, *, after_form: bool = False) -> ResponseReturnValue:
    """End the session, and lead back to the portal; after a form by a page (see ``leaving``)."""
    session = sessions.current_session()
    back = deps().provider.signed_out(sealed, session, was_asked=after_form)
    by_page = after_form and leaving.is_needed()
    straight = back.uri if isinstance(back, Redirect) and not by_page else ""
    wish = sealed if back else ""
    return _end(Onward(wish=wish, ui_locales=ui_locales, was_asked=after_form), straight)


def _end(onward: Onward, straight: str) -> ResponseReturnValue:
    """End the session; redirect to ``straight``, or to the page that loads frames of portals."""
    session = sessions.current_session()
    portals = deps().sign_out.sign_out(session) if session else ()
    ended = session.id if session and portals else ""
    has_frames = any(portal.frontchannel_logout_uri is not None for portal in portals)
    page = signed_out.address(ended, onward)
    response = make_response(redirect(straight if straight and not has_frames else page, 303))
    sessions.drop(response)
    return response
