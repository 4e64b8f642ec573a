"""Every page of every flow: the page before it, and the form whose button leads to it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from werkzeug.test import TestResponse

from tests import factories
from tests.web import tour_of_account, tour_of_registration
from tests.web.hub import Browser, hidden
from tests.web.registration.walk import STEP_ONE, STEP_TWO
from tests.web.sign_in.walk import (
    ANSWER,
    NEW_PASSWORD,
    PASSWORD,
    USER,
    add_account,
    add_client,
    inside_by_password,
)
from tests.web.visits import inside, waiting

CARRIED = ("flow", "tracking", "context")
CODE = "the code of the newest SMS"
WRONG_CODE = "000000"
LATER = {
    # A sign-in that waits for its code, and a recovery, live half an hour; the page says so.
    "این صفحه دیگر قابل استفاده نیست": (
        *("code", "code refused", "code sent again"),
        *("recovery code", "recovery code refused", "recovery code sent again"),
        *("recovery password", "recovery password refused", "recovery password empty"),
        *("recovery branch", "recovery done"),
    ),
    # A session ends after half an hour without a request.
    "ورود به سیستم": (
        *("consent", "consent after the second step", "consent asked"),
        *("second step", "second step sent", "second step refused"),
        *("mobile", "mobile refused", "mobile code", "mobile code refused"),
        *("mobile second code", "mobile done", "password again", "password again refused"),
        *("password change refused", "e-mail refused", "closing refused"),
    ),
    "ثبت نام - گام اول": ("choose account",),  # nobody is signed in any more: who registers, does
    "خارج شدید": ("signing out",),  # the session is over already
}
"""The pages that are another one after 40 minutes, and what its heading is."""


@dataclass(frozen=True)
class FlowPage:
    """A page, and how a citizen comes to it.

    ``before`` walks to the page before; ``form`` is the path that its form posts to, empty where
    the page is opened by its address.
    """

    name: str
    before: Callable[[Browser], TestResponse]
    form: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    of_portal: bool = True

    @property
    def later(self) -> str:
        """Return the heading after 40 minutes where the flow stands elsewhere by then."""
        return next((heading for heading, names in LATER.items() if self.name in names), "")


def login(browser: Browser) -> TestResponse:
    add_account(browser.hub)
    add_client(browser.hub)
    return waiting(browser, "/login")


def press(browser: Browser, page: TestResponse, form: str, **fields: str) -> TestResponse:
    """Press the button of a form with the flow and the portal's request that its page carries."""
    carried = {name: hidden(page, name) for name in CARRIED if f'"{name}"' in page.text}
    return browser.post(form, {**carried, **fields})


def minute(browser: Browser) -> None:
    browser.hub.clock.move(timedelta(minutes=1))


def code(browser: Browser) -> TestResponse:
    return press(browser, login(browser), "/login", username=USER, password=PASSWORD)


def code_a_minute_later(browser: Browser) -> TestResponse:
    page = code(browser)
    minute(browser)
    return page


def held_form_gone(browser: Browser) -> TestResponse:
    return press(browser, login(browser), "/login", held="x")


def second_step(browser: Browser) -> TestResponse:
    inside_by_password(browser)
    return waiting(browser, "/login/second-step")


def second_step_sent(browser: Browser) -> TestResponse:
    return press(browser, second_step(browser), "/login/second-step/send")


def recovery(browser: Browser) -> TestResponse:
    add_account(browser.hub)
    add_client(browser.hub)
    return waiting(browser, "/recover")


def recovery_code(browser: Browser) -> TestResponse:
    return press(browser, recovery(browser), "/recover", username=USER)


def recovery_code_a_minute_later(browser: Browser) -> TestResponse:
    page = recovery_code(browser)
    minute(browser)
    return page


def question(browser: Browser) -> TestResponse:
    page = recovery_code(browser)
    return press(browser, page, "/recover/code", code=browser.hub.take_code())


def last_answer(browser: Browser) -> TestResponse:
    page = question(browser)
    for _ in range(4):
        press(browser, page, "/recover/password", **WRONG_ANSWER)
    return page


def registration(browser: Browser) -> TestResponse:
    add_client(browser.hub)
    return waiting(browser, "/register")


