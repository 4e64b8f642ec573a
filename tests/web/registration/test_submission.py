"""Step two, submitted once."""

from datetime import timedelta
from hashlib import sha256

import pytest

from idp.domain.registration.case_state import CaseState
from idp.services.registration.decide_case import CHECK_CASE
from idp.services.registration.register import NOTICE_VERSION
from idp.web.words import guide_texts
from tests.factories import MOBILE, NATIONAL_ID, OTHER_MOBILE, account
from tests.web.hub import Hub, hidden, without_tokens, words
from tests.web.registration.walk import PASSWORD, prove, register, step_one, step_two, to_step_two

PENDING = "درخواست شما با موفقیت ثبت گردید."
STEP_TWO = "ثبت نام - گام دوم"
HOUR = timedelta(hours=1)


def cases(hub: Hub):
    with hub.deps.begin(read_only=True) as work:
        return work.cases.list()


def jobs(hub: Hub, kind: str) -> int:
    with hub.deps.begin(read_only=True) as work:
        return work.outbox.waiting(kind)


def test_a_submission_is_one_case_with_one_job(hub):
    register(hub.browser())
    assert [case.state for case in cases(hub)] == [CaseState.RECEIVED]
    assert jobs(hub, CHECK_CASE) == 1


def test_the_case_holds_what_was_typed(hub):
    register(hub.browser())
    application = cases(hub)[0].application
    assert (application.national_id, application.mobile) == (NATIONAL_ID, MOBILE)
    assert application.birth.isoformat() == "1360/05/12"
    assert application.residence.city == "تبریز"


def test_secrets_are_kept_as_hashes_only(hub):
    register(hub.browser())
    case = cases(hub)[0]
    assert case.password_hash == hub.hashing.hash(PASSWORD)
    assert case.answer_hash == hub.hashing.hash("ابیاسمانی")


def test_the_accepted_notice_has_version_and_time(hub):
    register(hub.browser())
    notice = cases(hub)[0].notice
    assert (notice.version, notice.at) == ("notice-4/1", hub.clock())


def test_the_audit_names_the_case_and_no_person(hub):
    register(hub.browser())
    with hub.deps.begin(read_only=True) as work:
        entry = work.audit.tail(1)[0]
    assert (entry.action, entry.subject) == ("case.received", cases(hub)[0].id)
    assert NATIONAL_ID.value not in repr(entry)


def test_the_page_shows_the_tracking_number(hub):
    page = register(hub.browser())
    assert cases(hub)[0].tracking_number in words(page)


def test_a_double_click_is_one_submission(hub):
    browser = hub.browser()
    form = to_step_two(browser)
    pages = [step_two(browser, form), step_two(browser, form)]
    assert len(cases(hub)) == 1
    assert without_tokens(pages[0].text) == without_tokens(pages[1].text)


def test_two_devices_are_one_case_and_the_second_sees_it(hub):
    phone, computer = hub.browser(), hub.browser()
    first = to_step_two(phone)
    hub.clock.move(timedelta(minutes=2))
    second = to_step_two(computer)
    pages = [step_two(phone, first), step_two(computer, second)]
    assert len(cases(hub)) == 1
    assert all(cases(hub)[0].tracking_number in words(page) for page in pages)


def test_a_stranger_who_came_first_keeps_nobody_out(hub):
    register(hub.browser(), mobile=OTHER_MOBILE.national)
    assert PENDING in words(register(hub.browser()))
    assert len(cases(hub)) == 2


def test_national_id_and_mobile_come_from_the_record_only(hub):
    browser = hub.browser()
    step_two(browser, to_step_two(browser), national_id="9999872001", mobile="09127919289")
    assert cases(hub)[0].application.national_id == NATIONAL_ID


def test_an_account_that_came_in_between_ends_the_submission(hub):
    browser = hub.browser()
    form = to_step_two(browser)
    with hub.deps.begin() as work:
        work.accounts.add(account())
    assert "حساب کاربری شما قبلاً ایجاد شده است." in words(step_two(browser, form))
    assert cases(hub) == []


