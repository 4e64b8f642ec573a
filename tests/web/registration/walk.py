"""The way through the registration, as a browser goes it."""

from typing import Any

from werkzeug.test import TestResponse

from idp.domain.protection.rate_limits import EverybodysKey
from tests.factories import MOBILE, NATIONAL_ID
from tests.web.hub import Browser, Hub, hidden

PASSWORD = "SabzBagh72"
NOBODYS_NUMBER = "5000000003"

LOOK_OVER = "/register/look-over"
STEP_ONE = {
    "national_id": NATIONAL_ID.value,
    "operator": "mci",
    "mobile": MOBILE.national,
}
STEP_TWO = {
    "family_name": "احمدی نژاد",
    "given_name": "محمدرضا",
    "certificate_number": "1354",
    "serial": "123456",
    "series_letter": "الف",
    "series_number": "12",
    "birth_day": "12",
    "birth_month": "5",
    "birth_year": "۱۳۶۰",
    "gender": "male",
    "question": "favourite_colour",
    "answer": "آبی آسمانی",
    "country": "IR",
    "city": "تبریز",
    "city_text": "",
    "email": "reza@example.ir",
    "password": PASSWORD,
    "password_again": PASSWORD,
}


def step_one(browser: Browser, **changes: Any) -> TestResponse:
    """Submit step one; the page that follows comes back."""
    return browser.post("/register", STEP_ONE | changes)


def prove(browser: Browser, page: TestResponse, typed: str | None = None) -> TestResponse:
    """Type the code that went to the phone, or ``typed``."""
    typed = browser.hub.take_code() if typed is None else typed
    return browser.post("/register/code", {"flow": hidden(page, "flow"), "code": typed})


def to_step_two(browser: Browser, **changes: Any) -> TestResponse:
    """Go as far as step two."""
    return prove(browser, step_one(browser, **changes))


def step_two(browser: Browser, page: TestResponse, **changes: Any) -> TestResponse:
    """Submit step two, and what is shown once more where the settings say so."""
    seen = fill_in(browser, page, **changes)
    return send(browser, seen) if seen.request.path == LOOK_OVER else seen


def fill_in(browser: Browser, page: TestResponse, **changes: Any) -> TestResponse:
    """Fill in the form of step two; the page that follows comes back."""
    return browser.post("/register/details", {"flow": hidden(page, "flow"), **STEP_TWO, **changes})


def send(browser: Browser, seen: TestResponse) -> TestResponse:
    """Send what the page shows once more."""
    names = [name for name in ("flow", "ready", "context") if f'name="{name}"' in seen.text]
    return browser.post(LOOK_OVER, {name: hidden(seen, name) for name in names})


def register(browser: Browser, **changes: Any) -> TestResponse:
    """Go all the way; ``changes`` are of step one."""
    return step_two(browser, to_step_two(browser, **changes))


def track(browser: Browser, **typed: Any) -> TestResponse:
    """Type tracking number and mobile; without other ones those of the hub's first case, if any."""
    with browser.hub.deps.begin(read_only=True) as work:
        cases = work.cases.list()
    number = cases[0].tracking_number if cases else NOBODYS_NUMBER
    form = {"tracking_number": number, "mobile": MOBILE.national, **typed}
    return browser.post("/track", form)


def prove_tracking(browser: Browser, page: TestResponse, typed: str | None = None) -> TestResponse:
    """Type the code that went to the phone, or ``typed``."""
    typed = browser.hub.take_code() if typed is None else typed
    return browser.post("/track/code", {"tracking": hidden(page, "tracking"), "code": typed})


def pile_up(hub: Hub) -> None:
    """Let nineteen others of this network register within the hour."""
    mark = hub.deps.register.by_network
    for _ in range(19):
        mark.ask(EverybodysKey.of_network("127.0.0.1"))