def registration_code(browser: Browser) -> TestResponse:
    return press(browser, registration(browser), "/register", **STEP_ONE)


def registration_code_a_minute_later(browser: Browser) -> TestResponse:
    page = registration_code(browser)
    minute(browser)
    return page


def step_two(browser: Browser) -> TestResponse:
    page = registration_code(browser)
    return press(browser, page, "/register/code", code=browser.hub.take_code())


def looked_over(browser: Browser) -> TestResponse:
    return press(browser, step_two(browser), "/register/details", **STEP_TWO_HERE)


def code_of_a_known_citizen(browser: Browser) -> TestResponse:
    add_account(browser.hub)
    return registration_code(browser)


def code_of_a_physician(browser: Browser) -> TestResponse:
    add_account(browser.hub)
    add_client(browser.hub)
    page = waiting(browser, "/register/physicians")
    return press(browser, page, "/register/physicians", **STEP_ONE)


def profession(browser: Browser) -> TestResponse:
    page = code_of_a_physician(browser)
    return press(browser, page, "/register/code", code=browser.hub.take_code())


def tracking(browser: Browser) -> TestResponse:
    with browser.hub.deps.begin() as work:
        work.cases.add(factories.case())
    add_client(browser.hub)
    return waiting(browser, "/track")


def tracking_code(browser: Browser) -> TestResponse:
    return press(browser, tracking(browser), "/track", **TRACKED)


def tracking_code_a_minute_later(browser: Browser) -> TestResponse:
    page = tracking_code(browser)
    minute(browser)
    return page


def mobile(browser: Browser) -> TestResponse:
    tour_of_account.later(browser)
    return browser.get("/account/mobile")


def new_number(browser: Browser) -> TestResponse:
    page = tour_of_account.a_code_of_the_old_number(browser)
    return press(browser, page, "/account/mobile/code", code=browser.hub.take_code())


def of_account(path: str) -> Callable[[Browser], TestResponse]:
    def walk(browser: Browser) -> TestResponse:
        inside(browser)
        return browser.get(path)

    return walk


def consent(browser: Browser) -> TestResponse:
    inside(browser)
    return waiting(browser, "/consent")


def choose_account(browser: Browser) -> TestResponse:
    inside(browser)
    return waiting(browser, "/choose-account", prompt="create")


CREDENTIALS = {"username": USER, "password": PASSWORD}
WRONG_ANSWER = {"answer": "قرمز", "password": NEW_PASSWORD, "password_again": NEW_PASSWORD}
RIGHT_ANSWER = {**WRONG_ANSWER, "answer": ANSWER}
STEP_TWO_HERE = {name: value for name, value in STEP_TWO.items() if name != "city_text"}
OLD_CODE = tour_of_account.a_code_of_the_old_number
CLAIM = {"profession": "midwife", "council_number": "4451"}

TRACKED = {
    "tracking_number": factories.case().tracking_number,
    "mobile": factories.MOBILE.national,
}

