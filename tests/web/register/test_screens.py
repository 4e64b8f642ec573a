"""Every text of the guide stands on the screens that it names."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from idp.domain.case_state import CaseState
from tests.factories import account, case
from tests.web.hub import words
from tests.web.register.walk import prove, register, step_one, step_two, to_step_two

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


def test_step_one_says_everything_of_s2(hub):
    assert missing(hub.browser().get("/register"), of_screen("S2")) == []


def test_wrong_step_one_says_everything_of_s2e1(hub):
    page = step_one(hub.browser(), national_id="1234567890")
    assert page.status_code == 422
    assert missing(page, of_screen("S2e1")) == []


def test_an_account_of_this_phone_shows_everything_of_s2e2_after_the_proof(hub):
    write(hub, an_account=account())
    browser = hub.browser()
    page = prove(browser, step_one(browser))
    assert missing(page, of_screen("S2e2")) == []


def test_step_two_says_everything_of_s3(hub):
    assert missing(to_step_two(hub.browser()), of_screen("S3")) == []


def test_the_submitted_page_says_everything_of_s4(hub):
    assert missing(register(hub.browser()), of_screen("S4")) == []


def test_the_same_data_again_shows_everything_of_s5(hub):
    register(hub.browser())
    browser = hub.browser()
    hub.clock.move(timedelta(minutes=2))
    page = prove(browser, step_one(browser))
    assert missing(page, of_screen("S5")) == []


def test_the_guide_to_the_letter_shows_everything_of_s2e1_and_s2e2(guide_hub):
    wrong = step_one(guide_hub.browser(), mobile="")
    write(guide_hub, an_account=account())
    exists = step_one(guide_hub.browser())
    assert missing(wrong, of_screen("S2e1")) + missing(exists, of_screen("S2e2")) == []


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


def test_physicians_learn_how(hub):
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
