"""A portal under test, and what the cases do with it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from idp.domain.clients.client import Client
from idp.protocol.core import endpoints
from idp.tester.addresses import origin, without_query
from idp.tester.api import Api
from idp.tester.browser import Browser, Page
from idp.tester.citizen import Citizen, Request, Response, read_request
from idp.tester.forge import Forge
from idp.tester.hostile_hub import HostileHub
from idp.tester.signed_in import SignedIn
from idp.tester.verdict import Undecidable

SIGN_IN_WORDS = ("login", "log in", "log-in", "sign in", "sign-in", "signin", "ورود")
"""What is on the button or link of a portal that begins a sign-in, or in its address."""


@dataclass(slots=True, kw_only=True)
class Trial:
    """The portal, the hub beside it, and the citizen between them."""

    client: Client
    issuer: str
    hub: HostileHub
    forge: Forge
    citizen: Citizen
    new_browser: Callable[[], Browser]
    program: Callable[[], Browser]
    """Returns a sender of forms that is no browser: the hub's back channel, or a forger's."""
    start: str
    """The portal's address that leads to the hub."""
    clock: Callable[[], datetime]
    pause: Callable[[timedelta], None]
    patience: timedelta
    """How long a citizen waits for a page."""
    signed_in: SignedIn | None = field(default=None)
    api: Api | None = None
    """The API that is tried in place of a portal."""

    def begin(self, browser: Browser, start: str = "") -> Request:
        """Let the browser begin a sign-in at the portal; return the portal's request to the hub.

        Raises Undecidable when the portal leads somewhere else.
        """
        page = self.opened(browser, start)
        if not self.is_at_hub(page):
            raise Undecidable(f"the portal {page.says}, and did not lead to the hub")
        return read_request(page.address)

    def opened(self, browser: Browser, start: str = "") -> Page:
        """Open the start and, where that leads to no other site, press what signs in."""
        page = browser.open(start or self.start)
        return page if page.left else browser.press(SIGN_IN_WORDS) or page

    def is_at_hub(self, page: Page) -> bool:
        """Return whether the portal sent the browser to the authorization endpoint."""
        return page.left and without_query(page.address) == self.issuer + endpoints.AUTHORIZE

    def answered(self, browser: Browser, start: str = "") -> Response:
        """Begin a sign-in and return the hub's right response to it."""
        return self.citizen.answer(self.begin(browser, start))

    def sign_in(self, browser: Browser) -> Page:
        """Sign the citizen in as it should be; return the page after it."""
        return self.answered(browser).deliver(browser)

    def signed_in_browser(self) -> Browser:
        """Return a browser whose citizen is signed in. Raises Undecidable when that fails."""
        browser = self.new_browser()
        page = self.sign_in(browser)
        if not self.is_signed_in(browser):
            raise Undecidable(f"a right sign-in failed: the portal {page.says}")
        return browser

    def is_signed_in(self, browser: Browser) -> bool:
        """Return whether the portal takes this browser's citizen for signed in."""
        if self.signed_in is None:
            raise Undecidable("a signed-in page could not be told from a signed-out one")
        return self.signed_in.is_true_of(browser)

    def signed_in_page(self, browser: Browser) -> Page:
        """Return the page by which the trial tells who is signed in."""
        if self.signed_in is None:
            raise Undecidable("no page was named or learned")
        return browser.open(self.signed_in.address)

    def is_portals(self, address: str) -> bool:
        """Return whether an address is on an origin of the portal."""
        return origin(address) in origins_of(self.client, self.start)

    def post(self, address: str, fields: Mapping[str, str]) -> Page:
        """Send a form as another program does, without cookies."""
        return self.program().post(address, fields)

    def issued(self) -> dict[str, Any]:
        """Return the claims of the newest ID token that the hub issued to the portal."""
        if not self.hub.issued:
            raise Undecidable("the ID token is encrypted to the portal")
        return dict(self.hub.issued)


def origins_of(client: Client, start: str) -> frozenset[str]:
    """Return the portal's origins: of its redirect addresses, its pages and its start."""
    own = (*client.redirect_uris, client.client_uri or "", client.initiate_login_uri or "", start)
    return frozenset(filter(None, map(origin, own)))
