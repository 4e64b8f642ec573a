"""Error pages tell whoever builds the portal the error of OAuth, and echo nothing (attack X03)."""

import html
import re
from urllib.parse import urlencode

import pytest

from idp.domain.clients.client import ClientState
from idp.protocol.core.errors import ERRORS
from idp.web.words import messages
from tests.web.hub import ORIGIN, words
from tests.web.sign_in.walk import CALLBACK, add_client

TECHNICAL = re.compile(r'<p class="hint">\s*<bdi dir="ltr">([^<]*)</bdi>')
GOOD = {"client_id": "portal", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}


@pytest.fixture
def browser(guide_hub):
    add_client(guide_hub)
    add_client(guide_hub, client_id="stopped", state=ClientState.SUSPENDED)
    return guide_hub.browser()


def technical(page):
    """Return the one line for developers; it is left to right."""
    [line] = TECHNICAL.findall(page.text)
    return line


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": ""}, "invalid_request: client_id"),
        ({"client_id": "stopped"}, "unauthorized_client"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_request: redirect_uri"),
        ({"redirect_uri": ""}, "invalid_request: redirect_uri"),
        ({"redirect_uri": "", "request_uri": "https://x.example"}, "request_uri_not_supported"),
        ({"redirect_uri": "", "request": "x.y.z"}, "invalid_request_object"),
    ],
    ids=str,
)
def test_an_authorization_request_that_ends_here_says_its_error(browser, changes, line):
    page = browser.get("/oauth2/authorize", query_string={**GOOD, **changes})
    assert (page.status_code, technical(page)) == (400, line)


RECEIVED = re.compile(r'<dt>\s*<bdi dir="ltr">([^<]*)</bdi>.*?<bdi dir="ltr">([^<]*)</bdi>', re.S)


def received(page):
    return {name: html.unescape(value) for name, value in RECEIVED.findall(page.text)}


def test_an_address_that_is_not_registered_is_shown_to_the_developer(browser):
    sent = "https://portal.example/Callback?a=<b>"
    page = browser.get("/oauth2/authorize", query_string={**GOOD, "redirect_uri": sent})
    assert received(page) == {"client_id": "portal", "redirect_uri": sent}


def test_a_missing_address_is_named_beside_its_client(browser):
    page = browser.get("/oauth2/authorize", query_string={**GOOD, "redirect_uri": ""})
    assert received(page) == {"client_id": "portal", "redirect_uri": "–"}


def test_attack_X03_of_a_long_address_200_characters_are_shown(browser):
    sent = "https://evil.example/" + "x" * 500
    page = browser.get("/oauth2/authorize", query_string={**GOOD, "redirect_uri": sent})
    assert received(page)["redirect_uri"] == sent[:200]


def test_no_log_has_the_address(browser, caplog, capsys):
    sent = "https://evil.example/of-somebody"
    browser.get("/oauth2/authorize", query_string={**GOOD, "redirect_uri": sent})
    assert "of-somebody" not in caplog.text + "".join(capsys.readouterr())


def test_a_request_that_is_too_old_says_its_error(browser):
    page = browser.get("/oauth2/authorize/resume?context=x")
    assert technical(page) == "invalid_request"


@pytest.mark.parametrize(
    ("parameters", "line"),
    [
        ({"id_token_hint": "x.y.z"}, "invalid_request: id_token_hint"),
        ({"id_token_hint": "eyJhbGciOiJub25lIn0.e30."}, "invalid_request: id_token_hint"),
    ],
    ids=str,
)
def test_a_logout_request_that_ends_here_says_its_error(browser, parameters, line):
    assert technical(browser.get("/oauth2/end_session", query_string=parameters)) == line


def test_attack_R12_a_parameter_that_came_twice_is_an_invalid_request(browser):
    page = browser.get("/oauth2/authorize?client_id=portal&client_id=portal")
    assert technical(page).startswith("invalid_request")


def test_a_network_that_asks_too_often_reads_that_it_is_for_now(guide_hub):
    browser = guide_hub.browser()
    pages = [browser.get("/oauth2/authorize") for _ in range(121)]
    assert (pages[-1].status_code, technical(pages[-1])) == (429, "temporarily_unavailable")


def test_a_fault_of_ours_is_a_server_error(guide_hub):
    guide_hub.app.view_functions["oauth.authorize"] = lambda: 1 / 0
    page = guide_hub.browser().get("/oauth2/authorize")
    assert "server_error" in TECHNICAL.findall(page.text)


def test_in_the_test_mode_an_error_goes_back_without_a_page(make_hub):
    hub = make_hub('[conformance]\nuser_name = "suite"\n')
    add_client(hub)
    query = urlencode({**GOOD, "scope": "nothing", "code_challenge": "x"})
    page = hub.browser().client.get(f"/oauth2/authorize?{query}", base_url=ORIGIN)
    assert page.headers["Location"].startswith(f"{CALLBACK}?error=")


def test_attack_X03_nothing_that_was_sent_comes_back(browser):
    sent = {name: f"echo-of-{name}<b>" for name in ("client_id", "state", "error", "scope")}
    page = browser.get("/oauth2/authorize", query_string=sent)
    assert technical(page) == "invalid_client"
    assert "echo-of" not in page.text


def test_attack_X03_nor_at_a_logout(browser):
    query = urlencode({"id_token_hint": "echo-of-hint", "state": "echo-of-state"})
    assert "echo-of" not in browser.get(f"/oauth2/end_session?{query}").text


def test_the_sentence_stays_in_the_citizens_language(browser):
    page = browser.get("/oauth2/authorize?client_id=nobody")
    assert messages._PAGES["unknown_client"] in page.text


@pytest.mark.parametrize(
    "changes", [{"client_id": "nobody"}, {"client_id": "stopped"}, {"redirect_uri": ""}], ids=str
)
def test_a_citizen_reads_whose_fault_it_is_and_what_to_do(browser, changes):
    page = words(browser.get("/oauth2/authorize", query_string={**GOOD, **changes}))
    assert "مشکل از سامانه‌ای است که از آن آمده‌اید" in page
    assert "این مشکل از شما نیست" in page
    assert "پشتیبانی همان سامانه" in page


def test_a_fault_of_ours_is_not_called_the_portals(guide_hub):
    guide_hub.app.view_functions["oauth.authorize"] = lambda: 1 / 0
    assert "پشتیبانی همان سامانه" not in words(guide_hub.browser().get("/oauth2/authorize"))


def test_other_pages_show_no_code(browser):
    assert TECHNICAL.findall(browser.get("/nowhere").text) == []


@pytest.mark.parametrize("code", ERRORS)
def test_every_code_of_the_protocol_has_words(guide_hub, code):
    with guide_hub.app.test_request_context("/"):
        assert messages.text(code)