PAGES = (
    FlowPage("login", login),
    FlowPage("login refused", login, "/login", {**CREDENTIALS, "password": "Wrong1234"}),
    FlowPage("login empty", login, "/login"),
    FlowPage("held form gone", held_form_gone),
    FlowPage("code", login, "/login", CREDENTIALS),
    FlowPage("code refused", code, "/login/code", {"code": WRONG_CODE}),
    FlowPage("code sent again", code_a_minute_later, "/login/code/again"),
    FlowPage("consent", code, "/login/code", {"code": CODE}),
    FlowPage("second step", second_step),
    FlowPage("second step sent", second_step, "/login/second-step/send"),
    FlowPage("second step refused", second_step_sent, "/login/second-step", {"code": WRONG_CODE}),
    FlowPage(
        "consent after the second step", second_step_sent, "/login/second-step", {"code": CODE}
    ),
    FlowPage("recovery", recovery),
    FlowPage("recovery refused", recovery, "/recover", {"username": "123"}),
    FlowPage("recovery code", recovery, "/recover", {"username": USER}),
    FlowPage("recovery code refused", recovery_code, "/recover/code", {"code": WRONG_CODE}),
    FlowPage("recovery code sent again", recovery_code_a_minute_later, "/recover/again"),
    FlowPage("recovery password", recovery_code, "/recover/code", {"code": CODE}),
    FlowPage("recovery password refused", question, "/recover/password", WRONG_ANSWER),
    FlowPage("recovery password empty", question, "/recover/password"),
    FlowPage("recovery branch", last_answer, "/recover/password", WRONG_ANSWER),
    FlowPage("recovery done", question, "/recover/password", RIGHT_ANSWER),
    FlowPage("registration", registration),
    FlowPage("registration refused", registration, "/register", {**STEP_ONE, "mobile": "0912"}),
    FlowPage("registration code", registration, "/register", STEP_ONE),
    FlowPage(
        "registration code refused", registration_code, "/register/code", {"code": WRONG_CODE}
    ),
    FlowPage(
        "registration code sent again", registration_code_a_minute_later, "/register/code/resend"
    ),
    FlowPage("registration step two", registration_code, "/register/code", {"code": CODE}),
    FlowPage(
        "registration step two refused",
        step_two,
        "/register/details",
        {**STEP_TWO_HERE, "email": "nobody"},
    ),
    FlowPage("registration looked over", step_two, "/register/details", STEP_TWO_HERE),
    FlowPage("registration submitted", looked_over, "/register/look-over"),
    FlowPage(
        "registration of a known citizen", code_of_a_known_citizen, "/register/code", {"code": CODE}
    ),
    FlowPage("registration branch", tour_of_registration.a_case_for_the_branch, of_portal=False),
    FlowPage(
        "registration result", tour_of_registration.data_that_are_not_the_registrys, of_portal=False
    ),
    FlowPage(
        "registration limited", tour_of_registration.one_registration_too_many, of_portal=False
    ),
    FlowPage("tracking", tracking),
    FlowPage("tracking refused", tracking, "/track", {**TRACKED, "mobile": "0912"}),
    FlowPage("tracking code", tracking, "/track", TRACKED),
    FlowPage("tracking code refused", tracking_code, "/track/code", {"code": WRONG_CODE}),
    FlowPage("tracking code sent again", tracking_code_a_minute_later, "/track/again"),
    FlowPage("tracked", tracking_code, "/track/code", {"code": CODE}),
    FlowPage("profession", code_of_a_physician, "/register/code", {"code": CODE}),
    FlowPage("profession pending", profession, "/register/profession", CLAIM),
    FlowPage("mobile", mobile, of_portal=False),
    FlowPage("mobile refused", mobile, "/account/mobile", {"mobile": "0912"}, of_portal=False),
    FlowPage(
        "mobile code",
        mobile,
        "/account/mobile",
        {"mobile": tour_of_account.MOBILE},
        of_portal=False,
    ),
    FlowPage(
        "mobile code refused",
        OLD_CODE,
        "/account/mobile/code",
        {"code": WRONG_CODE},
        of_portal=False,
    ),
    FlowPage(
        "mobile second code", OLD_CODE, "/account/mobile/code", {"code": CODE}, of_portal=False
    ),
    FlowPage("mobile done", new_number, "/account/mobile/code", {"code": CODE}, of_portal=False),
    FlowPage("consent asked", consent),
    FlowPage("choose account", choose_account),
    FlowPage("password again", of_account("/account/prove?to=mobile"), of_portal=False),
    FlowPage(
        "password again refused",
        of_account("/account/prove?to=mobile"),
        "/account/prove",
        {"password": "Wrong1234"},
        of_portal=False,
    ),
    FlowPage(
        "password change refused",
        of_account("/account/security/password"),
        "/account/security/password",
        {"old_password": "Wrong1234", "password": NEW_PASSWORD, "password_again": NEW_PASSWORD},
        of_portal=False,
    ),
    FlowPage(
        "e-mail refused",
        of_account("/account/email"),
        "/account/email",
        {"email": "nobody"},
        of_portal=False,
    ),
    FlowPage(
        "closing refused",
        of_account("/account/close"),
        "/account/close",
        {"confirmation": "x", "password": "Wrong1234"},
        of_portal=False,
    ),
    FlowPage("signing out", of_account("/logout"), of_portal=False),
    FlowPage("signed out", of_account("/logout"), "/logout", of_portal=False),
)
