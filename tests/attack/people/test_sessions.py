"""Sessions: whose they are, how fresh, and when they end: the cases SE01 to SE09."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from idp.domain.people.account import AccountState
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from tests.attack.people.portal import answer_in
from tests.attack.people.visitors import (
    OTHER_USER,
    add_other,
    inside,
    on_known_device,
    session_of,
    take_second_step,
)
from tests.web.hub import hidden
from tests.web.sign_in.walk import (
    ANSWER,
    NEW_PASSWORD,
    PASSWORD,
    answer_recovery,
    ask_recovery,
    context_of,
    enter,
    log_in,
    prove_recovery,
)

# SE01, SE02, SE03: whose session it is


def test_attack_SE01_a_planted_session_cookie_is_replaced(town):
    browser = town.browser()
    planted = "x" * 43
    browser.client.set_cookie("hub_session", planted, domain="127.0.0.1")
    enter(browser)
    assert browser.cookie("hub_session") not in {None, planted}


def test_attack_SE01_signing_in_again_kills_the_old_cookie(town):
    browser = inside(town)
    old = browser.cookie("hub_session")
    log_in(browser)
    assert browser.cookie("hub_session") != old
    assert town.deps.sessions.find_live(old) is None


def test_attack_SE01_the_second_step_kills_the_old_cookie(town, portal):
    browser = on_known_device(town)
    old = browser.cookie("hub_session")
    take_second_step(browser, portal)
    assert session_of(browser).acr == ACR_PASSWORD_OTP
    assert town.deps.sessions.find_live(old) is None


def test_attack_SE02_the_request_of_another_browser_does_not_open(town, portal):
    planted = context_of(town.browser())
    victim = town.browser()
    assert log_in(victim, context=planted).status_code == 400


def test_attack_SE02_the_sign_in_of_another_browser_is_not_finished(town):
    pending = hidden(log_in(town.browser()), "flow")
    victim = town.browser()
    form = {"flow": pending, "code": town.take_code()}
    page = victim.post("/login/code", form, follow=False)
    assert page.status_code == 400
    assert session_of(victim) is None


def test_attack_SE02_the_recovery_of_another_browser_is_not_finished(town):
    page = ask_recovery(town.browser())
    form = {"flow": hidden(page, "flow"), "code": town.take_code()}
    assert town.browser().post("/recover/code", form, follow=False).status_code == 400


def test_attack_SE03_somebody_else_gets_a_session_of_the_own_and_ends_the_old_one(town, portal):
    add_other(town)
    browser = inside(town)
    old = session_of(browser)
    asked = portal.ask(browser, prompt="login")
    context = answer_in(asked)["context"]
    enter(browser, username=OTHER_USER, context=context)
    now = session_of(browser)
    assert (now.account_id, now.id == old.id) == ("account-2", False)
    with town.deps.begin(read_only=True) as work:
        assert work.sessions.find(old.id).ended_at is not None


def test_attack_SE03_a_wish_to_sign_in_again_that_is_left_keeps_the_session(town, portal):
    browser = inside(town)
    before = session_of(browser).id
    assert urlsplit(portal.ask(browser, prompt="login").location).path == "/login"
    assert session_of(browser).id == before


# SE04, SE05, SE06: how fresh, and by what


def test_attack_SE04_a_silent_request_minds_max_age(town, portal):
    browser = inside(town)
    told = answer_in(portal.ask(browser, prompt="none", max_age="60"))
    assert told["error"] == "login_required"


def test_attack_SE04_a_silent_request_minds_consent(town, portal):
    portal.change(first_party=False)
    told = answer_in(portal.ask(inside(town), prompt="none"))
    assert told["error"] == "login_required"


def test_attack_SE04_a_silent_request_minds_whom_the_hint_names(town, portal):
    add_other(town)
    browser = town.browser()
    enter(browser, username=OTHER_USER)
    hint = portal.tokens(browser)["id_token"]
    told = answer_in(portal.ask(inside(town), prompt="none", id_token_hint=hint))
    assert told["error"] == "login_required"


@pytest.mark.parametrize("bad", ["-1", "abc", "1e9", "9" * 40, "1.5", "٣", "+1", " 1"])
def test_attack_SE05_a_max_age_that_is_no_number_is_refused(town, portal, bad):
    answer = portal.ask(inside(town), max_age=bad)
    assert answer_in(answer).get("error", "invalid_request") == "invalid_request"
    assert answer.status_code in {303, 400}
    assert "code" not in answer_in(answer)


def test_attack_SE05_max_age_zero_asks_for_the_password(town, portal):
    browser = inside(town)
    assert urlsplit(portal.ask(browser, max_age="0").location).path == "/login"


def test_attack_SE06_a_code_does_not_make_the_password_fresh(town, portal):
    device = on_known_device(town)
    town.clock.move(timedelta(minutes=10))
    take_second_step(device, portal)
    assert session_of(device).acr == ACR_PASSWORD_OTP
    assert urlsplit(portal.ask(device, max_age="300").location).path == "/login"


# SE07: no step can be skipped


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/login/code", {"flow": "made-up", "code": "123456"}),
        ("/login/code", {"flow": "", "code": ""}),
        ("/login/second-step", {"code": "123456"}),
        ("/recover/code", {"flow": "made-up", "code": "123456"}),
        ("/recover/password", {"flow": "made-up", "answer": ANSWER, "password": NEW_PASSWORD}),
        ("/consent", {"context": "made-up", "decision": "accept"}),
        ("/account/mobile/code", {"flow": "made-up", "code": "123456"}),
    ],
)
def test_attack_SE07_a_later_step_alone_leads_nowhere(town, path, form):
    browser = town.browser()
    page = browser.post(path, form, follow=False)
    assert page.status_code in {303, 400, 422} or page.request.path == "/login"
    assert session_of(browser) is None
    assert town.take_sms() == []


def test_attack_SE07_a_finished_step_is_not_finished_again(town):
    browser = town.browser()
    form = {"flow": hidden(log_in(browser), "flow"), "code": town.take_code()}
    assert browser.post("/login/code", form, follow=False).location == "/account"
    browser.post("/logout", {})
    assert browser.post("/login/code", form, follow=False).status_code == 400
    assert session_of(browser) is None


# SE08, SE09: when it ends


def sign_out(town, browser):
    browser.post("/logout", {})


def change_password(town, browser):
    form = {"old_password": PASSWORD, "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    elsewhere = inside(town)
    elsewhere.post("/account/security/password", form)


def recover(town, browser):
    elsewhere = town.browser()
    page = prove_recovery(elsewhere, ask_recovery(elsewhere))
    assert answer_recovery(elsewhere, page).status_code == 200


def leave(state):
    def act(town, browser):
        with town.deps.begin() as work:
            account = work.accounts.find("account-1")
            work.accounts.save(replace(account, state=state, epoch=account.epoch + 1))

    return act


ENDS = {
    "signing out": sign_out,
    "a new password": change_password,
    "a recovery": recover,
    "a suspension": leave(AccountState.SUSPENDED),
    "a closing": leave(AccountState.CLOSED),
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
def test_attack_SE08_an_ended_session_opens_nothing_on_any_node(town, portal, end):
    browser = inside(town)
    stolen = browser.cookie("hub_session")
    end(town, browser)
    thief = town.browser()
    thief.client.set_cookie("hub_session", stolen, domain="127.0.0.1")
    assert thief.get("/account").request.path == "/login"
    assert urlsplit(portal.ask(thief).location).path == "/login"


@pytest.mark.parametrize("end", [*ENDS.values()][1:], ids=[*ENDS][1:])
def test_attack_SE08_its_tokens_die_with_it(town, portal, end):
    browser = inside(town)
    tokens = portal.tokens(browser)
    end(town, browser)
    assert portal.is_served(tokens) == (False, False)


def test_attack_SE08_signing_out_takes_the_access_token_too(town, portal):
    portal.scope = "openid profile"
    browser = inside(town)
    tokens = portal.tokens(browser)
    sign_out(town, browser)
    assert portal.userinfo(tokens).status_code == 401


def test_attack_SE09_a_session_in_use_ends_at_its_absolute_limit(town):
    browser = inside(town)
    limit = town.deps.sessions.limits.absolute
    while session_of(browser):
        assert town.clock() - session_of(browser).created_at < limit
        town.clock.move(timedelta(minutes=20))
    assert browser.get("/account").request.path == "/login"
