import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from markupsafe import escape

from idp.domain.people.account import AccountState
from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.web.words import messages
from tests import factories
from tests.web.hub import hidden, without_tokens, words
from tests.web.sign_in.walk import (
    ANSWER,
    NEW_PASSWORD,
    PASSWORD,
    UNKNOWN,
    USER,
    add_account,
    add_client,
    answer_recovery,
    ask_recovery,
    context_of,
    enter,
    log_in,
    prove_recovery,
)

S6 = [
    row
    for row in json.loads(
        (Path(__file__).parents[2] / "data" / "guide_texts.json").read_text("utf-8")
    )["screens"]
    if "S6" in row["screens"]
]


def said_by(pages):
    return " ".join(words(page) for page in pages)


def missing(shown):
    return [row["id"] for row in S6 if " ".join(row["text"].split()) not in shown]


def test_the_pages_say_everything_of_s6(hub):
    add_account(hub)
    browser = hub.browser()
    start = browser.get("/recover")
    code = ask_recovery(browser)
    assert missing(said_by([start, code, prove_recovery(browser, code)])) == []


def test_the_guides_pages_say_everything_of_s6(guide_hub):
    add_account(guide_hub)
    browser = guide_hub.browser()
    assert missing(said_by([browser.get("/recover"), ask_recovery(browser)])) == []


def test_a_forgotten_password_is_replaced(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    assert factories.QUESTION.text in words(page)
    done = answer_recovery(browser, page)
    assert messages.text("N18") in words(done)
    assert log_in(browser, password=PASSWORD).status_code == 422
    assert hidden(log_in(browser, password=NEW_PASSWORD), "flow")


def test_attack_RC5_the_old_sessions_end_and_an_sms_says_so(hub):
    add_account(hub)
    inside = hub.browser()
    enter(inside)
    old = inside.cookie("hub_session")
    assert hub.deps.sessions.find_live(old).acr == ACR_PASSWORD_OTP
    hub.take_sms()
    hub.clock.move(timedelta(minutes=1))
    browser = hub.browser()
    answer_recovery(browser, prove_recovery(browser, ask_recovery(browser)))
    assert hub.deps.sessions.find_live(old) is None
    assert [sms.message_id for sms in hub.take_sms()] == ["password_changed"]


def test_the_waiting_request_is_carried_to_the_login(hub):
    add_account(hub)
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser)
    page = browser.post("/recover", {"username": USER, "context": context})
    form = {"flow": hidden(page, "flow"), "code": hub.take_code(), "context": context}
    page = browser.post("/recover/code", form)
    done = answer_recovery(browser, page, context=context)
    assert f'href="/login?context={context[:20]}' in done.text


def test_a_wrong_code_is_told_beside_the_field(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser), "abcdef")
    assert page.status_code == 422
    assert messages.text("code.wrong") in words(page)


def test_a_wrong_answer_is_called_that_and_the_page_tells_how_many_are_left(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    assert "حداکثر ۵ بار می‌توانید پاسخ دهید." in words(page)
    wrong = answer_recovery(browser, page, answer="قرمز")
    assert wrong.status_code == 422
    assert messages.text("answer.wrong") in words(wrong)
    assert "۴ پاسخ دیگر می‌توانید بدهید." in words(wrong)
    assert NEW_PASSWORD not in wrong.text


@pytest.mark.parametrize("user", [USER, UNKNOWN])
def test_attack_E04_in_the_guides_way_a_wrong_answer_is_N17_and_nothing_else(guide_hub, user):
    add_account(guide_hub)
    browser = guide_hub.browser()
    wrong = answer_recovery(browser, ask_recovery(browser, user), answer="قرمز")
    assert messages.text("N17") in words(wrong)
    assert messages.text("answer.wrong") not in words(wrong)
    assert "پاسخ دیگر" not in words(wrong)


def test_who_has_no_answer_left_is_led_to_the_branch_before_typing(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    for _ in range(5):
        answer_recovery(browser, page, answer="قرمز")
    again = browser.get(f"/recover/password?flow={hidden(page, 'flow')}")
    assert again.request.path == "/recover/branch"


def test_attack_RC4_after_five_wrong_answers_the_branch_is_named(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    for _ in range(5):
        answer_recovery(browser, page, answer="قرمز")
    last = answer_recovery(browser, page)
    assert last.request.path == "/recover/branch"
    assert "نزدیکترین شعبه" in words(last)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"password": "short1A"}, "too_short"),
        ({"password": "گذرواژه۱۲۳۴"}, "keyboard"),
        ({"password": "Ahmadinezhad12"}, "contains_name"),
        ({"password": "Aa" + USER}, "contains_nid"),
        ({"password": "Aa123456"}, "common"),
        ({"password": "Aa1" + "x" * 200}, "password.too_long"),
    ],
)
def test_the_rules_of_passwords_are_told_in_words(hub, changes, code):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    changes["password_again"] = changes["password"]
    weak = answer_recovery(browser, page, **changes)
    assert weak.status_code == 422
    assert f'<a href="#password">{escape(messages.text(code))}</a>' in weak.text


