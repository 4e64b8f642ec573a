"""The eleven screens that the guide shows: how to get there, and what is drawn over them."""

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

from werkzeug.test import TestResponse

from idp.web.words import guide_texts
from tests.web.hub import Browser
from tests.web.registration.walk import prove, step_one, step_two
from tests.web.sign_in.walk import add_account


class Screen(NamedTuple):
    """A screen and what the guide draws on it."""

    id: str
    walk: Callable[[Browser], TestResponse]
    marked: str = ""
    """The end of the address of a link that is marked."""
    callouts: tuple[tuple[str, str], ...] = ()
    """Selectors of what is pointed at, with the id of the text beside it."""
    first: str = ".masthead"
    last: str = "main > :last-child"
    """The picture goes from the top of the one to the foot of the other."""
    has_wide: bool = False
    """Two columns, as the guide's own picture has, where there is room for them."""


def login(browser: Browser) -> TestResponse:
    return browser.get("/login")


def after_step_one(browser: Browser, **changes: str) -> TestResponse:
    """Go on to what follows step one: by the code of the phone, or at once in the guide's way."""
    page = step_one(browser, **changes)
    return prove(browser, page) if browser.hub.deps.settings.registration.phone_proof else page


def filled(browser: Browser) -> TestResponse:
    """All is right but for the passwords, which the guide's sample does not show."""
    return step_two(browser, after_step_one(browser), password="", password_again="")


def submitted(browser: Browser) -> TestResponse:
    return step_two(browser, after_step_one(browser))


def still_pending(browser: Browser) -> TestResponse:
    submitted(browser)
    browser.hub.clock.move(timedelta(hours=1))
    return step_one(browser)  # the same data in the same browser: its case, without another code


def exists(browser: Browser) -> TestResponse:
    add_account(browser.hub)
    return after_step_one(browser)


FIELDS = {"first": ".pair", "has_wide": True}
CALLOUTS = (
    ("#national_id-hint", "callout.prefilled"),
    ("#question-hint", "callout.question"),
    ("#password-hint", "callout.password"),
)
SCREENS = (
    Screen("S1-register", login, marked="/register"),
    Screen("S2", lambda browser: browser.get("/register")),
    Screen("S3", after_step_one, callouts=CALLOUTS, last=".pair", **FIELDS),
    Screen("S4", submitted),
    Screen("S3-filled", filled, last=".field:has(#answer)", **FIELDS),
    Screen("S2e1", lambda browser: step_one(browser, national_id="9994863178")),
    Screen("S2e2", exists),
    Screen("S5", still_pending),
    Screen("S1", login),
    Screen("S1-recover", login, marked="/recover"),
    Screen("S6", lambda browser: browser.get("/recover")),
)


def callout_texts(screen: Screen) -> list[tuple[str, str]]:
    """Return what is pointed at, with the words in the language of this request."""
    return [(selector, guide_texts.screen(text)) for selector, text in screen.callouts]
