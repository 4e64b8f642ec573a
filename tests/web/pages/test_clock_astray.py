"""While the machine's clock is not the database's nothing is signed, and all else goes on (F20)."""

from base64 import b64encode
from datetime import timedelta

import pytest

from idp.domain.clients.client import SECRET_PURPOSE, ClientSecret
from tests import factories
from tests.fakes import NOON
from tests.store.upkeep.test_clock_watch import WrongClock
from tests.web.hub import ORIGIN, words
from tests.web.oauth.test_oauth_endpoints import VERIFIER, answer_in, get, request
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, enter

BASIC = {"Authorization": "Basic " + b64encode(b"portal:secret").decode()}


@pytest.fixture
def machine_clock():
    return WrongClock()


@pytest.fixture
def hub(make_hub, postgres_url, machine_clock):
    made = make_hub(url=postgres_url, machine_clock=machine_clock)
    keys = made.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    add_account(made)
    digest = made.deps.vault.digest("secret", purpose=SECRET_PURPOSE)
    add_client(made, first_party=True, secrets=(ClientSecret(digest, NOON),))
    return made


@pytest.fixture
def browser(hub):
    """A browser that is signed in."""
    made = hub.browser()
    enter(made)
    return made


def code_of(browser):
    return answer_in(get(browser.client, **request(scope="openid")).location)["code"]


def redeem(browser, code):
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return browser.client.post("/oauth2/token", data=form, headers=BASIC, base_url=ORIGIN)


def test_no_token_is_signed(browser, machine_clock):
    code = code_of(browser)
    machine_clock.off = timedelta(minutes=2)

    answer = redeem(browser, code)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert answer.json == {"error": "temporarily_unavailable"}


def test_the_code_is_good_when_the_clock_has_been_put_right(browser, machine_clock):
    code = code_of(browser)
    machine_clock.off = timedelta(minutes=2)
    redeem(browser, code)
    machine_clock.off = timedelta(0)

    assert redeem(browser, code).status_code == 200


def test_pages_go_on(browser, machine_clock):
    machine_clock.off = timedelta(minutes=2)

    assert "خروج" in words(browser.get("/account"))


def test_a_portal_still_gets_a_code(browser, machine_clock):
    machine_clock.off = timedelta(minutes=2)

    assert code_of(browser)


def test_the_keys_can_still_be_read(browser, machine_clock):
    machine_clock.off = timedelta(minutes=2)

    assert get(browser.client, "/oauth2/jwks").status_code == 200


def test_tokens_that_live_can_still_be_used(browser, machine_clock):
    token = redeem(browser, code_of(browser)).json["access_token"]
    machine_clock.off = timedelta(minutes=2)

    told = get(browser.client, "/oauth2/userinfo", {"Authorization": f"Bearer {token}"})

    assert told.status_code == 200
    assert factories.NATIONAL_ID.value not in told.text
