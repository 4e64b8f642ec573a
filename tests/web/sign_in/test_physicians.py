"""A physician at portals that ask for nothing: the second step comes all the same."""

from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from idp.services.sign_in.sessions import Proof
from tests import factories
from tests.web.hub import Browser, Hub, words
from tests.web.sign_in.walk import CALLBACK, add_account, add_client, enter, log_in


@pytest.fixture
def physician(hub: Hub):
    add_client(hub, first_party=True)
    return add_account(hub, physician=factories.PROVEN, roles=("insured", "physician"))


def authorize(browser: Browser, **parameters: str):
    query = {
        "client_id": "portal",
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid profile",
        "state": "s",
        "nonce": "n",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
        "code_challenge_method": "S256",
        **parameters,
    }
    return browser.client.get(
        f"/oauth2/authorize?{urlencode(query)}", base_url="http://127.0.0.1:8000"
    )


def answer_of(page) -> dict[str, str]:
    assert page.headers["Location"].startswith(CALLBACK)
    query = parse_qs(urlsplit(page.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def give_session(hub: Hub, browser: Browser, acr: str) -> None:
    """Let the browser have a session that began with ``acr``."""
    with hub.deps.begin() as work:
        account = work.accounts.find("account-1")
        proof = Proof(hub.clock(), acr, ("pwd",))
        token = hub.deps.sessions.open(work, account, proof).token
    browser.client.set_cookie("hub_session", token, domain="127.0.0.1")


def test_the_second_sign_in_on_the_same_device_asks_for_the_code(hub, physician):
    browser = hub.browser()
    enter(browser)
    browser.post("/logout", {})
    page = log_in(browser)
    assert page.status_code == 200
    assert "حساب پزشکان در هر ورود کد می‌خواهد" in words(page)


def test_a_session_of_a_password_alone_does_not_satisfy_a_silent_request(hub, physician):
    browser = hub.browser()
    give_session(hub, browser, ACR_PASSWORD)
    assert answer_of(authorize(browser, prompt="none"))["error"] == "login_required"


def test_a_session_of_a_password_alone_leads_to_the_login_page(hub, physician):
    browser = hub.browser()
    give_session(hub, browser, ACR_PASSWORD)
    assert authorize(browser).headers["Location"].startswith("/login?")


def test_the_second_step_satisfies_a_silent_request(hub, physician):
    browser = hub.browser()
    give_session(hub, browser, ACR_PASSWORD_OTP)
    assert "code" in answer_of(authorize(browser, prompt="none"))


def test_a_profession_proven_later_ends_the_silence(hub):
    add_client(hub, first_party=True)
    add_account(hub)
    browser = hub.browser()
    give_session(hub, browser, ACR_PASSWORD)
    before = answer_of(authorize(browser, prompt="none"))
    with hub.deps.begin() as work:
        account = work.accounts.lock("account-1")
        work.accounts.save(account.with_profession(factories.PHYSICIAN, at=hub.clock()))

    assert "code" in before
    assert answer_of(authorize(browser, prompt="none"))["error"] == "login_required"
