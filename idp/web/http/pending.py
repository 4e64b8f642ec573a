"""The pending authorization request, which pages carry sealed while the citizen signs in."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request, url_for
from werkzeug.exceptions import HTTPException

from idp.deps import deps
from idp.domain.authorization.interaction import AuthorizationContext
from idp.domain.clients.addresses import host_of
from idp.domain.clients.client import Client
from idp.protocol.authorize.authorization_response import with_query
from idp.protocol.core.errors import ContextLost
from idp.telemetry.request_context import note_client
from idp.web.http import cookies, languages

FIELD = "context"


class PendingGone(HTTPException):
    """The pending request is too old, changed or another browser's (SE02), or has no active client.

    ``client``: the portal, if the seal names a reviewed one; ``is_elsewhere``: another browser's.
    """

    code = 400

    def __init__(self, client: Client | None = None, *, is_elsewhere: bool = False) -> None:
        super().__init__()
        self.client, self.is_elsewhere = client, is_elsewhere


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A pending request that opened in this browser, and its client."""

    sealed: str
    context: AuthorizationContext
    client: Client

    @property
    def host(self) -> str:
        """Return the host of the redirect URI, to be shown, or the scheme of an app's own."""
        return host_of(self.context.redirect_uri) or urlsplit(self.context.redirect_uri).scheme

    @property
    def is_unreviewed(self) -> bool:
        """Return whether the organisation has not reviewed the portal's name and logo."""
        return not self.client.is_reviewed


def find() -> PendingRequest | None:
    """Return the request that the form or the address carries; None when it carries none.

    Raises PendingGone.
    """
    sent = (request.form or request.args).getlist(FIELD)
    if not any(sent):
        return None
    if len(sent) > 1:
        raise PendingGone
    sealed = sent[0]
    context = _opened(sealed)
    client = deps().consent.client(context.client_id)
    if client is None:
        raise PendingGone
    note_client(client.client_id)
    languages.note_wish(context.ui_locales)
    return PendingRequest(sealed, context, client)


def _opened(sealed: str) -> AuthorizationContext:
    """Return the request, opened with this browser's id. Raises PendingGone.

    When a sibling host has set browser ids too, the one that opens the request is the hub's.
    """
    gone = PendingGone()
    for browser in cookies.browser_ids() or (cookies.browser_id(),):
        try:
            context = deps().provider.open_context(sealed, browser)
        except ContextLost as lost:
            gone = PendingGone(_portal(lost.client_id), is_elsewhere=lost.is_elsewhere)
            continue
        cookies.settle_browser(browser)
        return context
    raise gone


def _portal(client_id: str) -> Client | None:
    """Return the client if the organisation has reviewed it: the page names no other."""
    client = deps().consent.client(client_id) if client_id else None
    return client if client is not None and client.is_reviewed else None


def home_of(client: Client) -> str:
    """Return the portal's ``initiate_login_uri``, else ``client_uri``, else its host's root."""
    if client.initiate_login_uri is not None:
        return with_query(client.initiate_login_uri, {"iss": deps().settings.server.issuer})
    if client.client_uri is not None:
        return client.client_uri
    parts = urlsplit(next(iter(client.redirect_uris), ""))
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme in {"http", "https"} else ""


def find_or_lead_back() -> PendingRequest | None:
    """Return the request as ``peek`` does; raise PendingGone when its page can lead on.

    It can when the seal names a reviewed portal, or when the request began in another browser.
    """
    try:
        return find()
    except PendingGone as gone:
        if gone.client is not None or gone.is_elsewhere:
            raise
        return None


def peek() -> PendingRequest | None:
    """Return the request as ``find`` does, and None also for one that no longer opens."""
    try:
        return find()
    except PendingGone:
        return None


def link(endpoint: str, waiting: PendingRequest | None) -> str:
    """Return the address of a page, with the pending request, if any."""
    return link_to(endpoint, waiting.sealed if waiting else None)


def link_to(endpoint: str, sealed: str | None) -> str:
    """Return the address of a page, with the sealed request."""
    return url_for(endpoint, context=sealed)
