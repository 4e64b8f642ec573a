"""Every text of the guide stands on the screens that it names."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from idp.domain.registration.case_state import CaseState
from tests.factories import OTHER_MOBILE, account, application, case
from tests.web.hub import hidden, words
from tests.web.registration.walk import prove, register, step_one, step_two, to_step_two

DATA = Path(__file__).parents[2] / "data"
TEXTS = json.loads((DATA / "guide_texts.json").read_text("utf-8"))
MESSAGES = json.loads((DATA / "sms.json").read_text("utf-8"))["cases"]


def missing(page, rows):
    shown = words(page)
    return [row["id"] for row in rows if " ".join(row["text"].split()) not in shown]


def of_screen(screen):
    return [row for row in TEXTS["screens"] if screen in row["screens"]]


def write(hub, *, an_account=None, a_case=None):
    with hub.deps.begin() as work:
        if an_account:
            work.accounts.add(an_account)
        if a_case:
            work.cases.add(a_case)


@pytest.fixture(params=[False, True], ids=["default", "guide to the letter"])
def either(request, make_hub):
    """The hub in each of its two configurations."""
    return make_hub(guide=request.param)


def after_step_one(browser):
    """The page behind step one, and behind the code where one is asked for."""
    page = step_one(browser)
    return prove(browser, page) if browser.hub.deps.settings.registration.phone_proof else page


def test_step_one_says_everything_of_s2(either):
    assert missing(either.browser().get("/register"), of_screen("S2")) == []


@pytest.mark.parametrize("wrong", [{"national_id": "1234567890"}, {"mobile": ""}])
def test_wrong_step_one_says_everything_of_s2e1(either, wrong):
    page = step_one(either.browser(), **wrong)
    assert page.status_code == 422
    assert missing(page, of_screen("S2e1")) == []


def test_a_pair_that_does_not_fit_says_everything_of_s2e1_in_the_guides_way(guide_hub):
    write(guide_hub, a_case=case(application=application(mobile=OTHER_MOBILE)))
    assert missing(step_one(guide_hub.browser()), of_screen("S2e1")) == []


def test_an_account_of_this_phone_shows_everything_of_s2e2(either):
    write(either, an_account=account())
    assert missing(after_step_one(either.browser()), of_screen("S2e2")) == []


def test_step_two_says_everything_of_s3(either):
    assert missing(after_step_one(either.browser()), of_screen("S3")) == []


def test_step_two_with_errors_says_everything_of_s3(either):
    browser = either.browser()
    page = step_two(browser, after_step_one(browser), email="nobody")
    assert page.status_code == 422
    assert missing(page, [row for row in of_screen("S3") if row["kind"] != "placeholder"]) == []


def test_the_submitted_page_says_everything_of_s4(either):
    browser = either.browser()
    assert missing(step_two(browser, after_step_one(browser)), of_screen("S4")) == []


def test_the_same_data_again_shows_everything_of_s5(either):
    first, again = either.browser(), either.browser()
    step_two(first, after_step_one(first))
    either.clock.move(timedelta(minutes=2))
    assert missing(after_step_one(again), of_screen("S5")) == []


@pytest.mark.parametrize("screen", ["S2", "S2e1", "S2e2", "S3", "S4", "S5"])
def test_a_screen_has_texts(screen):
    assert of_screen(screen)


@pytest.mark.parametrize(("guide", "when"), [(False, "true"), (True, "false")])
def test_the_guide_page_says_what_holds(make_hub, guide, when):
    page = make_hub(guide=guide).browser().get("/guide")
    rows = [row for row in TEXTS["guide_page"] if row.get("when", when).endswith(when)]
    others = [row for row in TEXTS["guide_page"] if not row.get("when", when).endswith(when)]
    assert missing(page, rows) == []
    assert len(missing(page, others)) == len(others) > 0


def test_the_guide_page_has_the_password_rules_and_the_sms(hub):
    page = hub.browser().get("/guide")
    rules = [row for row in TEXTS["screens"] if row["id"].startswith("pw.")]
    assert missing(page, [*rules, *MESSAGES]) == []


def test_where_physicians_do_not_register_they_learn_how(make_hub):
    hub = make_hub("[registration]\nphysicians = false\n")
    page = hub.browser().get("/register/physicians")
    assert "ثبت نام پزشکان از این صفحه انجام نمی‌شود." in words(page)


def test_nothing_is_chosen_beforehand(hub):
    browser = hub.browser()
    pages = [browser.get("/register"), to_step_two(browser)]
    assert not any("selected" in page.get_data(as_text=True) for page in pages)


def test_every_form_post_is_answered_by_a_redirect(hub):
    browser = hub.browser()
    page = to_step_two(browser)
    assert [one.status_code for one in page.history] == [303]
    assert [one.status_code for one in step_two(browser, page).history] == [303]


def test_the_branch_case_shows_the_text_of_its_sms(hub):
    write(hub, a_case=case(state=CaseState.BRANCH))
    browser = hub.browser()
    page = prove(browser, step_one(browser))
    assert missing(page, [row for row in MESSAGES if row["id"] == "branch"]) == []


def test_the_submitted_page_tells_how_much_of_the_48_hours_has_passed(hub):
    browser = hub.browser()
    page = register(browser)
    hub.clock.move(timedelta(minutes=100))
    again = words(browser.get(page.request.full_path))
    assert "ثبت درخواست: ۱ فروردین ۱۴۰۵ ساعت ۱۵:۳۰" in again
    assert "اعلام نتیجه حداکثر تا: ۳ فروردین ۱۴۰۵ ساعت ۱۵:۳۰" in again
    assert "۱ ساعت گذشته و ۴۷ ساعت مانده است." in again


def test_more_time_is_given_without_a_page(hub):
    browser = hub.browser()
    page = to_step_two(browser)
    answer = browser.post("/register/more-time", {"flow": hidden(page, "flow")})
    assert (answer.status_code, answer.data) == (204, b"")


def test_more_time_for_what_is_gone_is_refused(hub):
    assert hub.browser().post("/register/more-time", {"flow": "x" * 43}).status_code == 410
