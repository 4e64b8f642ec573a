from datetime import timedelta

import pytest

from idp.domain.clients.client import ClientState
from tests import factories
from tests.web.hub import words
from tests.web.sign_in.walk import add_account, add_client, context_of, log_in

ORIGIN = "http://127.0.0.1:8000"
EXIT = 'action="/logout"'


@pytest.fixture
def inside(guide_hub):
    """A browser that is signed in and has visited a portal."""
    add_account(guide_hub)
    add_client(guide_hub)
    browser = guide_hub.browser()
    log_in(browser)
    with guide_hub.deps.begin() as work:
        work.sessions.visit(session_of(browser).id, "portal", guide_hub.clock())
    return browser


def session_of(browser):
    token = browser.cookie("hub_session")
    return token and browser.hub.deps.sessions.find_live(token)


@pytest.mark.parametrize(
    "path",
    [
        *("/account", "/logout", "/recover", "/guide", "/register", "/register/physicians"),
        *("/login/second-step", "/dev/inbox", "/no-such-page", "/register/details"),
    ],
)
def test_the_way_out_stands_on_every_page_of_who_is_signed_in(inside, path):
    assert EXIT in inside.get(path).text


@pytest.mark.parametrize(
    ("path", "parameters"),
    [
        ("/consent", {}),
        ("/login", {"prompt": "login"}),
        ("/login/second-step", {}),
        ("/oauth2/authorize/resume", {}),
    ],
)
def test_the_way_out_stands_on_every_page_on_the_way_to_a_portal(inside, path, parameters):
    add_client(inside.hub, first_party=True)
    context = context_of(inside, **parameters)
    assert EXIT in inside.get(path, query_string={"context": context}).text


def test_nobody_else_sees_the_way_out(hub):
    assert EXIT not in hub.browser().get("/login").text


def test_signing_out_ends_the_session_and_names_the_portals(inside):
    token = inside.cookie("hub_session")
    page = inside.post("/logout", {})
    assert page.status_code == 200
    assert "خارج شدید" in words(page)
    assert "سوابق بیمه" in words(page)
    assert inside.hub.deps.sessions.find_live(token) is None
    assert inside.cookie("hub_session") is None
    assert EXIT not in page.text


def test_signing_out_writes_a_job_for_the_portal(inside):
    inside.post("/logout", {})
    with inside.hub.deps.begin(read_only=True) as work:
        assert work.outbox.waiting("backchannel_logout") == 1


def test_attack_L01_an_address_alone_ends_nothing(inside):
    page = inside.get("/logout")
    assert "logout-confirm" in page.text
    assert "سوابق بیمه" in words(page)
    assert session_of(inside) is not None


def test_asking_with_nobody_signed_in_shows_that(hub):
    assert "خارج شدید" in words(hub.browser().get("/logout"))


def test_signing_out_twice_is_no_error(inside):
    inside.post("/logout", {})
    assert inside.post("/logout", {}).status_code == 200


def test_attack_SE08_an_old_cookie_opens_nothing_after_signing_out(inside):
    token = inside.cookie("hub_session")
    inside.post("/logout", {})
    inside.client.set_cookie("hub_session", token, domain="127.0.0.1")
    answer = inside.client.get("/account", base_url=ORIGIN)
    assert (answer.status_code, answer.location) == (303, "/login")


def test_the_account_page_masks_id_and_phone(inside):
    page = inside.get("/account")
    shown = words(page)
    assert "محمد رضا احمدی‌نژاد" in shown
    assert factories.NATIONAL_ID.masked() in shown
    assert factories.NATIONAL_ID.value not in page.text
    assert factories.MOBILE.national not in page.text


def test_the_account_page_lists_the_portals(inside):
    assert "سوابق بیمه" in words(inside.get("/account"))


def test_a_portal_is_cut_off(inside):
    with inside.hub.deps.begin() as work:
        work.consents.save(factories.consent())
        work.grants.add(factories.grant(session_id=session_of(inside).id))
    answer = inside.post("/account/portals/revoke", {"client_id": "portal"}, follow=False)
    assert (answer.status_code, answer.location) == (303, "/account/portals")
    with inside.hub.deps.begin(read_only=True) as work:
        assert not work.grants.find("grant-1").is_live(inside.hub.clock())
        assert work.consents.find("account-1", "portal").revoked_at is not None


def test_cutting_off_twice_is_no_error(inside):
    form = {"client_id": "portal"}
    pages = [inside.post("/account/portals/revoke", form) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]


def test_cutting_off_a_suspended_portal_twice_is_no_error_either(inside):
    add_client(inside.hub, client_id="stopped", state=ClientState.SUSPENDED)
    form = {"client_id": "stopped"}
    pages = [inside.post("/account/portals/revoke", form) for _ in range(2)]
    assert [page.status_code for page in pages] == [200, 200]


def test_without_a_session_there_is_no_account_page(hub):
    answer = hub.browser().client.get("/account", base_url=ORIGIN)
    assert (answer.status_code, answer.location) == (303, "/login")


def test_without_a_session_nothing_is_cut_off(hub):
    answer = hub.browser().post("/account/portals/revoke", {"client_id": "x"}, follow=False)
    assert answer.location == "/login"


def test_a_session_falls_idle(inside):
    inside.hub.clock.move(timedelta(minutes=30))
    answer = inside.client.get("/account", base_url=ORIGIN)
    assert answer.location == "/login"
