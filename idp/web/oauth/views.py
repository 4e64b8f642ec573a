"""The protocol's endpoints: each passes the raw request to the provider and sends its reply."""

import json
from collections.abc import Callable, Mapping
from typing import cast
from urllib.parse import urlsplit

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from idp.deps import deps
from idp.domain.authorization.interaction import Step
from idp.domain.clients.addresses import host_of
from idp.domain.clients.client import Client
from idp.protocol.core import endpoints
from idp.protocol.core.replies import (
    AskReturn,
    AskSignOut,
    Document,
    Empty,
    ErrorPage,
    FormPost,
    GoTo,
    Json,
    Jwt,
    Redirect,
    Reply,
    Resume,
)
from idp.protocol.core.requests import ProtocolRequest
from idp.web.http import (
    addresses,
    browser_state,
    cookies,
    pending,
    security,
    sessions,
)
from idp.web.http.pending import PendingRequest
from idp.web.oauth import cors, leaving
from idp.web.pages import errors

bp = Blueprint("oauth", __name__)
bp.after_request(cors.allow_scripts)

PAGES = {
    Step.LOG_IN: "login.show",
    Step.SECOND_STEP: "login.second_step",
    Step.REGISTER: "register.show",
    Step.CHOOSE_ACCOUNT: "choose_account.show",
    Step.CONSENT: "consent.show",
}

_MAY_SAY_PROMPT = frozenset({"prompt", "request", "request_uri"})
_WITHOUT_A_PAGE = (Redirect, FormPost, AskReturn)
"""What the portal gets, or is offered, before anybody signs in."""


@bp.get(endpoints.CONFIGURATION)
@bp.get(endpoints.OAUTH_METADATA)
@security.for_programs
def discovery() -> ResponseReturnValue:
    """Return the provider's metadata."""
    return send(deps().provider.discovery())


@bp.get(endpoints.JWKS)
@security.for_programs
def jwks() -> ResponseReturnValue:
    """Return the public signing keys."""
    return send(deps().provider.jwks())


@bp.get(endpoints.AUTHORIZE)
def authorize() -> ResponseReturnValue:
    """Answer an authorization request by GET."""
    session = sessions.seen_session() if _may_be_silent() else sessions.seen_session_if_any()
    asked, browser = _protocol_request(), cookies.browser_id()
    reply = deps().provider.authorize(asked, browser, session, browser_state.current())
    if isinstance(reply, _WITHOUT_A_PAGE):
        sessions.seen_session()  # an error takes as long with a session as without one
    return _send_asked(reply)


@bp.post(endpoints.AUTHORIZE)
@security.csrf_exempt
def authorize_posted() -> ResponseReturnValue:
    """Check an authorization request by POST; the resume endpoint reads the ``Lax`` cookies."""
    return _send_asked(deps().provider.authorize_posted(_protocol_request()))


@bp.get(endpoints.RESUME)
def resume() -> ResponseReturnValue:
    """Continue a pending authorization request after a page, or after it was POSTed."""
    waiting = pending.find_or_lead_back()
    provider, session = deps().provider, sessions.seen_session()
    browser, state = cookies.browser_id(), browser_state.current()
    posted = request.args.get("posted")
    if posted is not None:
        return send(provider.resume_posted(posted, browser, session, state))
    sealed = request.args.get("context", "")
    return _after_form(provider.resume(sealed, browser, session, state), waiting)


@bp.get(endpoints.DENIED)
def denied() -> ResponseReturnValue:
    """Answer the portal ``access_denied``: the citizen refused consent, or turned back."""
    waiting = pending.peek()
    sessions.current_session()  # sets the browser state
    browser, state = cookies.browser_id(), browser_state.current()
    sealed = request.args.get("context", "")
    return _after_form(deps().provider.deny(sealed, browser, state), waiting)


@bp.post(endpoints.TOKEN)
@security.for_programs
def token() -> ResponseReturnValue:
    """Exchange a code or a refresh token, or give a service its token."""
    return send_counted(deps().provider.token(_protocol_request()))


@bp.route(endpoints.USERINFO, methods=["GET", "POST"])
@security.for_programs
def userinfo() -> ResponseReturnValue:
    """Return to a portal the claims about the citizen who signed in."""
    return send(deps().provider.userinfo(_protocol_request()))


@bp.post(endpoints.INTROSPECT)
@security.for_programs
def introspect() -> ResponseReturnValue:
    """Tell a resource server whether a token is active (RFC 7662)."""
    return send_counted(deps().provider.introspect(_protocol_request()))


@bp.post(endpoints.REVOKE)
@security.for_programs
def revoke() -> ResponseReturnValue:
    """Revoke a token (RFC 7009)."""
    return send_counted(deps().provider.revoke(_protocol_request()))


@bp.post(endpoints.REGISTER)
@security.for_programs
def register() -> ResponseReturnValue:
    """Register a client (RFC 7591); a request without a token counts as garbage of its network."""
    if "Authorization" not in request.headers:
        _throw_away()
    return send_counted(deps().provider.register(_protocol_request()))


@bp.route(f"{endpoints.REGISTER}/<client_id>", methods=["GET", "PUT", "DELETE"])
@security.for_programs
def manage_registration(client_id: str) -> ResponseReturnValue:
    """Let a client read, replace or remove its registration (RFC 7592)."""
    provider = deps().provider
    return send_counted(provider.manage_registration(_protocol_request(), client_id))


@bp.route(endpoints.END_SESSION, methods=["GET", "POST"])
@security.csrf_exempt
def end_session() -> ResponseReturnValue:
    """Check a portal's request to sign the citizen out; ``logout.confirm`` asks where needed."""
    return send(deps().provider.end_session(_protocol_request()))


