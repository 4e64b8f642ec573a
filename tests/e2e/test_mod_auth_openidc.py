"""Debian's mod_auth_openidc, unmodified, protects a page of Apache."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.e2e.apache import APACHE, MODULE, PAGE, Site, register, running_apache
from tests.e2e.demo import eventually
from tests.e2e.suite import Suite

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def sites(suite: Suite) -> Iterator[dict[str, Site]]:
    """One site that is told of sign-outs by the back channel, one by the front channel."""
    if APACHE is None or not MODULE.exists():
        pytest.skip("not installed (Debian, Ubuntu: apt-get install libapache2-mod-auth-openidc)")
    both = {channel: register(suite, channel) for channel in ("back", "front")}
    with running_apache(suite, list(both.values())):
        yield both


def test_it_shows_its_page_to_whom_the_claims_fit(suite: Suite, sites: dict[str, Site]):
    walk = suite.sign_in(suite.walk(), sites["back"].page)
    assert (walk.here, walk.text) == (sites["back"].page, PAGE)


def test_it_ends_its_session_when_the_back_channel_says_so(suite: Suite, sites: dict[str, Site]):
    walk = suite.sign_in(suite.walk(), sites["back"].page)
    walk.open(f"{suite.issuer}/logout").submit(action="/logout")

    def asks_again() -> bool:
        return walk.open(sites["back"].page).here.startswith(f"{suite.issuer}/login")

    eventually(lambda: asks_again() or None, what="a page that asks who comes")


@pytest.mark.browser
def test_it_ends_its_session_in_a_frame_of_the_signed_out_page(
    suite: Suite, sites: dict[str, Site], chromium: Browser
):
    # Chromium reads no certificate from a variable.
    context = chromium.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.goto(sites["front"].page)
    page.fill("[name=username]", suite.told("user name"))
    page.fill("[name=password]", suite.told("password"))
    page.press("[name=password]", "Enter")
    page.wait_for_url(sites["front"].page)
    page.goto(f"{suite.issuer}/logout")
    with page.expect_response(lambda answer: "logout=get" in answer.url):
        page.click(".logout-confirm")

    page.goto(sites["front"].page)

    assert page.url.startswith(f"{suite.issuer}/login")
    context.close()
