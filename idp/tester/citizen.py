"""The citizen of the tester at the hub: signs in, and carries the hub's answer back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from idp.tester.addresses import absolute, origin, query_of, with_query, without_query
from idp.tester.browser import Browser, Page
from idp.tester.pages import Form, Html
from idp.tester.verdict import Undecidable

MOST_PAGES = 6


@dataclass(frozen=True, slots=True)
class Request:
    """The authorization request with which the portal sent the browser to the hub."""

    address: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Response:
    """The hub's authorization response, which the browser carries to the portal.

    ``mode`` is ``query``, ``fragment`` or ``form_post``.
    """

    address: str
    params: Mapping[str, str]
    mode: str = "query"

    def __add__(self, more: Mapping[str, str]) -> "Response":
        """Return the response with other values of these parameters."""
        return Response(self.address, {**self.params, **more}, self.mode)

    def __sub__(self, name: str) -> "Response":
        """Return the response without a parameter."""
        rest = {key: value for key, value in self.params.items() if key != name}
        return Response(self.address, rest, self.mode)

    def deliver(self, browser: Browser) -> Page:
        """Let the browser carry it to the portal. Raises PortalAway."""
        if self.mode == "form_post":
            return browser.post(self.address, self.params)
        address = with_query(self.address, self.params)
        if self.mode == "fragment":
            address = self.address + "#" + urlsplit(with_query("", self.params)).query
        return browser.open(address)


def read_request(address: str) -> Request:
    """Return the authorization request of an address at the hub."""
    return Request(address, query_of(address))


@dataclass(slots=True, kw_only=True)
class Citizen:
    """A browser at the hub's pages, with the words by which its citizen signs in."""

    browser: Browser
    hub: str
    user_name: str
    password: str = field(repr=False)
    new_browser: Callable[[], Browser]

    def answer(self, request: Request) -> Response:
        """Return the hub's response to a request. Raises Undecidable when it gives none."""
        return self._response(self._led_on(self.browser.open(request.address)))

    def sign_out(self) -> None:
        """End the citizen's session by the hub's own page; every portal is told."""
        page = self.browser.open(f"{self.hub}/logout")
        form = _form(page, "/logout")
        if form is not None:
            self.browser.post(absolute(form.action, page.address), form.values)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Go on without the session at the hub: the next sign-in makes one, with another sid."""
        self.browser = self.new_browser()

    def _led_on(self, page: Page) -> Page:
        for _ in range(MOST_PAGES):
            form = None if page.left else self._filled(page)
            if form is None:
                return page
            page = self.browser.post(absolute(form.action, page.address), form.values)
        raise Undecidable("the hub's pages did not let the tester's citizen through")

    def _filled(self, page: Page) -> Form | None:
        """Return the form of a page that stands before the response, filled in; else None."""
        login, consent = _form(page, "/login"), _form(page, "/consent")
        if login is not None:
            login.values |= {"username": self.user_name, "password": self.password}
        # Its first form allows; clients without a secret always ask, also first-party ones.
        return login or consent

    def _response(self, page: Page) -> Response:
        if page.left:
            return _by_address(page.address)
        for form in Html(page.text).forms:
            if origin(form.action) not in {"", origin(self.hub)}:
                return Response(form.action, form.values, "form_post")
        raise Undecidable(f"the hub {page.says} in place of a response to the portal")


def _by_address(address: str) -> Response:
    parts = urlsplit(address)
    fragment = dict(parse_qsl(parts.fragment, keep_blank_values=True))
    if fragment:
        return Response(without_query(address), fragment, "fragment")
    return Response(without_query(address), query_of(address))


def _form(page: Page, action: str) -> Form | None:
    """Return the page's POST form with this action and a hidden field, its CSRF token."""
    for form in Html(page.text).forms:
        if form.method == "post" and urlsplit(form.action).path == action:
            return form
    return None
