"""The physicians' way: the same steps with a profession; who has an account adds it."""

import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from idp.domain.people.account import AccountState
from idp.domain.people.physician import CouncilNumber, PhysicianClaim, Profession
from idp.services.registration.profession import CHECK_PROFESSION
from tests.factories import OTHER_MOBILE, PHYSICIAN, PROVEN, account, case
from tests.web.hub import Browser, Hub, hidden, words
from tests.web.registration.test_bad_input import KINDS, UNREADABLE, encoded, send, statuses
from tests.web.registration.walk import (
    PASSWORD,
    STEP_ONE,
    STEP_TWO,
    pile_up,
    prove,
    step_two,
    to_step_two,
)
from tests.web.sign_in.walk import add_client, context_of

CLAIM = {"profession": "midwife", "council_number": "م-۴۴۵۱"}
MIDWIFE = PhysicianClaim(CouncilNumber("4451م"), Profession.MIDWIFE)
STEP_ONE_TITLE = "ثبت نام پزشکان - گام اول"
STEP_TWO_TITLE = "ثبت نام پزشکان - گام دوم"
ADD = "افزودن حرفه به حساب کاربری"
PENDING = "حرفه شما در حال بررسی است"
EXISTS = "حساب کاربری شما قبلاً ایجاد شده است."
FIELDS = ["profession", "council_number"]

NUMBER = re.compile("(?<![0-9A-Za-z])4451(?![0-9A-Za-z])")
"""The council number that is typed; four digits stand in many a digest."""


def step_one_as_physician(browser: Browser, **changes):
    return browser.post("/register/physicians", STEP_ONE | changes)


def to_details(browser: Browser, **changes):
    """Go as far as the page behind the code."""
    return prove(browser, step_one_as_physician(browser, **changes))


def submit(browser: Browser, page, **changes):
    return step_two(browser, page, **{**CLAIM, **changes})


def claim(browser: Browser, page, **changes):
    return browser.post("/register/profession", {"flow": hidden(page, "flow"), **CLAIM, **changes})


def write(hub: Hub, **changes) -> None:
    with hub.deps.begin() as work:
        work.accounts.add(account(**changes))


def of(hub: Hub):
    with hub.deps.begin(read_only=True) as work:
        return work.accounts.find("account-1")


def cases(hub: Hub):
    with hub.deps.begin(read_only=True) as work:
        return work.cases.list()


def waiting(hub: Hub) -> int:
    with hub.deps.begin(read_only=True) as work:
        return work.outbox.waiting(CHECK_PROFESSION)


# Registering.


def test_the_first_step_says_whose_it_is(hub):
    page = hub.browser().get("/register/physicians")
    assert STEP_ONE_TITLE in words(page)
    assert "ویژه اعضای سازمان نظام پزشکی" in words(page)
    assert 'action="/register/physicians"' in page.get_data(as_text=True)


def test_the_second_step_asks_for_profession_and_number(hub):
    page = to_details(hub.browser())
    assert STEP_TWO_TITLE in words(page)
    assert "شماره نظام پزشکی" in words(page)
    assert [one.label for one in Profession if one.label not in words(page)] == []


def test_the_ordinary_second_step_asks_for_neither(hub):
    page = to_step_two(hub.browser()).get_data(as_text=True)
    assert [name for name in FIELDS if f'name="{name}"' in page] == []


def test_the_case_holds_the_claim(hub):
    browser = hub.browser()
    page = submit(browser, to_details(browser))
    assert cases(hub)[0].application.physician == MIDWIFE
    assert "با پایگاه سازمان نظام پزشکی تطبیق داده می‌شود" in words(page)


def test_a_claim_on_the_ordinary_way_is_not_looked_at(hub):
    browser = hub.browser()
    page = submit(browser, to_step_two(browser))
    assert cases(hub)[0].application.physician is None
    assert "نظام پزشکی" not in words(page)


def test_a_double_click_is_one_case(hub):
    browser = hub.browser()
    page = to_details(browser)
    submit(browser, page)
    submit(browser, page)
    assert len(cases(hub)) == 1


def test_the_same_data_again_shows_the_pending_case(hub):
    first = hub.browser()
    submit(first, to_details(first))
    hub.clock.move(timedelta(minutes=2))
    page = to_details(hub.browser())
    assert "درخواست شما با موفقیت ثبت گردید." in words(page)


def test_a_wrong_step_one_comes_back_to_the_physicians_page(hub):
    page = step_one_as_physician(hub.browser(), national_id="1")
    assert page.status_code == 422
    assert STEP_ONE_TITLE in words(page)


