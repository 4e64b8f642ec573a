"""A stranger who types national IDs of every kind at every public page."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from time import perf_counter, thread_time
from typing import NamedTuple

from werkzeug.test import TestResponse

from idp.domain.people.account import AccountState
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.people.questions import QUESTIONS
from idp.domain.registration.case_state import CaseState
from tests import factories
from tests.web.enumeration.comparison import seen
from tests.web.hub import Browser, Hub, hidden

KINDS = ("unknown", "open case", "branch", "account", "suspended", "closed")
IDS_OF_A_KIND = 20
MOBILE = "09121234567"
WRONG = {"code": "000000"}

MINUTE = timedelta(seconds=61)

Act = Callable[[Browser, str, TestResponse | None], TestResponse | None]


@dataclass(frozen=True)
class Step:
    """One act of a flow, after the page that the one before led to."""

    name: str
    """Of its row; a step without a name leads on and is not compared."""
    act: Act
    after: timedelta = timedelta()
    """So much time passes before it."""


Flow = tuple[Step, ...]


def post(browser: Browser, path: str, form: Mapping[str, str]) -> TestResponse:
    return browser.post(path, dict(form))


def field_of(before: TestResponse | None, name: str) -> str:
    """Return a hidden field of the page that the step before led to."""
    assert before is not None
    return hidden(before, name)


def sign_in(browser: Browser, national_id: str, _: TestResponse | None = None) -> TestResponse:
    return post(browser, "/login", {"username": national_id, "password": "Wrong9876xyz"})


def step_one(browser: Browser, national_id: str, _: TestResponse | None = None) -> TestResponse:
    form = {"national_id": national_id, "operator": "mci", "mobile": MOBILE}
    return post(browser, "/register", form)


def code_page(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    assert before is not None
    return browser.get(before.request.full_path)


def resend(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return post(browser, "/register/code/resend", {"flow": field_of(before, "flow")})


def wrong_code(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return post(browser, "/register/code", {"flow": field_of(before, "flow"), **WRONG})


def recover(browser: Browser, national_id: str, _: TestResponse | None = None) -> TestResponse:
    return post(browser, "/recover", {"username": national_id})


def recover_again(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    return post(browser, "/recover/again", {"flow": field_of(before, "flow")})


def recover_code(browser: Browser, _: str, before: TestResponse | None) -> TestResponse:
    form = {"flow": field_of(before, "flow"), **WRONG}
    return post(browser, "/recover/code", form)


SIGNING_IN = (Step("sign-in, wrong password", sign_in),)
REGISTERING = (
    Step("registration, step one", step_one),
    Step("registration, page of the code", code_page),
    Step("registration, wrong code", wrong_code),
    Step("registration, code again", resend, MINUTE),
)
RECOVERING = (
    Step("recovery, national ID", recover),
    Step("recovery, wrong code", recover_code),
    Step("recovery, code again", recover_again, MINUTE),
)
FLOWS = (SIGNING_IN, REGISTERING, RECOVERING)


def _the_last_of(times: int, step: Step) -> Flow:
    return (*[Step("", step.act)] * (times - 1), step)


LIMITS = (
    _the_last_of(8, Step("sign-in, past the free tries", sign_in)),
    _the_last_of(8, Step("registration, past the codes of an hour", step_one)),
    _the_last_of(8, Step("recovery, past the codes of an hour", recover)),
)


def phone_of(national_id: str) -> str:
    """Return the phone of whoever has the ID, or would."""
    return f"0913{national_id[2:9]}"


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
                    text,
                    national_id=NationalId(text),
                    mobile=Mobile.parse(phone_of(text)),
                    person=person,
                    state=state,
                )
                assert work.accounts.add(account)
        for kind, case_state in cases.items():
            for text in ids[kind]:
                typed = factories.application(national_id=NationalId(text))
                case = factories.case(text, text, application=typed, state=case_state)
                assert work.cases.add(case)
    return ids


def newcomer(hub: Hub) -> Browser:
    """Return a browser that has seen a page, and has its cookie."""
    browser = hub.browser()
    browser.client.set_cookie("hub_browser", hub.deps.randomness.token(), domain="127.0.0.1")
    return browser


def without_questions(answer: TestResponse) -> str:
    """Return what is seen of an answer, whichever security question it shows.

    Which of them a decoy shows depends on the ID; that one is shown says nothing.
    """
    text = seen(answer)
    for question in QUESTIONS:
        text = text.replace(question.text, "<question>")
    return re.sub(r"Content-Length: [0-9]+", "", text)


def interleaved(
    ids: Mapping[str, list[str]], samples: int, randomness: Random
) -> Iterator[tuple[str, str]]:
    """Yield kind and national ID, ``samples`` of each kind, in random order."""
    order = [kind for kind in ids for _ in range(samples)]
    randomness.shuffle(order)
    for kind in order:
        yield kind, randomness.choice(ids[kind])


class Took(NamedTuple):
    """Milliseconds that an answer took: by the clock, and of the processor.

    The clock's are what strangers see. The processor's are the same whatever else a machine does.
    """

    clock: float
    processor: float


def measure(hub: Hub, flow: Flow, national_id: str) -> Iterator[tuple[TestResponse, Took]]:
    """Go through the flow as a new visitor.

    Yield the answer of each step that has a name, and how long it took.
    """
    browser, page = newcomer(hub), None
    for step in flow:
        hub.clock.move(step.after)
        started, spent = perf_counter(), thread_time()
        page = step.act(browser, national_id, page)
        took = Took((perf_counter() - started) * 1000, (thread_time() - spent) * 1000)
        if step.name:
            assert page is not None
            yield page, took
