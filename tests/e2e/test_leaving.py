"""Portals that redirect further, to another origin, scheme or app, are entered in real browsers."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browsers import firefox
from tests.e2e.conversation import talk
from tests.e2e.redirecting_portal import APP, Broker, broker
from tests.e2e.suite import Suite

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CHALLENGE = "CrlVwe1WSHWuTQYh3iczmx3aS-faRx6C92k9_hNxl4A"


@pytest.fixture(scope="module")
def portal(suite: Suite) -> Iterator[Broker]:
    with broker(suite) as running:
        shared = {"token_endpoint_auth_method": "none", "redirect_uris": running.callbacks}
        suite.register("broker", **shared)
        suite.register("stranger", first_party=False, **shared)
        suite.register(
            "app",
            token_endpoint_auth_method="none",
            application_type="native",
            redirect_uris=[f"{APP}:/callback"],
        )
        yield running


@dataclass
class Citizen:
    """Somebody in front of Chromium."""

    suite: Suite
    portal: Broker
    page: Page
    has_scripts: bool
    sent_to: list[str] = field(default_factory=list)
    """Where the browser went or tried to: an app that nobody installed, too."""

    def ask(self, client_id: str, redirect_uri: str, **changes: str) -> None:
        self.page.goto(asking(self.suite, client_id, redirect_uri, **changes))

    def sign_in(self) -> None:
        self.page.fill("[name=username]", self.suite.told("user name"))
        self.page.fill("[name=password]", self.suite.told("password"))
        self.page.click("#by-password button[type=submit]")

    def arrive(self, address: str, *, times: int = 1) -> None:
        """Wait until the browser was sent to the address so many times."""
        deadline = time.monotonic() + 15
        while sum(one.partition("?")[0] == address for one in self.sent_to) < times:
            assert time.monotonic() < deadline, f"{self.page.url}: {self.sent_to}"
            self.page.wait_for_timeout(50)


def asking(suite: Suite, client_id: str, redirect_uri: str, **changes: str) -> str:
    """Return the address by which a portal asks for somebody."""
    query = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": redirect_uri,
        "scope": "openid",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **changes,
    }
    return f"{suite.issuer}/oauth2/authorize?{urlencode(query)}"


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def citizen(
    request: pytest.FixtureRequest, chromium: Browser, suite: Suite, portal: Broker
) -> Iterator[Citizen]:
    context = chromium.new_context(ignore_https_errors=True, java_script_enabled=request.param)
    context.set_default_timeout(15_000)
    portal.asked.clear()
    somebody = Citizen(suite, portal, context.new_page(), request.param)
    somebody.page.on("request", lambda sent: somebody.sent_to.append(sent.url))
    yield somebody
    context.close()


CALLBACKS = ["/to-host", "/to-http", "/to-app"]


@pytest.mark.parametrize("callback", CALLBACKS)
def test_a_password_leads_to_a_portal_that_redirects_further(citizen: Citizen, callback: str):
    citizen.ask("broker", citizen.portal.at(callback))
    citizen.sign_in()
    citizen.arrive(citizen.portal.onward[callback])


@pytest.mark.parametrize("callback", CALLBACKS)
def test_a_form_that_posts_the_answer_does_too(citizen: Citizen, callback: str):
    citizen.ask("broker", citizen.portal.at(callback), response_mode="form_post")
    citizen.sign_in()
    if not citizen.has_scripts:
        citizen.page.click("#answer button")
    citizen.arrive(citizen.portal.onward[callback])


@pytest.mark.parametrize("button", [".consent-accept", ".consent-deny"])
@pytest.mark.parametrize("callback", CALLBACKS)
def test_a_consent_and_a_refusal_do_too(citizen: Citizen, callback: str, button: str):
    citizen.ask("stranger", citizen.portal.at(callback), prompt="login consent")
    citizen.sign_in()
    citizen.page.click(button)
    citizen.arrive(citizen.portal.onward[callback])


def test_an_app_gets_the_answer_itself(citizen: Citizen):
    citizen.ask("app", f"{APP}:/callback")
    citizen.sign_in()
    citizen.page.click(".consent-accept")
    citizen.arrive(f"{APP}:/callback")


def test_an_app_that_did_not_open_gets_a_new_answer_by_the_button(citizen: Citizen):
    citizen.ask("app", f"{APP}:/callback")
    citizen.sign_in()
    citizen.page.click(".consent-accept")
    citizen.arrive(f"{APP}:/callback")
    # Chromium asks whether to open the app, which nobody sees here and which takes the mouse away.
    citizen.page.locator("main a.button").dispatch_event("click")
    citizen.arrive(f"{APP}:/callback", times=2)
    [first, second] = [one for one in citizen.sent_to if one.startswith(APP)]
    assert first != second


def test_back_from_the_portal_leads_on_once_and_then_to_where_the_citizen_came_from(
    citizen: Citizen,
):
    start, inside = citizen.portal.at("/start"), citizen.portal.onward["/to-host"]
    citizen.page.goto(start)
    citizen.ask("broker", citizen.portal.at("/to-host"))
    citizen.sign_in()
    citizen.page.wait_for_url(inside)
    citizen.portal.asked.clear()
    citizen.page.go_back()  # the sign-in page of who is signed in
    citizen.page.wait_for_url(inside)
    assert "GET /to-host" in citizen.portal.asked
    citizen.page.go_back()
    citizen.page.wait_for_url(start)


def test_firefox_arrives_wherever_the_portal_leads(suite: Suite, portal: Broker):
    ends = {**portal.onward, "/to-app": "NS_ERROR_UNKNOWN_PROTOCOL"}
    modes = ["query", "form_post"]
    errand = {
        "username": suite.told("user name"),
        "password": suite.told("password"),
        "addresses": [
            [asking(suite, "broker", portal.at(path), response_mode=mode), end]
            for path, end in ends.items()
            for mode in modes
        ],
    }
    arrived = talk("firefox_leaving.mjs", [firefox(), json.dumps(errand)], {})
    assert arrived == [end for end in ends.values() for _ in modes]
