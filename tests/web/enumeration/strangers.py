"""A stranger who types national IDs of every kind at every public page."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from time import perf_counter

from werkzeug.test import TestResponse

from idp.domain.account import AccountState
from idp.domain.case_state import CaseState
from idp.domain.national_id import NationalId
from tests import factories
from tests.web.hub import Browser, Hub, hidden

KINDS = ("unknown", "open case", "branch", "account", "suspended", "closed")
IDS_OF_A_KIND = 20
MOBILE = "09121234567"
WRONG = {"code": "000000"}

Act = Callable[[Browser, str], TestResponse]


@dataclass(frozen=True)
class Try:
    """One act that is timed, after what leads there."""

    name: str
    act: Callable[[Browser, str, TestResponse | None], TestResponse]
    lead: Act | None = None
    times: int = 1
    """The answer to this many of the act in a row is compared."""


def _post(browser: Browser, path: str, form: Mapping[str, str]) -> TestResponse:
    return browser.post(path, dict(form))


def sign_in(browser: Browser, national_id: str, _: TestResponse | None = None) -> TestResponse:
    return _post(browser, "/login", {"username": national_id, "password": "Wrong9876xyz"})


def step_one(browser: Browser, national_id: str, _: TestResponse | None = None) -> TestResponse:
    form = {"national_id": national_id, "operator": "mci", "mobile": MOBILE}
    return _post(browser, "/register", form)


def code_page(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    assert before is not None
    return browser.get(before.request.full_path)


def resend(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return _post(browser, "/register/code/resend", {"flow": hidden(before, "flow")})  # type: ignore[arg-type]


def wrong_code(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return _post(browser, "/register/code", {"flow": hidden(before, "flow"), **WRONG})  # type: ignore[arg-type]


def recover(browser: Browser, national_id: str, _: TestResponse | None = None) -> TestResponse:
    return _post(browser, "/recover", {"username": national_id})


def recover_again(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return _post(browser, "/recover/again", {"flow": hidden(before, "flow")})  # type: ignore[arg-type]


def recover_code(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    form = {"flow": hidden(before, "flow"), **WRONG}  # type: ignore[arg-type]
    return _post(browser, "/recover/code", form)


def _a_minute_later(lead: Act) -> Act:
    def led(browser: Browser, national_id: str) -> TestResponse:
        page = lead(browser, national_id)
        browser.hub.clock.move(timedelta(seconds=61))
        return page

    return led


TRIES = (
    Try("sign-in, wrong password", sign_in),
    Try("registration, step one", step_one),
    Try("registration, page of the code", code_page, lead=step_one),
    Try("registration, code again", resend, lead=_a_minute_later(step_one)),
    Try("registration, wrong code", wrong_code, lead=step_one),
    Try("recovery, national ID", recover),
    Try("recovery, code again", recover_again, lead=_a_minute_later(recover)),
    Try("recovery, wrong code", recover_code, lead=recover),
)
LIMITS = (
    Try("sign-in, past the free tries", sign_in, times=8),
    Try("registration, past the codes of an hour", step_one, times=8),
    Try("recovery, past the codes of an hour", recover, times=8),
)


def fill(hub: Hub, of_a_kind: int = IDS_OF_A_KIND) -> dict[str, list[str]]:
    """Write citizens of every kind; return their national IDs by kind."""
    ids = {
        kind: [
            factories.with_check_digit(f"99{8_000_001 + number * of_a_kind + one:07}")
            for one in range(of_a_kind)
        ]
        for number, kind in enumerate(KINDS)
    }
    states = {
        "account": AccountState.ACTIVE,
        "suspended": AccountState.SUSPENDED,
        "closed": AccountState.CLOSED,
    }
    cases = {"open case": CaseState.RECEIVED, "branch": CaseState.BRANCH}
    with hub.deps.begin() as work:
        for kind, state in states.items():
            for text in ids[kind]:
                person = factories.person(national_id=NationalId(text))
                account = factories.account(
                    text, national_id=NationalId(text), person=person, state=state
                )
                assert work.accounts.add(account)
        for kind, case_state in cases.items():
            for text in ids[kind]:
                typed = factories.application(national_id=NationalId(text))
                case = factories.case(text, text, application=typed, state=case_state)
                assert work.cases.add(case)
    return ids


def interleaved(
    ids: Mapping[str, list[str]], samples: int, chance: Random
) -> Iterator[tuple[str, str]]:
    """Yield kind and national ID, ``samples`` of each kind, in random order."""
    order = [kind for kind in ids for _ in range(samples)]
    chance.shuffle(order)
    for kind in order:
        yield kind, chance.choice(ids[kind])


def measure(hub: Hub, one: Try, national_id: str) -> tuple[TestResponse, float]:
    """Do the act as a new visitor; return the answer and how long it took, in milliseconds."""
    browser = hub.browser()
    browser.csrf_token()
    before = one.lead(browser, national_id) if one.lead else None
    for _ in range(one.times - 1):
        one.act(browser, national_id, before)
    started = perf_counter()
    answer = one.act(browser, national_id, before)
    return answer, (perf_counter() - started) * 1000
