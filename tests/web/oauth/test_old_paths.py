"""The earlier addresses of three endpoints, where a setting says so."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.web.hub import ORIGIN, words
from tests.web.sign_in.walk import CALLBACK, add_client

ON = "[compatibility]\nold_paths = true\n"
ASKED = {
    "client_id": "portal",
    "response_type": "code",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "state": "a%20b~._-",
    "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
    "code_challenge_method": "S256",
}


@pytest.fixture
def browser(make_hub):
    hub = make_hub(ON)
    add_client(hub, first_party=True)
    return hub.browser()


@pytest.mark.parametrize("path", ["/auth/server/authorize", "/auth/signout"])
def test_they_are_not_there_by_default(hub, path):
    assert hub.browser().get(path).status_code == 404


def test_the_token_endpoint_is_not_there_by_default(hub):
    assert hub.browser().client.post("/auth/server/token", base_url=ORIGIN).status_code == 404


def test_a_portals_request_comes_to_the_login_page(browser):
    page = browser.get("/auth/server/authorize", query_string=ASKED)
    assert "ورود به سیستم" in words(page)


def test_the_query_stays_byte_for_byte(browser):
    raw = "state=a%7eb+c&client_id=portal&client_id=x"
    answer = browser.client.get(f"/auth/server/authorize?{raw}", base_url=ORIGIN)
    assert (answer.status_code, answer.location) == (303, f"/oauth2/authorize?{raw}")


@pytest.mark.parametrize(
    "change",
    [{"response_type": "assertion"}, {"code_challenge": ""}, {"code_challenge_method": "plain"}],
)
def test_the_rules_of_today_hold_there(browser, change):
    query = {name: value for name, value in {**ASKED, **change}.items() if value}
    first = browser.client.get("/auth/server/authorize", query_string=query, base_url=ORIGIN)
    answer = browser.client.get(first.location, base_url=ORIGIN)
    parts = urlsplit(answer.location)
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == CALLBACK
    error = parse_qs(parts.query)["error"][0]
    assert error in {"invalid_request", "unsupported_response_type"}


def test_the_token_endpoint_answers_as_that_of_today(browser):
    form = {"grant_type": "authorization_code", "client_id": "nobody", "code": "x"}
    old, new = (
        browser.client.post(path, data=form, base_url=ORIGIN)
        for path in ("/auth/server/token", "/oauth2/token")
    )
    assert (old.status_code, old.json) == (new.status_code, new.json)
    assert old.headers["Access-Control-Allow-Origin"] == "*"


def test_attack_L02_a_bare_address_to_go_back_to_is_not_followed(browser):
    page = browser.get("/auth/signout", query_string={"redirect_uri": "https://evil.example/"})
    assert "evil.example" not in page.text


def test_the_metadata_does_not_name_them(browser):
    keys = browser.hub.deps.provider._provider.keys
    keys.promote(keys.new("RS256").kid)
    assert "/auth/" not in browser.get("/.well-known/openid-configuration").text
