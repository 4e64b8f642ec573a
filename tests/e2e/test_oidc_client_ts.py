"""The npm package oidc-client-ts, unmodified, in Chromium: a public portal of scripts alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.pages_over_tls import serving
from tests.e2e.suite import Suite

pytestmark = [pytest.mark.slow, pytest.mark.browser]

HERE = Path(__file__).parent
LIBRARY = HERE / "node_modules" / "oidc-client-ts" / "dist" / "browser" / "oidc-client-ts.min.js"
PAGES = ("/", "/callback", "/silent", "/goodbye")
CLIENT_ID = "oidc-client-ts"


@pytest.fixture(scope="module")
def portal(suite: Suite) -> Iterator[str]:
    """The portal's address; its client is registered once, for one settles on one address."""
    own = HERE / "oidc_client_ts"
    pages = {
        **dict.fromkeys(PAGES, ("text/html", (own / "portal.html").read_bytes())),
        "/oidc-client-ts.js": ("text/javascript", LIBRARY.read_bytes()),
        "/portal.js": ("text/javascript", (own / "portal.js").read_bytes()),
    }
    with serving(suite, pages) as address:
        suite.register(
            CLIENT_ID,
            token_endpoint_auth_method="none",
            redirect_uris=[f"{address}/callback", f"{address}/silent"],
            post_logout_redirect_uris=[f"{address}/goodbye"],
            grant_types=["authorization_code", "refresh_token"],
            scope=["openid", "profile", "offline_access"],
        )
        settings = {"authority": suite.issuer, "client_id": CLIENT_ID}
        text = f"const settings = {{ ...{json.dumps(settings)}, scope: localStorage.scope }}"
        pages["/settings.js"] = ("text/javascript", text.encode())
        yield address


@dataclass
class Visitor:
    """Somebody in front of the portal."""

    suite: Suite
    address: str
    page: Page

    def arrive(self, scope: str = "openid profile", *, watches: bool = False) -> None:
        """Open the portal, which asks for ``scope`` from now on, and may watch the session."""
        self.page.goto(self.address)
        self.page.evaluate("scope => { localStorage.scope = scope }", scope)
        self.page.evaluate("yes => { localStorage.watches = yes }", "yes" if watches else "no")
        self.page.reload()

    def sign_in(self) -> Any:
        """Sign in by the hub's pages and return the user that the portal got."""
        self.page.evaluate("void manager.signinRedirect()")
        self.page.wait_for_url(f"{self.suite.issuer}/login**")
        self.page.fill("[name=username]", self.suite.told("user name"))
        self.page.fill("[name=password]", self.suite.told("password"))
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(f"{self.address}/callback**")
        return self.page.evaluate("arrived")["value"]

    def calls(self, method: str) -> Any:
        """Call a method of the library's manager; return its value, or the error's code."""
        return self.page.evaluate(f"told(manager.{method})")


@pytest.fixture
def visitor(chromium: Browser, suite: Suite, portal: str) -> Iterator[Visitor]:
    # Chromium reads no certificate from a variable.
    context = chromium.new_context(ignore_https_errors=True)
    context.set_default_timeout(15_000)
    yield Visitor(suite, portal, context.new_page())
    context.close()


def test_it_signs_in_by_code_and_pkce_without_a_secret(visitor: Visitor):
    visitor.arrive()
    profile = visitor.sign_in()["profile"]
    assert (profile["aud"], profile["family_name"]) == (CLIENT_ID, "آزمایشی")


def test_it_renews_its_tokens_in_a_hidden_frame(visitor: Visitor):
    visitor.arrive()
    before = visitor.sign_in()
    after = visitor.calls("signinSilent()")["value"]
    assert after["profile"]["sub"] == before["profile"]["sub"]
    assert after["access_token"] != before["access_token"]


def test_its_hidden_frame_learns_that_nobody_is_signed_in(visitor: Visitor):
    visitor.arrive()
    assert visitor.calls("signinSilent()") == {"error": "login_required"}


def test_it_renews_its_tokens_with_a_refresh_token(visitor: Visitor):
    visitor.arrive("openid profile offline_access")
    before = visitor.sign_in()
    after = visitor.calls("signinSilent()")["value"]
    assert after["refresh_token"] != before["refresh_token"]


def test_it_learns_of_a_sign_out_elsewhere_by_its_session_monitor(visitor: Visitor):
    visitor.arrive(watches=True)
    visitor.sign_in()
    other = visitor.page.context.new_page()
    other.goto(f"{visitor.suite.issuer}/logout")
    other.click(".logout-confirm")
    visitor.page.wait_for_function("events.includes('signed out')")


def test_its_session_monitor_is_quiet_while_nothing_changes(visitor: Visitor):
    visitor.arrive(watches=True)
    visitor.sign_in()
    visitor.page.wait_for_timeout(3000)  # three looks
    assert "signed out" not in visitor.page.evaluate("events")


def test_it_takes_its_tokens_back(visitor: Visitor):
    visitor.arrive("openid profile offline_access")
    visitor.sign_in()
    assert visitor.calls("revokeTokens(['access_token', 'refresh_token'])") == {"value": None}


def test_it_signs_out_and_the_session_is_over(visitor: Visitor):
    visitor.arrive()
    visitor.sign_in()
    visitor.page.evaluate("void manager.signoutRedirect({ state: 'leaving' })")
    visitor.page.wait_for_url(f"{visitor.address}/goodbye**")
    assert visitor.page.evaluate("arrived")["value"]["userState"] == "leaving"
    assert visitor.calls("signinSilent()") == {"error": "login_required"}