def deny(waiting: PendingRequest) -> ResponseReturnValue:
    """Redirect to ``denied``, which answers the portal ``access_denied``."""
    return redirect(pending.link("oauth.denied", waiting), 303)


def send(reply: Reply) -> ResponseReturnValue:
    """Return the Flask response for the reply."""
    view: Callable[..., ResponseReturnValue] = _VIEWS[type(reply)]
    return view(reply)


def _after_form(reply: Reply, waiting: PendingRequest | None) -> ResponseReturnValue:
    """Send the reply to a browser that a form of the hub redirected here.

    A redirect to the portal goes by the page ``leaving``, for ``form-action`` would block it;
    programs get it as it is. That page's link (``pressed``) is answered with a redirect and a new
    code: the portal may have redeemed the first one before the browser refused to open its app.
    """
    if not isinstance(reply, Redirect) or "pressed" in request.args or not leaving.is_needed():
        return send(reply)
    sealed = waiting.sealed if waiting else None
    again = url_for(request.endpoint or "", context=sealed, pressed="yes")
    return leaving.page(reply.uri, again, _reviewed_portal(waiting))


def _reviewed_portal(waiting: PendingRequest | None) -> Client | None:
    """Return the client that a page may name: not one that only registered itself."""
    return waiting.client if waiting is not None and not waiting.is_unreviewed else None


def _send_asked(reply: Reply) -> ResponseReturnValue:
    """Send the reply; an error page counts as garbage of the visitor's network (attack D11)."""
    if isinstance(reply, ErrorPage):
        _throw_away()
    return send(reply)


def send_counted(reply: Json | Empty) -> ResponseReturnValue:
    """Send the reply; wrong credentials (401) count as garbage of their network (attack A13).

    A request with right credentials neither reads nor moves that counter.
    """
    if reply.status == 401:
        _throw_away()
    return send(reply)


def _throw_away() -> None:
    deps().garbage.throw_away(addresses.of_visitor())


def _may_be_silent() -> bool:
    """Return whether the request may say ``prompt=none``, if only in a request object."""
    return not _MAY_SAY_PROMPT.isdisjoint(request.args)


def _protocol_request() -> ProtocolRequest:
    """Return the request in raw bytes: Werkzeug's parsing repairs what must be refused (D5)."""
    return ProtocolRequest(
        method=request.method,
        path=request.path,
        query=request.query_string,
        body=request.get_data(cache=False),
        # Werkzeug's headers are read when they are asked for, in any case of letters.
        headers=cast(Mapping[str, str], request.headers),
        content_type=request.content_type or "",
    )


def _redirect(reply: Redirect) -> ResponseReturnValue:
    # Not flask.redirect: it would re-encode an address that must stay byte for byte.
    return Response(status=303, headers={"Location": reply.uri})


def _form_post(reply: FormPost) -> ResponseReturnValue:
    waiting = pending.peek()  # sets the page's language, by ``ui_locales``, too
    security.let_forms_lead_anywhere()
    return render_template(
        "oauth/form_post.html",
        uri=reply.uri,
        fields=reply.fields,
        portal=_reviewed_portal(waiting),
        host=host_of(reply.uri),
    )


def _ask_return(reply: AskReturn) -> ResponseReturnValue:
    pending.peek()  # sets the page's language, by ``ui_locales``
    response = reply.response
    fields = response.fields if isinstance(response, FormPost) else None
    if fields is not None:
        security.let_forms_lead_anywhere()
    return render_template(
        "oauth/ask_return.html",
        client=reply.client,
        host=urlsplit(response.uri).hostname,
        uri=response.uri,
        fields=fields,
    )


def json_text(reply: Json) -> bytes:
    """Return the body of a JSON answer."""
    return (json.dumps(reply.body, sort_keys=True, separators=(",", ":")) + "\n").encode("ascii")


def _json(reply: Json) -> ResponseReturnValue:
    return Response(
        json_text(reply), reply.status, dict(reply.headers), content_type="application/json"
    )


def _jwt(reply: Jwt) -> ResponseReturnValue:
    return Response(reply.text, content_type="application/jwt", headers=dict(reply.headers))


def _document(reply: Document) -> ResponseReturnValue:
    response = Response(reply.content, content_type="application/json")
    response.set_etag(reply.etag)
    response.headers["Cache-Control"] = f"public, max-age={reply.max_age}"
    return response.make_conditional(request)


def _empty(reply: Empty) -> ResponseReturnValue:
    response = Response(status=reply.status, headers=dict(reply.headers))
    # Flask's default is HTML, which libraries refuse as an answer to a program.
    del response.headers["Content-Type"]
    return response


def _error_page(reply: ErrorPage) -> ResponseReturnValue:
    told = errors.Told(reply.error, reply.detail, reply.received)
    return errors.show(reply.code, reply.status, told=told)


def _go_to(reply: GoTo) -> ResponseReturnValue:
    return redirect(url_for(PAGES[reply.step], context=reply.sealed), 303)


def _resume(reply: Resume) -> ResponseReturnValue:
    return redirect(url_for("oauth.resume", posted=reply.sealed), 303)


def _ask_sign_out(reply: AskSignOut) -> ResponseReturnValue:
    wish = reply.ui_locales or None
    return redirect(url_for("logout.confirm", request=reply.sealed, ui_locales=wish), 303)


_VIEWS: dict[type[Reply], Callable[..., ResponseReturnValue]] = {
    Redirect: _redirect,
    FormPost: _form_post,
    AskReturn: _ask_return,
    Json: _json,
    Jwt: _jwt,
    Document: _document,
    Empty: _empty,
    ErrorPage: _error_page,
    GoTo: _go_to,
    Resume: _resume,
    AskSignOut: _ask_sign_out,
}