def test_both_passwords_must_be_the_same(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    differs = answer_recovery(browser, page, password_again="Other1234x")
    assert differs.status_code == 422
    assert messages.text("N14") in words(differs)


@pytest.mark.parametrize("field", ["answer", "password", "password_again"])
def test_an_empty_field_is_told(hub, field):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    assert answer_recovery(browser, page, **{field: ""}).status_code == 422


@pytest.mark.parametrize("typed", ["", "1234567890", "abc", "0000000000"])
def test_attack_E06_what_is_no_national_id_is_told_before_any_look_up(hub, typed):
    page = ask_recovery(hub.browser(), typed)
    assert page.status_code == 422


def test_attack_RC1_the_question_is_shown_to_nobody_without_the_code(hub):
    add_account(hub)
    browser = hub.browser()
    page = ask_recovery(browser)
    refused = answer_recovery(browser, page)
    assert refused.request.path == "/recover/code"
    assert factories.QUESTION.text not in words(refused)


def test_everything_wrong_with_a_new_password_is_told_at_once(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    told = words(answer_recovery(browser, page, password="abc", answer=""))
    wanted = ("too_short", "classes", "N14")
    assert [code for code in wanted if messages.text(code) not in told] == []
    assert "وارد کردن پاسخ سوال امنیتی الزامی است." in told


def test_a_busy_machine_keeps_the_answer_and_the_page(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    hub.hashing.is_busy = True
    busy = answer_recovery(browser, page)
    assert (busy.status_code, busy.headers["Retry-After"]) == (503, "2")
    assert f'value="{ANSWER}"' in busy.text
    hub.hashing.is_busy = False
    assert messages.text("N18") in words(answer_recovery(browser, busy))


def test_attack_RC3_a_finished_recovery_does_nothing_more(hub):
    add_account(hub)
    browser = hub.browser()
    page = prove_recovery(browser, ask_recovery(browser))
    answer_recovery(browser, page)
    again = answer_recovery(browser, page, password="Again1234xx", password_again="Again1234xx")
    assert messages.text("N18") in words(again)  # what was done, and not that it is too late
    assert hidden(log_in(hub.browser(), password=NEW_PASSWORD), "flow")


def test_attack_SE02_another_browser_cannot_go_on(hub):
    add_account(hub)
    browser, other = hub.browser(), hub.browser()
    page = ask_recovery(browser)
    code = hub.take_code()
    assert prove_recovery(other, page, code).status_code == 400
    proven = prove_recovery(browser, page, code)
    assert answer_recovery(other, proven).status_code == 400


@pytest.mark.parametrize("path", ["/recover/code", "/recover/password", "/recover/again"])
def test_attack_RC7_the_address_of_a_later_page_alone_begins_anew(hub, path):
    answer = hub.browser().client.get(path, base_url="http://127.0.0.1:8000")
    assert (answer.status_code, answer.location) == (303, "/recover")


def test_attack_E10_no_phone_is_shown(hub):
    add_account(hub)
    page = ask_recovery(hub.browser())
    assert factories.MOBILE.masked() not in words(page)


# The same for everyone.


def without_ids(page, browser):
    """The page without what is another for every flow: its id, and where its form is kept."""
    text = page.text.replace(hidden(page, "flow"), "ID")
    return without_tokens(re.sub(r"kept%3A[\w-]{43}|token-[0-9]+", "HANDLE", text))


def add_case(hub):
    with hub.deps.begin() as work:
        work.cases.add(factories.case())


MAKERS = {
    "unknown": lambda hub: None,
    "active": add_account,
    "suspended": lambda hub: add_account(hub, state=AccountState.SUSPENDED),
    "closed": lambda hub: add_account(hub, state=AccountState.CLOSED),
    "open case": add_case,
}


def walk_without_the_phone(make_hub, make):
    """Every page that somebody without the phone can see."""
    hub = make_hub()
    make(hub)
    browser = hub.browser()
    start = ask_recovery(browser)
    pages = [start]
    pages += [prove_recovery(browser, start, "abcdef") for _ in range(6)]
    pages += [browser.post("/recover/again", {"flow": hidden(start, "flow")})]
    seen = [(one.status_code, without_ids(one, browser)) for one in pages]
    refused = answer_recovery(browser, start)
    return [*seen, (refused.status_code, refused.request.path, hub.hashing.hashed)]


def test_attack_E02_E04_E05_nobody_without_the_phone_learns_anything(make_hub):
    seen = [walk_without_the_phone(make_hub, make) for make in MAKERS.values()]
    assert {one[-1][1] for one in seen} == {"/recover/code"}
    for other in seen[1:]:
        assert other[:-1] == seen[0][:-1]


def walk_by_the_guide(make_hub, make):
    """The guide's way, with wrong answers: pages and hashes after the account was made."""
    hub = make_hub(guide=True)
    make(hub)
    hub.hashing.hashed = 0
    browser = hub.browser()
    start = ask_recovery(browser)
    wrong = [answer_recovery(browser, start, answer="قرمز") for _ in range(7)]
    weak = answer_recovery(browser, start, password="short", password_again="short")
    shapes = [
        (one.status_code, without_ids(one, browser).replace(question(one), "QUESTION"))
        for one in [start, *wrong, weak]
    ]
    return shapes, hub.hashing.hashed


def question(page):
    return page.text.split('id="question">')[1].split("</p>")[0]


def test_attack_E04_the_guides_way_has_the_same_shape_and_hashes_for_all(make_hub):
    seen = [walk_by_the_guide(make_hub, make) for make in MAKERS.values()]
    for other in seen[1:]:
        assert other == seen[0]


def test_attack_E04_the_decoy_stays_the_same(guide_hub):
    first = question(ask_recovery(guide_hub.browser(), UNKNOWN))
    assert question(ask_recovery(guide_hub.browser(), UNKNOWN)) == first


def test_the_guides_way_replaces_a_password(guide_hub):
    add_account(guide_hub)
    browser = guide_hub.browser()
    done = answer_recovery(browser, ask_recovery(browser))
    assert messages.text("N18") in words(done)
    assert log_in(browser, password=NEW_PASSWORD).location == "/account"


BAD = {
    "empty": "",
    "10 kB": "x" * 10_000,
    "NUL": "a\x00b",
    "lone surrogate": b"\xed\xa0\x80",
    "not UTF-8": b"\xff\xfe",
    "RTL override": "a\u202eb",
    "markup": "<script>alert(1)</script>",
}


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/recover", "username"),
        ("/recover/code", "flow"),
        ("/recover/code", "code"),
        ("/recover/again", "flow"),
        ("/recover/password", "flow"),
    ],
)
def test_bad_input_is_a_clear_4xx(hub, path, name, value):
    page = hub.browser().post(path, {"username": USER, "code": "1", "flow": "x", name: value})
    assert 400 <= page.status_code < 500
    assert "<script>alert" not in page.text


@pytest.mark.parametrize("value", BAD.values(), ids=BAD.keys())
@pytest.mark.parametrize("name", ["answer", "password", "password_again"])
def test_bad_input_on_the_last_page_is_a_clear_4xx(guide_hub, name, value):
    add_account(guide_hub)
    browser = guide_hub.browser()
    page = answer_recovery(browser, ask_recovery(browser), **{name: value})
    assert 400 <= page.status_code < 500
    assert "<script>alert" not in page.text
