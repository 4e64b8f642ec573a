"""The pages that the guide speaks of, reached as a citizen reaches them, in either mode."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from werkzeug.test import TestResponse

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import Found, PhoneAnswer
from idp.ports import SmsMessage
from idp.services.registration.decide_case import CHECK_CASE, DecideCase
from tests import factories, fakes
from tests.web.hub import Browser, Hub
from tests.web.registration import walk as registration
from tests.web.sign_in import walk as sign_in

Make = Callable[..., Hub]


@dataclass
class Registries:
    """The registries: whether name and phone are the citizen's."""

    name_fits: bool = True
    phone: PhoneAnswer = PhoneAnswer.MATCH

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> Found:
        other = {} if self.name_fits else {"family_name": "دیگری"}
        return Found(factories.person(**other), ALL_CAPABILITIES)

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        return self.phone


@dataclass
class Way:
    """A hub in one mode, and a browser in front of it."""

    make: Make
    guide: bool
    shown: dict[str, TestResponse] = field(default_factory=dict)
    """Pages that another check has opened already, by the name of the way to them."""

    @cached_property
    def hub(self) -> Hub:
        return self.make(guide=self.guide)

    @cached_property
    def browser(self) -> Browser:
        return self.hub.browser()

    def page(self, name: str) -> TestResponse:
        """Return a page of ``PAGES``, opened once for each mode in a hub of its own."""
        if name not in self.shown:
            self.shown[name] = PAGES[name](Way(self.make, self.guide))
        return self.shown[name]

    def after_step_one(self, browser: Browser | None = None) -> TestResponse:
        """Submit step one; in the default mode the code too."""
        browser = browser or self.browser
        page = registration.step_one(browser)
        return page if self.guide else registration.prove(browser, page)

    def submitted(self) -> TestResponse:
        return registration.step_two(self.browser, self.after_step_one())

    def decided(self, **answers: object) -> SmsMessage:
        """Let the worker decide the case; return the SMS that tells the result."""
        self.hub.take_sms()
        self.hub.clock.move(timedelta(hours=1))
        registries = Registries(**answers)  # type: ignore[arg-type]
        decide = DecideCase(
            kernel=fakes.kernel(self.hub.deps.begin, self.hub.clock),
            civil_registry=registries,
            mobile_ownership=registries,
            medical_council=None,
        )
        with self.hub.deps.begin() as work:
            job = work.outbox.claim(
                "w", self.hub.clock(), lease=timedelta(minutes=1), kinds=(CHECK_CASE,)
            )
        decide.run(job)
        [told] = self.hub.take_sms()
        return told

    def sign_in(self, password: str, browser: Browser | None = None) -> TestResponse:
        """Sign in at the login page, with the code where the mode asks for one."""
        browser = browser or self.browser
        enter = sign_in.log_in if self.guide else sign_in.enter
        return enter(browser, password=password)

    def recovery(self) -> TestResponse:
        """Go as far as the security question."""
        sign_in.add_account(self.hub)
        page = sign_in.ask_recovery(self.browser)
        return page if self.guide else sign_in.prove_recovery(self.browser, page)


def _refused_step_one(way: Way) -> TestResponse:
    return registration.step_one(way.browser, national_id="1234567890")


def _step_one_of_who_has_an_account(way: Way) -> TestResponse:
    with way.hub.deps.begin() as work:
        work.accounts.add(factories.account())
    return way.after_step_one()


def _empty_step_two(way: Way) -> TestResponse:
    page = way.after_step_one()
    nothing = dict.fromkeys(registration.STEP_TWO, "")
    return registration.step_two(way.browser, page, **nothing)


def _refused_step_two(way: Way) -> TestResponse:
    return registration.step_two(way.browser, way.after_step_one(), serial="x")


def _the_same_data_again(way: Way) -> TestResponse:
    way.submitted()
    way.hub.clock.move(timedelta(minutes=2))
    return way.after_step_one(way.hub.browser())


def _empty_step_one(way: Way) -> TestResponse:
    return registration.step_one(way.browser, national_id="", operator="", mobile="")


PAGES: dict[str, Callable[[Way], TestResponse]] = {
    "guide": lambda way: way.browser.get("/guide"),
    "login": lambda way: way.browser.get("/login"),
    "physicians": lambda way: way.browser.get("/register/physicians"),
    "step one": lambda way: way.browser.get("/register"),
    "step one, empty": _empty_step_one,
    "step one, refused": _refused_step_one,
    "step one, of who has an account": _step_one_of_who_has_an_account,
    "behind step one": lambda way: registration.step_one(way.browser),
    "step two": Way.after_step_one,
    "step two, empty": _empty_step_two,
    "step two, refused": _refused_step_two,
    "submitted": Way.submitted,
    "pending": _the_same_data_again,
    "recovery": lambda way: way.browser.get("/recover"),
    "question": Way.recovery,
}