def test_who_typed_the_wrong_number_goes_back_to_the_physicians_page(hub):
    page = step_one_as_physician(hub.browser())
    assert 'href="/register/physicians?flow=' in page.get_data(as_text=True)


@pytest.mark.parametrize("name", FIELDS)
def test_step_two_refuses(hub, name):
    browser = hub.browser()
    flow = hidden(to_details(browser), "flow")
    fields = {"csrf_token": browser.csrf_token(), "flow": flow, **STEP_TWO, **CLAIM}
    pages = {
        kind: send(browser, "/register/details", encoded(fields, name, KINDS[kind]))
        for kind in KINDS
    }
    assert statuses(pages) == dict.fromkeys(KINDS, 422) | UNREADABLE
    assert cases(hub) == []


@pytest.mark.parametrize("name", FIELDS)
def test_a_repeated_field_is_400(hub, name):
    browser = hub.browser()
    flow = hidden(to_details(browser), "flow")
    fields = {"csrf_token": browser.csrf_token(), "flow": flow, **STEP_TWO, **CLAIM}
    page = send(browser, "/register/details", urlencode(fields) + f"&{name}=1")
    assert page.status_code == 400


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"profession": ""}, "حرفه را از فهرست انتخاب کنید."),
        ({"profession": "wizard"}, "حرفه را از فهرست انتخاب کنید."),
        ({"council_number": ""}, "وارد کردن شماره نظام پزشکی الزامی است."),
        ({"council_number": "۱۲/۳۴"}, "شماره نظام پزشکی معتبر نیست."),
        ({"council_number": "1" * 21}, "حداکثر ۲۰ کاراکتر"),
    ],
)
def test_a_wrong_field_is_told_in_persian(hub, changes, sentence):
    browser = hub.browser()
    assert sentence in words(submit(browser, to_details(browser), **changes))


def test_nothing_typed_is_lost(hub):
    browser = hub.browser()
    page = submit(browser, to_details(browser), email="nobody").get_data(as_text=True)
    assert '<option value="midwife" selected>' in " ".join(page.split())
    assert 'value="م-4451"' in page
    assert [name for name in FIELDS if f'id="{name}-good"' not in page] == []


def test_the_portals_request_is_carried_through(hub):
    add_client(hub)
    browser = hub.browser()
    context = context_of(browser)
    code = step_one_as_physician(browser, context=context)
    form = {name: hidden(code, name) for name in ("flow", "context")}
    details = browser.post("/register/code", {**form, "code": hub.take_code()})
    assert hidden(details, "context") == context
    assert "بازگشت به" in words(submit(browser, details, context=context))


def test_the_guides_way_registers_physicians_too(guide_hub):
    browser = guide_hub.browser()
    submit(browser, step_one_as_physician(browser))
    assert cases(guide_hub)[0].application.physician == MIDWIFE


def test_the_login_page_leads_there(hub):
    assert 'href="/register/physicians"' in hub.browser().get("/login").get_data(as_text=True)


def test_where_physicians_do_not_register_nothing_can_be_posted(make_hub):
    hub = make_hub("[registration]\nphysicians = false\n")
    assert step_one_as_physician(hub.browser()).status_code == 404


# Who has an account.


def test_the_owner_of_an_account_is_asked_for_the_profession_alone(hub):
    write(hub)
    page = to_details(hub.browser())
    assert ADD in words(page)
    assert 'name="password"' not in page.get_data(as_text=True)


def test_a_claim_is_written_with_its_job(hub):
    write(hub)
    browser = hub.browser()
    page = claim(browser, to_details(browser))
    assert PENDING in words(page)
    assert of(hub).claim.claim == MIDWIFE
    assert waiting(hub) == 1


def test_a_claim_alone_gives_nothing(hub):
    write(hub)
    browser = hub.browser()
    claim(browser, to_details(browser))
    assert replace(of(hub), claim=None, updated_at=account().updated_at) == account()


def test_the_audit_names_the_claim_without_the_number(hub):
    write(hub)
    browser = hub.browser()
    claim(browser, to_details(browser))
    with hub.deps.begin(read_only=True) as work:
        entry = work.audit.tail(1)[0]
    assert (entry.action, entry.subject) == ("account.profession_claimed", "account-1")
    assert not NUMBER.search(repr(entry))


