"""A stranger who types tracking numbers of every kind, with a phone."""

from datetime import timedelta

from werkzeug.test import TestResponse

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.tracking_number import check_digit, is_of_person
from tests import factories
from tests.web.enumeration.burning import TICKET, sent_on
from tests.web.enumeration.strangers import MINUTE, MOBILE, WRONG, Step, field_of, post
from tests.web.hub import Browser, Hub

PAIRS = ("unknown number", "another phone", "right pair", "right pair of an erased case")


def fill_pairs(hub: Hub, of_a_kind: int) -> dict[str, list[str]]:
    """Write cases for every kind of pair; return the tracking numbers by kind."""
    numbers = _numbers(len(PAIRS) * of_a_kind)
    pairs = {kind: numbers[at :: len(PAIRS)] for at, kind in enumerate(PAIRS)}
    typed, other = Mobile.parse(MOBILE), factories.OTHER_MOBILE
    with hub.deps.begin() as work:
        for kind in PAIRS[1:]:
            mobile = other if kind == "another phone" else typed
            for number in pairs[kind]:
                person = NationalId(factories.with_check_digit(f"99{number[2:9]}"))
                application = factories.application(national_id=person, mobile=mobile)
                case = factories.case(number, number, application=application)
                assert work.cases.add(case)
                if kind.endswith("erased case"):
                    decided = case.decided(CaseState.MISMATCH, (), at=hub.clock())
                    work.cases.save(decided.erased())
    return pairs


def _numbers(count: int) -> list[str]:
    candidates = (f"7{number:08}" for number in range(1, 2 * count + 100))
    numbers = (nine + check_digit(nine) for nine in candidates)
    return [one for one in numbers if not is_of_person(one)][:count]


def track(browser: Browser, number: str, _: TestResponse | None = None) -> TestResponse:
    return post(browser, "/track", {"tracking_number": number, "mobile": MOBILE})


def page_again(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    assert before is not None
    return browser.get(before.request.full_path)


def track_code(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return post(browser, "/track/code", {"tracking": field_of(before, "tracking"), **WRONG})


def track_again(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return post(browser, "/track/again", {"tracking": field_of(before, "tracking")})


TRACKING = (
    Step("tracking, number and phone", track),
    Step("tracking, page of the code", page_again),
    Step("tracking, wrong code", track_code),
    Step("tracking, code again", track_again, MINUTE),
)
LATER = timedelta(minutes=6)
"""The code before is not good any more, and another one is asked for."""
TRACKING_PAST_THE_CODES = (
    *[Step("", track, LATER)] * 7,
    Step("tracking, past the codes of an hour", track, LATER),
)
TRACKING_WITH_WORK = (
    *[Step("", track, LATER)] * 2,
    Step("tracking, work is asked", track, LATER),
    Step("tracking, after the work", sent_on("/track"), TICKET),
    Step("tracking, wrong code after work", track_code),
)
