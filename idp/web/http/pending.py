"""The authorization request that waits while somebody signs in; it travels sealed."""

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
from idp.web.http import cookies, languages

FIELD = "context"


class PendingGone(HTTPException):
    """The request behind the page is too old, changed, or another browser's (attack SE02).

    ``client``: the portal, where the seal still tells; ``is_elsewhere``: another browser began it.
    """

    code = 400

    def __init__(self, client: Client | None = None, *, is_elsewhere: bool = False) -> None:
        super().__init__()
        self.client, self.is_elsewhere = client, is_elsewhere


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request that opened in this browser, and the client that it is of."""

    sealed: str
    context: AuthorizationContext
    client: Client

    @property
    def host(self) -> str:
        """Where the citizen will be led, for people: the host, or a scheme of an app's own."""
        return host_of(self.context.redirect_uri) or urlsplit(self.context.redirect_uri).scheme

    @property
    def is_unreviewed(self) -> bool:
        """True for a portal whose name and logo nobody of the organisation has looked at."""
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
    languages.note_wish(context.ui_locales)
    return PendingRequest(sealed, context, client)


def _opened(sealed: str) -> AuthorizationContext:
    """Return the request as the browser that it is of opens it. Raises PendingGone.

    Where a sibling host set an id beside ours, what opens tells which is ours.
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
    """Return the portal to be named: one that somebody of the organisation has looked at."""
    client = deps().consent.client(client_id) if client_id else None
    return client if client is not None and client.is_reviewed else None


def home_of(client: Client) -> str:
    """Return where a portal is entered anew: where it begins a sign-in, its page, or its host."""
    if client.initiate_login_uri is not None:
        return with_query(client.initiate_login_uri, {"iss": deps().settings.server.issuer})
    if client.client_uri is not None:
        return client.client_uri
    parts = urlsplit(next(iter(client.redirect_uris), ""))
    return f"{parts.scheme}://{parts.netloc}/" if parts.scheme in {"http", "https"} else ""


def find_or_lead_back() -> PendingRequest | None:
    """Return the request as ``peek`` does. Raises PendingGone where its page can lead on.

    That is to a portal that the seal still names, or to the browser in which it began.
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
    """Return the address of a page, with the request that waits, if any."""
    return link_to(endpoint, waiting.sealed if waiting else None)


def link_to(endpoint: str, sealed: str | None) -> str:
    """Return the address of a page, with the sealed request."""
    return url_for(endpoint, context=sealed)
