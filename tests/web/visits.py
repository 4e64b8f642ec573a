"""What a visit of a page is, and the steps that many of them begin with."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from werkzeug.test import TestResponse

from idp.domain.clients.client import Client
from tests.web.hub import Browser
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, context_of, enter

Walk = Callable[[Browser], TestResponse]


class Visit(NamedTuple):
    """A template, the state that it is seen in, and how to get there."""

    template: str
    state: str
    walk: Walk


def name_of(visit: Visit) -> str:
    """Return what tests, pictures and lists call a visit."""
    return f"{visit.template}: {visit.state}" if visit.state else visit.template


def first_of_each(visits: Iterable[Visit]) -> list[Visit]:
    """Return the first visit of each template."""
    return list({visit.template: visit for visit in reversed([*visits])}.values())


class Visits(list[Visit]):
    """Visits in their order; ``@visits.of(template, state)`` adds a walk."""

    def of(self, template: str, state: str = "") -> Callable[[Walk], Walk]:
        def note(walk: Walk) -> Walk:
            self.append(Visit(template, state, walk))
            return walk

        return note


def inside(browser: Browser, **client: object) -> Client:
    """Sign the browser in, and let a portal be known to it."""
    add_account(browser.hub)
    portal = add_client(browser.hub, **client)
    enter(browser)
    return portal


def waiting(browser: Browser, path: str, **parameters: str) -> TestResponse:
    """Open a page with a portal's request that waits."""
    return browser.get(path, query_string={"context": context_of(browser, **parameters)})


def authorize(browser: Browser, **changes: str) -> TestResponse:
    query = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "nothing",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        **changes,
    }
    return browser.get("/oauth2/authorize", query_string=query)
