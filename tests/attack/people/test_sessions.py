"""Sessions, sign-in and proving again: the cases SE01 to SE18."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from idp.adapters.machine_slots import MachineSlots
from idp.adapters.password_hashing import Argon2Hashing
from idp.domain.account import AccountState
from idp.domain.limits import NETWORK_LIMITS, PASSWORD_FREE_TRIES, NetworkAction
from idp.domain.session import ACR_PASSWORD_OTP
from tests import factories
from tests.attack.people.portal import answer_in
from tests.web.hub import ORIGIN, hidden
from tests.web.signin.walk import (
    ANSWER,
    NEW_PASSWORD,
    PASSWORD,
    USER,
    add_account,
    answer_recovery,
    ask_recovery,
    context_of,
    enter,
    log_in,
    prove_recovery,
)

OTHER_USER = factories.OTHER_NATIONAL_ID.value
MINUTES_2 = timedelta(minutes=2)


def add_other(hub):
    return add_account(
        hub,
        account_id="account-2",
        national_id=factories.OTHER_NATIONAL_ID,
        mobile=factories.OTHER_MOBILE,
    )


def session_of(browser):
    token = browser.cookie("hub_session")
    return browser.hub.deps.sessions.find_live(token) if token else None


def inside(hub):
    """A browser that has signed in with its code, a while ago."""
    browser = hub.browser()
    assert enter(browser).location == "/account"
    hub.clock.move(MINUTES_2)
    return browser


def on_known_device(hub):
    """A browser that signed in again by its password alone."""
    browser = inside(hub)
    browser.post("/logout", {})
    assert log_in(browser).location == "/account"
    return browser


def take_second_step(browser, portal):
    context = answer_in(portal.ask(browser, acr_values=ACR_PASSWORD_OTP))["context"]
    browser.post("/login/second-step/send", {"context": context})
    form = {"context": context, "code": browser.hub.take_code()}
    assert browser.post("/login/second-step", form, follow=False).status_code == 303


def from_network(browser, number, **form):
    """Post the login form from another network each time."""
    where = {"REMOTE_ADDR": f"9.9.{number % 250}.{number // 250 + 1}"}
    form = {"csrf_token": browser.csrf_token(), "username": USER, "password": "Wrong1234", **form}
    return browser.client.post("/login", data=form, base_url=ORIGIN, environ_overrides=where)


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
    pending = hidden(log_in(town.browser()), "pending")
    victim = town.browser()
    form = {"pending": pending, "code": town.take_code()}
    page = victim.post("/login/code", form, follow=False)
    assert page.status_code == 400
    assert session_of(victim) is None


def test_attack_SE02_the_recovery_of_another_browser_is_not_finished(town):
    page = ask_recovery(town.browser())
    form = {"recovery": hidden(page, "recovery"), "code": town.take_code()}
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
    assert told["error"] == "consent_required"


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
        ("/login/code", {"pending": "made-up", "code": "123456"}),
        ("/login/code", {"pending": "", "code": ""}),
        ("/login/second-step", {"code": "123456"}),
        ("/recover/code", {"recovery": "made-up", "code": "123456"}),
        ("/recover/password", {"recovery": "made-up", "answer": ANSWER, "password": NEW_PASSWORD}),
        ("/consent", {"context": "made-up", "decision": "accept"}),
        ("/account/mobile/code", {"flow": "made-up", "code": "123456"}),
    ],
)
def test_attack_SE07_a_later_step_alone_leads_nowhere(town, path, form):
    browser = town.browser()
    page = browser.post(path, form, follow=False)
    assert page.status_code in {303, 400, 422}
    assert session_of(browser) is None
    assert town.take_sms() == []


def test_attack_SE07_a_finished_step_is_not_finished_again(town):
    browser = town.browser()
    form = {"pending": hidden(log_in(browser), "pending"), "code": town.take_code()}
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


# SE10 to SE14: guessing


def test_attack_SE10_SE12_of_200_parallel_guesses_five_are_verified_and_the_owner_enters(
    on_postgres,
):
    owner = inside(on_postgres)
    owner.post("/logout", {})
    on_postgres.hashing.hashed = 0
    strangers = [on_postgres.browser() for _ in range(8)]
    for stranger in strangers:
        stranger.csrf_token()

    def guess(number):
        return log_in(strangers[number % 8], password=f"Guess{number}").status_code

    with ThreadPoolExecutor(9) as pool:
        guesses = pool.map(guess, range(200))
        entered = pool.submit(log_in, owner).result()
        statuses = list(guesses)

    assert entered.location == "/account"
    assert on_postgres.hashing.hashed <= PASSWORD_FREE_TRIES + 1
    assert set(statuses) <= {422, 429, 503}


SPELLINGS = {
    "Persian": "".join(chr(0x6F0 + int(one)) for one in USER),
    "Arabic": "".join(chr(0x660 + int(one)) for one in USER),
    "fullwidth": "".join(chr(0xFF10 + int(one)) for one in USER),
    "blanks and hyphens": f" {USER[:3]}-{USER[3:6]} {USER[6:]} ",
    "marks": f"\u200f{USER}\u200c",
}


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_attack_SE11_every_spelling_counts_at_one_account(town, spelling):
    browser = town.browser()
    for _ in range(PASSWORD_FREE_TRIES):
        log_in(browser, "Wrong1234", username=spelling)
    assert log_in(browser).status_code == 429


def test_attack_SE11_tries_at_the_account_page_count_with_them(town):
    browser = inside(town)
    form = {"old_password": "x", "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
    for _ in range(PASSWORD_FREE_TRIES):
        browser.post("/account/security/password", form)
    town.clock.move(timedelta(seconds=1))
    browser.post("/logout", {})
    assert log_in(browser).status_code == 429


def test_attack_SE12_strangers_everywhere_do_not_keep_the_owner_out(town):
    owner = inside(town)
    owner.post("/logout", {})
    stranger = town.browser()
    for number in range(110):
        from_network(stranger, number)
    assert log_in(owner).location == "/account"


def test_attack_SE12_on_a_new_device_the_owner_waits_a_little_and_enters(town):
    stranger = town.browser()
    for number in range(30):
        from_network(stranger, number)
    owner = town.browser()
    held = {"held": hidden(log_in(owner), "held"), "altcha": ""}
    town.clock.move(MINUTES_2)
    assert hidden(owner.post("/login", held), "pending")


def spoofed(browser, header):
    headers = {"X-Forwarded-For": header}
    form = {"csrf_token": browser.csrf_token(), "username": USER}
    return browser.client.post("/recover", data=form, base_url=ORIGIN, headers=headers)


RECOVERIES = NETWORK_LIMITS[NetworkAction.RECOVERY].count


@pytest.mark.parametrize("forged", ["{}.1.1.1", "{}.1.1.1, 5.6.7.8", "x{}, 5.6.7.8"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_attack_SE13_what_a_visitor_writes_into_the_header_dodges_no_limit(
    make_hub, proxies, forged
):
    hub = make_hub(f"[server]\ntrusted_proxies = {proxies}\n")
    browser = hub.browser()
    # The proxy writes the address of who speaks to it behind what was there.
    seen = "{}" if proxies == 0 else "{}, 5.6.7.8"
    for number in range(RECOVERIES):
        assert spoofed(browser, seen.format(forged.format(number))).status_code == 200
    assert spoofed(browser, seen.format(forged.format(99))).status_code == 429


def test_attack_SE13_nobody_spends_the_limit_of_another_network(make_hub):
    hub = make_hub("[server]\ntrusted_proxies = 1\n")
    browser = hub.browser()
    for _ in range(RECOVERIES + 1):
        spoofed(browser, "7.7.7.7, 5.6.7.8")
    assert spoofed(browser, "7.7.7.7").status_code == 200


def test_attack_SE14_one_password_at_many_IDs_needs_work(town):
    stranger = town.browser()
    for number in range(20):
        page = from_network(stranger, number, username=f"{number:010}", password=PASSWORD)
        assert page.status_code == 422
    hashed = town.hashing.hashed
    assert from_network(stranger, 99, password=PASSWORD).status_code == 429
    assert town.hashing.hashed == hashed


def test_attack_SE14_within_a_network_five_IDs_are_enough(town):
    stranger = town.browser()
    for number in range(5):
        log_in(stranger, username=f"{number:010}")
    assert 'name="held"' in log_in(stranger).text


# SE15, SE16: passwords


def test_attack_SE15_a_body_of_a_megabyte_is_refused(town):
    assert log_in(town.browser(), "x" * 1024 * 1024).status_code == 413


@pytest.mark.parametrize("typed", ["x" * 1025, f"{PASSWORD}\x00", f"{PASSWORD}\x00x"])
def test_attack_SE15_what_is_too_long_or_holds_a_nul_is_no_password(town, typed):
    hashed = town.hashing.hashed
    assert log_in(town.browser(), typed).status_code == 422
    assert town.hashing.hashed == hashed


def test_attack_SE15_nothing_of_a_long_password_is_cut_off(hub):
    long = "Sabz1234" * 10
    credentials = replace(factories.account().credentials, password_hash=hub.hashing.hash(long))
    with hub.deps.begin() as work:
        work.accounts.add(factories.account(credentials=credentials))
    assert log_in(hub.browser(), long[:72] + "xxxxxxxx").status_code == 422
    assert log_in(hub.browser(), long).status_code == 200


def argon2(folder, memory_kib, time_cost=1):
    slots = MachineSlots(folder=folder, count=1, queue=1, wait=timedelta(seconds=5))
    return Argon2Hashing([("p1", b"p" * 32)], slots, memory_kib=memory_kib, time_cost=time_cost)


def test_attack_SE16_a_weaker_hash_is_renewed_and_a_stronger_one_is_kept(tmp_path):
    weak, strong = (argon2(tmp_path, memory) for memory in (8, 64))
    assert strong.needs_rehash(weak.hash(PASSWORD))
    assert not weak.needs_rehash(strong.hash(PASSWORD))


# SE17, SE18: the second step


def test_attack_SE17_the_device_of_one_citizen_is_new_to_another(town):
    add_other(town)
    browser = inside(town)
    browser.post("/logout", {})
    page = log_in(browser, username=OTHER_USER)
    assert hidden(page, "pending")
    assert session_of(browser) is None


def test_attack_SE17_a_copied_device_cookie_serves_until_its_owner_signs_in(town):
    owner = inside(town)
    copied = owner.cookie("hub_device")
    owner.post("/logout", {})
    log_in(owner)
    town.clock.move(MINUTES_2)
    thief = town.browser()
    thief.client.set_cookie("hub_device", copied, domain="127.0.0.1")
    assert hidden(log_in(thief), "pending")
    owner.post("/logout", {})
    assert log_in(owner).location == "/account"


def test_attack_SE17_a_second_click_needs_no_code(town):
    owner = inside(town)
    before = owner.cookie("hub_device")
    owner.post("/logout", {})
    log_in(owner)
    owner.client.set_cookie("hub_device", before, domain="127.0.0.1")
    assert log_in(owner).location == "/account"


@pytest.mark.parametrize(
    "extra",
    [
        {"new_device_code": "false"},
        {"mfa": "0", "amr": "pwd otp sms", "acr": ACR_PASSWORD_OTP},
        {"device": "account-1", "is_known": "1", "has_worked": "1"},
    ],
)
def test_attack_SE18_no_field_switches_the_code_off(town, extra):
    browser = town.browser()
    assert hidden(log_in(browser, **extra), "pending")
    assert session_of(browser) is None


def test_attack_SE18_a_recovery_signs_nobody_in(town):
    browser = town.browser()
    answer_recovery(browser, prove_recovery(browser, ask_recovery(browser)))
    assert session_of(browser) is None
    town.clock.move(MINUTES_2)
    assert hidden(log_in(browser, NEW_PASSWORD), "pending")


def test_attack_SE18_a_password_is_no_grant(town, portal):
    form = {"grant_type": "password", "username": USER, "password": PASSWORD}
    assert portal.post("/oauth2/token", form).json["error"] == "unsupported_grant_type"


def test_attack_SE18_a_refresh_proves_no_second_step(town, portal):
    device = on_known_device(town)
    tokens = portal.tokens(device)
    portal.refresh(tokens["refresh_token"])
    asked = portal.ask(device, acr_values=ACR_PASSWORD_OTP)
    assert urlsplit(asked.location).path == "/login/second-step"