def test_nothing_is_hashed_for_a_form_that_is_wrong(hub):
    browser = hub.browser()
    step_two(browser, to_step_two(browser), email="nobody")
    assert hub.hashing.hashed == 0


def test_too_many_hashes_at_once_are_503_and_nothing_is_written(hub):
    browser = hub.browser()
    form = to_step_two(browser)
    hub.hashing.is_busy = True
    page = step_two(browser, form)
    assert (page.status_code, page.headers["Retry-After"]) == (503, "2")
    assert cases(hub) == []


def close_all(hub: Hub) -> None:
    with hub.deps.begin() as work:
        for case in work.cases.list(state=CaseState.RECEIVED):
            decided = case.decided(CaseState.MISMATCH, ("name",), at=hub.clock())
            work.cases.save(decided.erased())


def test_the_fourth_submission_of_a_day_names_branch_and_time(easy_hub):
    hub = easy_hub
    for _ in range(3):
        register(hub.browser())
        close_all(hub)
        hub.clock.move(HOUR)
    page = register(hub.browser())
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) == 21 * 3600
    assert "واحد نامنویسی نزدیکترین شعبه" in words(page)
    assert "۲ فروردین ۱۴۰۵ ساعت ۱۵:۳۰" in words(page)


def test_the_limit_is_of_the_pair_and_not_of_the_national_id(easy_hub):
    hub = easy_hub
    for _ in range(3):
        register(hub.browser(), mobile=OTHER_MOBILE.national)
        close_all(hub)
        hub.clock.move(HOUR)
    assert PENDING in words(register(hub.browser()))


def test_without_the_proof_the_case_says_so(guide_hub):
    browser = guide_hub.browser()
    step_two(browser, step_one(browser))
    assert [case.phone_proven for case in cases(guide_hub)] == [False]


def test_after_the_submission_the_form_is_closed(hub):
    browser = hub.browser()
    form = to_step_two(browser)
    step_two(browser, form)
    assert PENDING in words(browser.get("/register/details?flow=" + flow_of(form)))


def flow_of(page) -> str:
    return hidden(page, "flow")


@pytest.mark.parametrize("path", ["/register/code", "/register/details", "/register/submitted"])
def test_a_page_of_a_record_that_is_none_says_so(hub, path):
    assert hub.browser().get(f"{path}?flow={'0' * 64}").status_code == 410


@pytest.mark.parametrize("path", ["/register/code", "/register/details", "/register/submitted"])
def test_the_bare_address_of_a_later_page_leads_to_step_one(hub, path):
    assert hub.browser().get(path).request.path == "/register"


def test_s5_by_another_browser_needs_the_code(hub):
    register(hub.browser())
    hub.clock.move(timedelta(minutes=2))
    other = hub.browser()
    page = step_one(other)
    assert PENDING not in words(page)
    assert PENDING in words(prove(other, page))


def test_a_busy_machine_loses_nothing_that_was_typed(hub):
    browser = hub.browser()
    form = to_step_two(browser)
    hub.hashing.is_busy = True
    page = step_two(browser, form)
    assert 'value="احمدی نژاد"' in page.get_data(as_text=True)
    assert "سامانه در حال حاضر شلوغ است." in words(page)
    hub.hashing.is_busy = False
    assert PENDING in words(step_two(browser, page))


def test_step_two_says_until_when_it_is_open(hub):
    page = to_step_two(hub.browser())
    assert "این صفحه تا ۱ فروردین ۱۴۰۵ ساعت ۱۷:۳۰ باز می‌ماند." in words(page)


def test_the_version_of_the_notice_stands_for_its_text():
    digest = sha256(guide_texts.screen("notice.4").encode()).hexdigest()
    assert (NOTICE_VERSION, digest[:16]) == ("notice-4/1", "20a7f5bfb39763c5")
