"""The authorization request that waits while somebody signs in; it travels sealed."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask import request, url_for
from werkzeug.exceptions import HTTPException

from idp.deps import deps
from idp.domain.client import Client
from idp.domain.client_addresses import host_of
from idp.domain.interaction import AuthorizationContext
from idp.protocol.errors import Shown
from idp.web import cookies, languages

FIELD = "context"


class PendingGone(HTTPException):
    """The request behind the page is too old, changed, or another browser's (attack SE02)."""

    code = 400


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
    for browser in cookies.browser_ids() or (cookies.browser_id(),):
        try:
            context = deps().provider.open_context(sealed, browser)
        except Shown:
            continue
        cookies.settle_browser(browser)
        return context
    raise PendingGone


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
