"""«خروج»: the page that asks, the end of the session, and the page that names the portals told."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.client import Client
from idp.domain.client_addresses import host_of
from idp.domain.session import Session
from idp.domain.wire import words
from idp.protocol.replies import AskReturn, Redirect
from idp.web import languages, security, sessions, whose
from idp.web.forms import Submitted

bp = Blueprint("logout", __name__, url_prefix="/logout")

FRAME_SECONDS = 2
"""How long the frames of portals may take before the browser goes on."""


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
    """Sign out for a portal whose ID token is of this session; ask for everybody else.

    Source: RP-Initiated Logout 2, 3 and 6; attacks L01, L02, L07, L08.
    """
    sealed, session = request.args.get("request", ""), sessions.current_session()
    if session is None or not deps().provider.must_ask_sign_out(sealed, session):
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
    """End the session; go back to the portal that asked, or say which portals are being told.

    A page that was shown to another account ends nothing: it asks again (attack SE19).
    """
    form, session = Submitted(request.form), sessions.current_session()
    sealed, wish = request.form.get("request", ""), form.value(languages.WISH)
    if session is not None and not whose.is_of(session, form):
        return _ask_again(sealed, wish)
    languages.note_wish(words(wish))
    return _leave(sealed, after_form=True)


def _ask_again(sealed: str, wish: str) -> ResponseReturnValue:
    if not sealed:
        return redirect(url_for("logout.ask"), 303)
    query: dict[str, Any] = {"request": sealed, languages.WISH: wish}
    return redirect(url_for("logout.confirm", **query), 303)


def leave_to(onward: str) -> ResponseReturnValue:
    """End the session of this browser, tell its portals, and go on to a page of ours."""
    return _end(sessions.current_session(), Redirect(onward), after_form=False)


def _leave(sealed: str, *, after_form: bool = False) -> ResponseReturnValue:
    session = sessions.current_session()
    return _end(session, deps().provider.signed_out(sealed, session), after_form=after_form)


def _end(
    session: Session | None, back: Redirect | AskReturn | None, *, after_form: bool
) -> ResponseReturnValue:
    """End the session and go on; after a form of ours by a page (see ``leaving``)."""
    portals = deps().sign_out.sign_out(session) if session else ()
    frames = deps().provider.logout_frames(portals, session) if session else []
    onward = back.uri if isinstance(back, Redirect) else ""
    leaves = bool(onward) and not frames and not after_form
    response = make_response(redirect(onward, 303) if leaves else "")
    sessions.drop(response)
    if not leaves:
        response.set_data(_signed_out_page(portals, frames, back))
    if onward and not leaves:
        # A page, and not a redirect at once: the frames are given a moment, without a script.
        response.headers["Refresh"] = f"{FRAME_SECONDS if frames else 0};url={onward}"
    return response


def _signed_out_page(
    portals: Sequence[Client], frames: Sequence[str], back: Redirect | AskReturn | None
) -> str:
    for frame in frames:
        security.allow_frame(frame)
    answer = back.response if isinstance(back, AskReturn) else back
    uri = answer.uri if answer else ""
    return render_template(
        "logout/signed_out.html",
        portals=portals,
        frames=frames,
        back=uri,
        is_ours=uri.startswith("/"),
        stranger=back.client if isinstance(back, AskReturn) else None,
        host=host_of(uri) or urlsplit(uri).scheme,
    )


@bp.get("/done")
def signed_out() -> ResponseReturnValue:
    """Show the signed-out page."""
    return _signed_out_page((), (), None)
