"""A portal of another site watches sign-outs in a real browser, over TLS."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from idp import settings
from idp.app.outside import build_outside
from tests import factories
from tests.e2e.demo import IDP
from tests.e2e.loopback_portal import Portal, open_portal
from tests.e2e.suite import Suite, running_suite
from tests.fakes import NOON

pytestmark = [pytest.mark.slow, pytest.mark.browser]

CLIENT = "watching"
KEEPS_BACK = {
    "enableThirdPartyCookieRestriction": True,
    "disableThirdPartyCookieMetadata": True,
    "disableThirdPartyCookieHeuristics": True,
}
"""DevTools' switch for a page that keeps third-party cookies back, as other browsers do."""
OTHER_PASSWORD = "Sabz1234xyz"
PAGE = Path(__file__).with_name("watching_portal.html")


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    with running_suite(tmp_path_factory.mktemp("suite")) as somebody:
        put_another_citizen(somebody)
        yield somebody


@pytest.fixture(scope="module")
def portal(suite: Suite, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    with open_portal(Path(suite.told("certificate")), PAGE.read_bytes()) as made:
        register(suite, made.origin, tmp_path_factory.mktemp("client") / f"{CLIENT}.toml")
        yield made


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser of one citizen that trusts the certificate of loopback."""
    made = chromium.new_context(ignore_https_errors=True, locale="fa-IR")
    made.set_default_timeout(15_000)
    yield made
    made.close()


@pytest.fixture
def strict(context: BrowserContext) -> Page:
    """A page that keeps third-party cookies back; its browser lets them through."""
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.setCookieControls", KEEPS_BACK)
    return page


def register(suite: Suite, origin: str, file: Path) -> None:
    file.write_text(
        f'client_id = "{CLIENT}"\nclient_name = "Portal"\nfirst_party = true\n'
        f'token_endpoint_auth_method = "none"\nredirect_uris = ["{origin}/callback"]\n',
        "utf-8",
    )
    environment = {"IDP_CONFIG": suite.told("IDP_CONFIG"), "IDP_OFFICER": "suite"}
    command = [IDP, "clients", "register", file]
    subprocess.run(command, env=environment, capture_output=True, check=True)


def put_another_citizen(suite: Suite) -> None:
    files = [Path(name) for name in suite.told("IDP_CONFIG").split(os.pathsep)]
    outside = build_outside(settings.load(files, {}))
    account = factories.account().with_password(outside.hashing.hash(OTHER_PASSWORD), at=NOON)
    with outside.begin() as work:
        assert work.accounts.add(account)
    outside.database.close()


def come_from_portal(page: Page, suite: Suite, portal: Portal, **changes: str) -> None:
    query = {
        "client_id": CLIENT,
        "response_type": "code",
        "redirect_uri": f"{portal.origin}/callback",
        "scope": "openid",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        "state": suite.issuer,
        **changes,
    }
    page.goto(f"{query['state']}/oauth2/authorize?{urlencode(query)}")


def sign_in(page: Page, user: str, password: str) -> None:
    page.locator("input[name=username]").fill(user)
    page.locator("input[name=password]").fill(password)
    page.locator("#by-password button[type=submit]").click()


@pytest.fixture
def watching(context: BrowserContext, suite: Suite, portal: Portal) -> Page:
    """The portal's page, of a citizen who has just signed in."""
    return signed_in_page(context.new_page(), suite, portal)


def signed_in_page(page: Page, suite: Suite, portal: Portal, **changes: str) -> Page:
    come_from_portal(page, suite, portal, **changes)
    sign_in(page, suite.told("user name"), suite.told("password"))
    page.wait_for_url(f"{portal.origin}/callback**")
    return page


def frame_says(page: Page, word: str) -> None:
    expect(page.locator("body")).to_have_attribute("data-says", word)


def test_unchanged_while_the_citizen_is_signed_in(watching: Page):
    frame_says(watching, "unchanged")


def test_changed_after_a_sign_out_in_another_tab(watching: Page, suite: Suite):
    frame_says(watching, "unchanged")
    tab = watching.context.new_page()
    tab.goto(f"{suite.issuer}/logout")
    tab.locator(".logout-confirm").click()
    frame_says(watching, "changed")


def test_changed_after_another_citizen_signs_in(watching: Page, suite: Suite, portal: Portal):
    frame_says(watching, "unchanged")
    tab = watching.context.new_page()
    come_from_portal(tab, suite, portal, prompt="login")
    sign_in(tab, factories.NATIONAL_ID.value, OTHER_PASSWORD)
    frame_says(tab, "unchanged")
    frame_says(watching, "changed")


def test_nobody_is_watched_too_until_somebody_signs_in(
    context: BrowserContext, suite: Suite, portal: Portal
):
    page, tab = context.new_page(), context.new_page()
    come_from_portal(page, suite, portal, prompt="none")
    frame_says(page, "unchanged")
    tab.goto(f"{suite.issuer}/login")
    sign_in(tab, suite.told("user name"), suite.told("password"))
    frame_says(page, "changed")


@pytest.mark.parametrize(
    "message", ["", "watching", "watching x", f"two words {'a' * 64}.{'b' * 43}"]
)
def test_a_message_that_is_none_is_an_error(watching: Page, message: str):
    watching.goto(f"{watching.url}&{urlencode({'says': message})}")
    frame_says(watching, "error")


def test_attack_X13_a_flood_is_not_answered_beyond_twenty_a_second(watching: Page, portal: Portal):
    frame_says(watching, "unchanged")
    watching.goto(watching.url + "&flood=1")
    frame_says(watching, "unchanged")
    watching.wait_for_timeout(1500)
    assert int(watching.locator("body").get_attribute("data-answers")) <= 40


def test_attack_X06_the_page_of_a_stranger_does_not_get_the_frame(watching: Page, portal: Portal):
    frame_says(watching, "unchanged")
    query = watching.url.partition("?")[2]
    watching.goto(f"{portal.origin.replace('127.0.0.1', 'localhost')}/callback?{query}")
    watching.wait_for_timeout(1000)
    assert watching.locator("body").get_attribute("data-says") is None


def test_where_third_party_cookies_are_kept_back_it_is_an_error_and_never_unchanged(
    strict: Page, suite: Suite, portal: Portal
):
    frame_says(signed_in_page(strict, suite, portal), "error")


def test_a_portal_of_the_hubs_own_site_can_watch_where_they_are_kept_back(
    strict: Page, suite: Suite, portal: Portal
):
    hub = suite.issuer.replace("localhost", "127.0.0.1")  # the portal's host: one site
    page = signed_in_page(strict, suite, portal, state=hub)
    frame_says(page, "unchanged")
    strict.context.clear_cookies(name="__Host-browser_state")
    frame_says(page, "changed")
