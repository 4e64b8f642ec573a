"""The pages of the registration, of citizens and physicians, in all their states."""

from dataclasses import replace
from datetime import timedelta

from idp.domain.protection.rate_limits import OwnersKey
from idp.domain.registration.case import DEADLINE
from idp.domain.registration.case_state import CaseState
from idp.services.registration.track import TRACKING_LIFE
from tests import factories
from tests.web.help.branch_rows import put_branches
from tests.web.hub import address, hidden
from tests.web.registration.walk import (
    STEP_ONE,
    fill_in,
    prove,
    prove_tracking,
    register,
    step_one,
    step_two,
    to_step_two,
    track,
)
from tests.web.sign_in.walk import add_account, add_client, context_of
from tests.web.visits import Visits

visits = Visits()

LIFE_OF_A_REQUEST = timedelta(hours=2)
A_MINUTE, LIFE_OF_A_CODE = timedelta(minutes=1), timedelta(minutes=5)

WRONG = {
    "family_name": "Ahmadi",
    "given_name": "م",
    "certificate_number": "x",
    "serial": "0",
    "series_letter": "x",
    "series_number": "100",
    "birth_day": "30",
    "birth_month": "12",
    "birth_year": "1404",
    "gender": "x",
    "question": "x",
    "answer": "a",
    "country": "XX",
    "city": "",
    "email": "nobody",
    "password": "abc",
}
"""Of step two; each field with an error of its own."""


@visits.of("register/step_one.html")
def the_first_step(browser):
    return browser.get("/register")


@visits.of("register/step_one.html", "wrong")
def a_wrong_first_step(browser):
    return step_one(browser, national_id="1234567890", operator="", mobile="0912")


@visits.of("register/step_one.html", "an account exists")
def a_first_step_of_a_known_citizen(browser):
    add_account(browser.hub)
    return to_step_two(browser)


@visits.of("register/code.html")
def the_code_of_step_one(browser):
    return step_one(browser)


@visits.of("register/code.html", "of another operator")
def the_code_with_a_hint(browser):
    return step_one(browser, operator="irancell")


@visits.of("register/code.html", "wrong")
def a_wrong_code_of_step_one(browser):
    return prove(browser, step_one(browser), "000000")


