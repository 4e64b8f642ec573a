"""Answers of the hub in a real browser, without a server: the test client answers each request."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import ConsoleMessage, Error, Page, Route
from werkzeug.test import TestResponse

from tests.web.hub import ORIGIN, Browser

LATE = ("/js/", "/fonts/")
"""What comes after the first paint on a slow line."""
PATIENCE_SECONDS = 20
STYLED = """() => document.readyState !== 'loading'
  && [...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet)"""
FIRST_PAINT = "() => performance.getEntriesByName('first-contentful-paint').length > 0"


@dataclass
class Stage:
    """A page of the hub in front of a real browser, and what the browser complained about."""

    page: Page
    citizen: Browser
    shown: TestResponse | None = None
    late: bool = False
    strangers: list[str] = field(default_factory=list)
    """Requests to any other origin."""
    complaints: list[str] = field(default_factory=list)
    """Of the console: errors, warnings, violations of the policy."""
    sent: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """What was fetched: kind and content by path."""
    _held: list[Route] = field(default_factory=list)

    def show(self, answer: TestResponse, *, late: bool = False) -> Page:
        """Show what the hub answered; ``late``: scripts and font come after the first paint."""
        self.shown, self.late = answer, late
        self.strangers.clear()
        self.complaints.clear()
        self.sent.clear()
        self.page.goto(address_of(answer), wait_until="commit")
        if late:
            self.page.wait_for_function(FIRST_PAINT)
            self.late = False
            for route in self._held:
                self._answer(route)
            self._held.clear()
        # Not the end of loading: a form that posts itself stops it. And asked from here, for
        # without scripts a page has no timers of its own to look again.
        end = time.monotonic() + PATIENCE_SECONDS
        while not self.page.evaluate(STYLED):
            assert time.monotonic() < end, "the styles do not come"
            self.page.wait_for_timeout(20)
        return self.page

    def note(self, message: ConsoleMessage) -> None:
        """Keep what the console shows in red or yellow."""
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def take(self, route: Route) -> None:
        """Answer a request of the browser."""
        request = route.request
        if request.method != "GET" and request.is_navigation_request():
            route.fulfill(status=204)  # a form that posts itself: the page stays to be looked at
        elif not request.url.startswith(f"{ORIGIN}/"):
            self.strangers.append(request.url)
            route.abort()
        elif self.late and any(one in request.url for one in LATE):
            self._held.append(route)
        else:
            self._answer(route)

    def _answer(self, route: Route) -> None:
        request = route.request
        parts = urlsplit(request.url)
        is_the_page = request.is_navigation_request() and self.shown is not None
        answer = (
            self.shown
            if is_the_page
            else fetched(
                self.citizen,
                request.method,
                request.url,
                request.post_data_buffer,
                request.headers.get("content-type"),
            )
        )
        assert answer is not None
        headers = {k: v for k, v in answer.headers.items() if k not in {"Refresh", "Location"}}
        self.sent[parts.path] = (answer.mimetype, answer.data)
        # The status of an error page is said elsewhere; the console would complain about it.
        route.fulfill(
            status=200 if is_the_page else answer.status_code, headers=headers, body=answer.data
        )


def fetched(
    citizen: Browser, method: str, url: str, body: bytes | str | None, content_type: str | None
) -> TestResponse:
    """Return the hub's answer to a request of a real browser."""
    parts = urlsplit(url)
    return citizen.client.open(
        parts.path,
        query_string=parts.query,
        base_url=ORIGIN,
        method=method,
        data=body,
        content_type=content_type,
        buffered=True,
    )


def address_of(answer: TestResponse) -> str:
    """Return the address that a browser shows above an answer of the test client."""
    request = answer.request
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    return f"{ORIGIN}{request.path}{query}"


@contextmanager
def staged(chromium: Chromium, citizen: Browser, **options: object) -> Iterator[Stage]:
    """Yield a stage in a browser window of its own; ``options`` are Playwright's for a context."""
    context = chromium.new_context(**{"locale": "fa-IR", **options})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    try:
        with staged_in(context.new_page(), citizen) as stage:
            yield stage
    finally:
        context.close()


@contextmanager
def staged_in(page: Page, citizen: Browser) -> Iterator[Stage]:
    """Yield a stage in a window that is there already; nothing hears of the window afterwards."""
    stage = Stage(page, citizen)

    def note_error(error: Error) -> None:
        stage.complaints.append(str(error))

    page.on("console", stage.note)
    page.on("pageerror", note_error)
    page.route("**/*", stage.take)
    try:
        yield stage
    finally:
        page.unroute_all(behavior="ignoreErrors")
        page.remove_listener("console", stage.note)
        page.remove_listener("pageerror", note_error)