def test_a_second_click_and_a_second_device_are_one_claim(hub):
    write(hub)
    first, second = hub.browser(), hub.browser()
    page = to_details(first)
    hub.clock.move(timedelta(minutes=2))
    other = to_details(second)
    claim(first, page)
    shown = [claim(first, page), claim(second, other, profession="dentist")]
    assert [PENDING in words(one) for one in shown] == [True, True]
    assert of(hub).claim.claim == MIDWIFE
    assert waiting(hub) == 1


@pytest.mark.parametrize("name", FIELDS)
def test_the_page_of_the_profession_refuses(hub, name):
    write(hub)
    browser = hub.browser()
    flow = hidden(to_details(browser), "flow")
    fields = {"csrf_token": browser.csrf_token(), "flow": flow, **CLAIM}
    pages = {
        kind: send(browser, "/register/profession", encoded(fields, name, KINDS[kind]))
        for kind in KINDS
    }
    assert statuses(pages) == dict.fromkeys(KINDS, 422) | UNREADABLE
    assert of(hub).claim is None


def test_claims_are_limited_as_submissions_are(hub):
    write(hub)
    browser = hub.browser()
    page = to_details(browser)
    for _ in range(3):
        claim(browser, page)
        with hub.deps.begin() as work:
            work.accounts.save(account())
    limited = claim(browser, page)
    assert limited.status_code == 429
    assert limited.headers["Retry-After"]


def test_where_registrations_pile_up_the_claim_is_held_and_not_lost(hub):
    write(hub)
    pile_up(hub)
    browser = hub.browser()
    held = claim(browser, to_details(browser))
    assert held.status_code == 200
    assert hidden(held, "held")
    assert not NUMBER.search(held.get_data(as_text=True))


def test_who_has_a_profession_is_told_that_it_stands_until_the_new_one_is_proven(hub):
    write(hub, physician=PROVEN, roles=("physician",))
    page = to_details(hub.browser())
    assert "حرفه‌ای برای این حساب ثبت شده است." in words(page)
    assert PHYSICIAN.number.value not in page.get_data(as_text=True)


def test_an_account_of_another_phone_is_passed_over(hub):
    write(hub, mobile=OTHER_MOBILE)
    assert STEP_TWO_TITLE in words(to_details(hub.browser()))


@pytest.mark.parametrize("state", [AccountState.SUSPENDED])
def test_an_account_that_is_not_active_gets_the_guides_sentence(hub, state):
    write(hub, state=state)
    page = to_details(hub.browser())
    assert EXISTS in words(page)
    assert STEP_ONE_TITLE in words(page)


def test_the_ordinary_way_adds_nothing_to_an_account(hub):
    write(hub)
    page = to_step_two(hub.browser())
    assert EXISTS in words(page)
    assert ADD not in words(page)


def test_without_the_proof_of_the_phone_nobody_adds_to_an_account(guide_hub):
    write(guide_hub)
    browser = guide_hub.browser()
    page = step_one_as_physician(browser)
    assert EXISTS in words(page)
    assert EXISTS in words(claim(browser, page))
    assert of(guide_hub).claim is None


def test_another_browsers_record_adds_nothing(hub):
    write(hub)
    page = to_details(hub.browser())
    assert claim(hub.browser(), page).status_code == 410
    assert of(hub).claim is None


def test_before_the_code_the_pages_tell_nothing(make_hub):
    pages = []
    for has_account in (True, False):
        hub = make_hub()
        if has_account:
            write(hub)
        pages.append(step_one_as_physician(hub.browser()).get_data())
    assert pages[0] == pages[1]


def test_the_page_of_the_profession_is_nobodys_who_stands_elsewhere(hub):
    browser = hub.browser()
    page = to_details(browser)
    shown = browser.get(f"/register/profession?flow={hidden(page, 'flow')}")
    assert STEP_TWO_TITLE in words(shown)
    assert STEP_TWO_TITLE in words(claim(browser, page))


def test_a_pending_case_is_shown_before_anything_else(hub):
    with hub.deps.begin() as work:
        work.cases.add(case())
    assert "درخواست شما با موفقیت ثبت گردید." in words(to_details(hub.browser()))


def test_no_password_is_shown_again(hub):
    browser = hub.browser()
    page = submit(browser, to_details(browser), profession="")
    assert PASSWORD not in page.get_data(as_text=True)


def test_the_physicians_pages_can_be_read_in_english(hub):
    write(hub)
    browser = hub.browser()
    page = words(browser.get("/register/physicians?language=en"))
    assert "Physicians’ registration – step one" in page
    assert "Add a profession to the account" in words(to_details(browser))