@visits.of("register/code.html", "sent again")
def another_code_of_step_one(browser):
    page = step_one(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.post("/register/code/resend", {"flow": hidden(page, "flow")})


@visits.of("register/code.html", "still good")
def a_code_of_step_one_that_is_still_good(browser):
    page = step_one(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.get(address(page))


@visits.of("register/code.html", "none good")
def a_code_of_step_one_that_is_old(browser):
    page = step_one(browser)
    browser.hub.clock.move(LIFE_OF_A_CODE)
    return browser.get(address(page))


@visits.of("register/step_two.html")
def the_second_form(browser):
    return to_step_two(browser)


@visits.of("register/step_two.html", "empty")
def an_empty_second_form(browser):
    page = to_step_two(browser)
    return browser.post("/register/details", {"flow": hidden(page, "flow")})


@visits.of("register/step_two.html", "wrong")
def a_wrong_second_form(browser):
    return step_two(browser, to_step_two(browser), **WRONG)


@visits.of("register/step_two.html", "on a busy machine")
def a_second_form_on_a_busy_machine(browser):
    page = to_step_two(browser)
    browser.hub.hashing.is_busy = True
    return step_two(browser, page, answer="abi")


@visits.of("register/step_two.html", "kept")
def a_second_form_that_was_left(browser):
    page = to_step_two(browser)
    kept = {"family_name": "احمدی نژاد", "given_name": "x", "serial": "123456", "country": "IR"}
    form = {"flow": hidden(page, "flow"), **kept}
    browser.post("/register/details/keep", form)
    return browser.get(address(page))


@visits.of("register/look_over.html")
def all_answers_once_more(browser):
    return fill_in(browser, to_step_two(browser))


@visits.of("register/look_over.html", "of a physician")
def all_answers_of_a_physician(browser):
    claim = {"profession": "midwife", "council_number": "4451"}
    return fill_in(browser, as_physician(browser), family_name="پورمحمدی " * 5, **claim)


@visits.of("register/submitted.html")
def submitted(browser):
    return register(browser)


@visits.of("register/submitted.html", "for a portal")
def submitted_for_a_portal(browser):
    add_client(browser.hub)
    context = context_of(browser)
    page = step_one(browser, context=context)
    form = {"flow": hidden(page, "flow"), "code": browser.hub.take_code(), "context": context}
    return step_two(browser, browser.post("/register/code", form), context=context)


@visits.of("register/overdue.html")
def submitted_and_not_decided_in_time(browser):
    page = register(browser)
    browser.hub.clock.move(DEADLINE)
    return browser.get(address(page))


def decided(browser, state, **changes):
    """The page of a case that has ended in ``state``."""
    page = register(browser)
    end(browser, state, **changes)
    return browser.get(address(page))


def end(browser, state, **changes):
    """Let the only case end in ``state``."""
    with browser.hub.deps.begin() as work:
        (case,) = work.cases.list()
        moved = replace(case, state=state, decided_at=browser.hub.clock(), **changes)
        work.cases.save(moved)


@visits.of("register/result.html", "activated")
def an_account_that_is_activated(browser):
    return decided(browser, CaseState.ACTIVATED)


@visits.of("register/result.html", "mismatch")
def data_that_are_not_the_registrys(browser):
    return decided(browser, CaseState.MISMATCH)


@visits.of("register/result.html", "duplicate")
def an_account_that_was_there_before(browser):
    return decided(browser, CaseState.DUPLICATE)


@visits.of("register/result.html", "expired")
def a_case_that_nobody_brought_to_the_branch(browser):
    return decided(browser, CaseState.EXPIRED)


@visits.of("register/result.html", "of a phone that nobody proved")
def a_result_that_only_the_phone_is_told(browser):
    return decided(browser, CaseState.ACTIVATED, phone_proven=False)


@visits.of("register/step_two.html", "again after a mismatch")
def step_two_after_a_mismatch(browser):
    decided(browser, CaseState.MISMATCH)
    browser.hub.take_sms()
    browser.hub.clock.move(2 * A_MINUTE)
    return to_step_two(browser)


@visits.of("register/step_two.html", "again after it expired")
def step_two_after_an_expired_request(browser):
    decided(browser, CaseState.EXPIRED)
    browser.hub.take_sms()
    browser.hub.clock.move(2 * A_MINUTE)
    return to_step_two(browser)


@visits.of("register/submitted.html", "that stays as it is")
def submitted_and_not_looking_again(browser):
    return browser.get(address(register(browser)) + "&still=1")


@visits.of("register/result.html", "activated, for a portal")
def an_account_that_is_activated_for_a_portal(browser):
    page = submitted_for_a_portal(browser)
    end(browser, CaseState.ACTIVATED)
    return browser.get(address(page))


@visits.of("register/result.html", "activated, long after the portal asked")
def an_account_that_is_activated_long_after(browser):
    page = submitted_for_a_portal(browser)
    browser.hub.clock.move(LIFE_OF_A_REQUEST)
    end(browser, CaseState.ACTIVATED)
    return browser.get(address(page))


@visits.of("track/start.html")
def the_tracking_of_a_request(browser):
    return browser.get("/track")


@visits.of("track/start.html", "wrong")
def a_wrong_tracking_number(browser):
    return track(browser, tracking_number=factories.NATIONAL_ID.value, mobile="0912")


@visits.of("track/start.html", "too late")
def a_tracking_that_is_too_old(browser):
    page = track(browser)
    browser.hub.clock.move(TRACKING_LIFE)
    return browser.get(address(page))


@visits.of("track/code.html")
def the_code_of_a_tracking(browser):
    return track(browser)


@visits.of("track/code.html", "wrong")
def a_wrong_code_of_a_tracking(browser):
    return prove_tracking(browser, track(browser), "000000")


@visits.of("track/code.html", "sent again")
def another_code_of_a_tracking(browser):
    page = track(browser)
    browser.hub.clock.move(A_MINUTE)
    return browser.post("/track/again", {"tracking": hidden(page, "tracking")})


@visits.of("track/code.html", "none good")
def a_code_of_a_tracking_that_is_old(browser):
    page = track(browser)
    browser.hub.clock.move(LIFE_OF_A_CODE)
    return browser.get(address(page))


@visits.of("register/submitted.html", "tracked")
def a_request_tracked_on_another_device(browser):
    register(browser.hub.browser())
    browser.hub.take_sms()
    return prove_tracking(browser, track(browser))


@visits.of("register/result.html", "mismatch, tracked")
def a_mismatch_tracked_on_another_device(browser):
    decided(browser.hub.browser(), CaseState.MISMATCH)
    browser.hub.take_sms()
    return prove_tracking(browser, track(browser))


@visits.of("register/branch.html")
def a_case_for_the_branch(browser):
    put_branches(browser.hub)
    with browser.hub.deps.begin() as work:
        work.cases.add(factories.case(state=CaseState.BRANCH))
    return to_step_two(browser)


@visits.of("register/limited.html")
def one_registration_too_many(browser):
    put_branches(browser.hub)
    page = to_step_two(browser)
    owner = OwnersKey.of_registrant(factories.NATIONAL_ID, factories.MOBILE)
    submissions = browser.hub.deps.register.submissions
    with browser.hub.deps.begin() as work:
        while submissions.take(work, owner).allowed:
            pass
    return step_two(browser, page)


@visits.of("register/gone.html")
def a_registration_that_is_gone(browser):
    return browser.get("/register/details?flow=-")


@visits.of("register/step_one.html", "of a physician")
def physicians(browser):
    return browser.get("/register/physicians")


@visits.of("register/physicians.html")
def physicians_elsewhere(browser):
    vars(browser.hub.deps.settings.registration)["physicians"] = False
    return browser.get("/register/physicians")


def as_physician(browser):
    return prove(browser, browser.post("/register/physicians", STEP_ONE))


@visits.of("register/step_two.html", "of a physician")
def step_two_of_a_physician(browser):
    return as_physician(browser)


@visits.of("register/profession.html")
def a_profession_to_add(browser):
    add_account(browser.hub)
    return as_physician(browser)


@visits.of("register/profession_pending.html")
def a_profession_that_is_checked(browser):
    page = a_profession_to_add(browser)
    claim = {"profession": "midwife", "council_number": "4451"}
    return browser.post("/register/profession", {"flow": hidden(page, "flow"), **claim})
