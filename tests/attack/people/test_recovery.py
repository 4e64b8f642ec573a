"""Recovery of a password: the cases RC1 to RC8."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import click
import pytest

from idp.cli.main import idp
from idp.domain.messages.delivery import BACKCHANNEL_LOGOUT
from idp.domain.people.account import AccountState
from idp.ports import MAIL
from idp.services.recovery.recover import RECOVERY_LIFE
from tests import factories
from tests.web.hub import ORIGIN, address, hidden, words
from tests.web.sign_in.walk import (
    NEW_PASSWORD,
    PASSWORD,
    USER,
    add_account,
    answer_recovery,
    ask_recovery,
    enter,
    log_in,
    prove_recovery,
)


def password_hash(hub):
    with hub.deps.begin(read_only=True) as work:
        return work.accounts.find("account-1").credentials.password_hash


@pytest.fixture
def unchanged(town):
    """Tells at the end of a test that the password is what it was."""
    before = password_hash(town)
    yield
    assert password_hash(town) == before


def proven(hub):
    """A browser whose recovery has its right code, and the page that asks for the answer."""
    browser = hub.browser()
    return browser, prove_recovery(browser, ask_recovery(browser))


def test_attack_RC1_the_last_step_alone_changes_nothing(town, unchanged):
    browser = town.browser()
    start = ask_recovery(browser)
    assert answer_recovery(browser, start).request.path == "/recover/code"


@pytest.mark.parametrize("other", ["sign-in", "registration"])
def test_attack_RC1_the_id_of_another_flow_is_none(town, unchanged, other):
    browser = town.browser()
    if other == "sign-in":
        flow = hidden(log_in(browser), "flow")
    else:
        form = {"national_id": USER, "operator": "mci", "mobile": factories.MOBILE.national}
        flow = hidden(browser.post("/register", form), "flow")
    form = {"flow": flow, "answer": "آبی روشن", "password": NEW_PASSWORD}
    page = browser.post("/recover/password", {**form, "password_again": NEW_PASSWORD})
    assert page.status_code == 400


def test_attack_RC1_a_field_that_says_so_proves_nothing(town, unchanged):
    browser = town.browser()
    page = answer_recovery(browser, ask_recovery(browser), proven_at="2026-01-01", code="000000")
    assert page.request.path == "/recover/code"


# RC2: no link but the issuer's


def mail_links(hub):
    with hub.deps.begin() as work:
        job = work.outbox.claim("test", hub.clock(), lease=timedelta(minutes=1), kinds=(MAIL,))
        return re.findall(r"https?://[^\s/]+", job.mail.text)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Original-Host": "evil.example", "X-Host": "evil.example"},
    ],
    ids=lambda one: next(iter(one)),
)
def test_attack_RC2_links_begin_with_the_issuer_whatever_the_headers_say(town, headers):
    browser = town.browser()
    enter(browser)
    browser.post("/account/email/send", {}, headers=headers)
    assert set(mail_links(town)) == {ORIGIN}


def test_attack_RC2_another_host_is_no_host_of_ours(town):
    page = town.browser().post("/recover", {"username": USER}, headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert town.take_sms() == []


# RC3: once, soon, here


def test_attack_RC3_a_finished_recovery_does_nothing_more(town):
    browser, page = proven(town)
    assert answer_recovery(browser, page).status_code == 200
    again = {"password": "Zard5678klm", "password_again": "Zard5678klm"}
    assert answer_recovery(browser, page, **again).request.path == "/recover/done"
    assert log_in(browser, "Zard5678klm").status_code == 422


def test_attack_RC3_of_sixteen_at_once_one_changes_the_password(on_postgres):
    browser, page = proven(on_postgres)
    same = [on_postgres.browser() for _ in range(8)]
    for one in same:
        one.client.set_cookie("hub_browser", browser.cookie("hub_browser"), domain="127.0.0.1")
    on_postgres.take_sms()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: answer_recovery(one, page), same * 2))
    # The sixth that asks while five are being compared reads of the branch until they are.
    assert {one.status_code for one in answers} == {200}
    assert {browser.get(address(one)).request.path for one in answers} == {"/recover/done"}
    assert [one.message_id for one in on_postgres.take_sms()] == ["password_changed"]


def test_attack_RC3_half_an_hour_later_it_is_over(town, unchanged):
    browser, page = proven(town)
    town.clock.move(RECOVERY_LIFE)
    assert answer_recovery(browser, page).status_code == 400


def test_attack_RC3_another_browser_does_not_go_on(town, unchanged):
    _, page = proven(town)
    assert answer_recovery(town.browser(), page).status_code == 400


def test_attack_RC3_a_password_changed_meanwhile_ends_it(town):
    browser, page = proven(town)
    town.clock.move(timedelta(seconds=1))
    with town.deps.begin() as work:
        account = work.accounts.lock("account-1")
        changed = account.with_password(town.hashing.hash("Zard5678klm"), at=town.clock())
        work.accounts.save(changed)
    answer_recovery(browser, page)
    assert log_in(town.browser(), NEW_PASSWORD).status_code == 422


# RC4: the answer


def test_attack_RC4_five_answers_and_then_the_branch_even_for_the_right_one(town, unchanged):
    browser, page = proven(town)
    for _ in range(4):
        assert answer_recovery(browser, page, answer="قرمز").status_code == 422
    assert answer_recovery(browser, page, answer="قرمز").request.path == "/recover/branch"
    late = answer_recovery(browser, page)
    assert late.request.path == "/recover/branch"
    assert "شعبه" in words(late)


def test_attack_RC4_answers_are_counted_over_recoveries(town, unchanged):
    browser, page = proven(town)
    for _ in range(3):
        answer_recovery(browser, page, answer="قرمز")
    town.clock.move(timedelta(minutes=2))
    again, page = proven(town)
    for _ in range(2):
        answer_recovery(again, page, answer="قرمز")
    assert answer_recovery(again, page).request.path == "/recover/branch"


def test_attack_RC4_who_has_no_code_spends_no_answer_of_the_owner(town):
    stranger = town.browser()
    start = ask_recovery(stranger)
    town.take_sms()
    for _ in range(10):
        answer_recovery(stranger, start, answer="قرمز")
    town.clock.move(timedelta(minutes=2))
    owner, page = proven(town)
    assert answer_recovery(owner, page).status_code == 200


def test_attack_RC4_the_answer_is_kept_as_a_hash_alone(town):
    with town.deps.begin(read_only=True) as work:
        kept = work.accounts.find("account-1").credentials.answer_hash
    assert kept.startswith("quick:")
    assert "آبی" not in kept


# RC5, RC6: what it ends, and what it does not begin


def test_attack_RC5_sessions_and_tokens_end_and_the_phone_is_told(town, portal):
    before = town.browser()
    enter(before)
    tokens = portal.tokens(before)
    town.clock.move(timedelta(minutes=2))
    town.take_sms()
    browser, page = proven(town)
    answer_recovery(browser, page)
    assert before.get("/account").request.path == "/login"
    assert portal.is_served(tokens) == (False, False)
    assert "password_changed" in [one.message_id for one in town.take_sms()]


def test_attack_RC5_portals_are_told(town, portal):
    portal.change(backchannel_logout_uri="https://portal.example/backchannel")
    before = town.browser()
    enter(before)
    portal.tokens(before)
    town.clock.move(timedelta(minutes=2))
    town.take_sms()
    answer_recovery(*proven(town))
    with town.deps.begin(read_only=True) as work:
        assert work.outbox.waiting(BACKCHANNEL_LOGOUT) == 1


@pytest.mark.parametrize("state", [AccountState.SUSPENDED, AccountState.CLOSED])
def test_attack_RC6_an_account_that_is_not_active_gets_no_code_and_stays_so(hub, state):
    add_account(hub, state=state)
    ask_recovery(hub.browser())
    assert hub.take_sms() == []


def test_attack_RC6_one_suspended_meanwhile_is_not_changed(town, unchanged):
    browser, page = proven(town)
    with town.deps.begin() as work:
        account = work.accounts.lock("account-1")
        work.accounts.save(replace(account, state=AccountState.SUSPENDED))
    assert answer_recovery(browser, page).status_code == 422
    with town.deps.begin(read_only=True) as work:
        assert work.accounts.find("account-1").state is AccountState.SUSPENDED


def test_attack_RC6_who_waits_for_the_verdict_has_nothing_to_recover(hub):
    with hub.deps.begin() as work:
        work.cases.add(factories.case())
    browser = hub.browser()
    page = ask_recovery(browser)
    assert hub.take_sms() == []
    assert prove_recovery(browser, page, "123456").status_code == 422


# RC7, RC8


def test_attack_RC7_an_address_holds_the_flow_alone_and_opens_nothing_elsewhere(town):
    browser = town.browser()
    pages = [ask_recovery(browser)]
    pages.append(prove_recovery(browser, pages[0]))
    pages.append(answer_recovery(browser, pages[1]))
    assert {name for page in pages for name in page.request.args} == {"flow"}
    elsewhere = town.browser()
    assert {elsewhere.get(page.request.full_path).status_code for page in pages} == {400}
    assert {page.headers["Referrer-Policy"] for page in pages} == {"no-referrer"}
    assert all(page.location is None for page in pages)


@pytest.mark.parametrize("step", ["code", "again", "password", "done", "branch"])
def test_attack_RC7_the_address_of_a_later_page_alone_leads_to_the_beginning(town, step):
    page = town.browser().client.get(f"/recover/{step}", base_url=ORIGIN)
    assert (page.status_code, page.location) == (303, "/recover")


@pytest.mark.parametrize("step", ["code", "password", "done", "branch"])
@pytest.mark.parametrize("flow", ["x", "-", "0" * 64])
def test_attack_RC7_a_flow_that_was_made_up_is_gone(town, step, flow):
    assert town.browser().get(f"/recover/{step}?flow={flow}").status_code == 400


def options_of(group, names=("cases", "citizens")):
    for name in names:
        for command in group.commands[name].commands.values():
            yield from (one.name for one in command.params)


def test_attack_RC8_no_command_of_the_desk_takes_a_password():
    assert isinstance(idp, click.Group)
    names = list(options_of(idp))
    assert names
    assert not [name for name in names if "password" in name or "secret" in name]


def test_attack_RC8_after_the_desk_the_old_password_is_what_it_was(town, unchanged):
    assert log_in(town.browser(), PASSWORD).status_code == 200
