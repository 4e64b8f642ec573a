"""The first sign-in after a registration, in the browser that registered and in another."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import Found, PhoneAnswer
from idp.services.registration.decide_case import CHECK_CASE, DecideCase
from tests import factories, fakes
from tests.web.hub import Browser, Hub, words
from tests.web.registration.walk import PASSWORD, register, step_one, step_two
from tests.web.sign_in.walk import USER, add_account, enter


@dataclass
class Registry:
    """Knows the person and the phone."""

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> Found:
        return Found(factories.person(), ALL_CAPABILITIES)

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        return PhoneAnswer.MATCH


def decide(hub: Hub) -> None:
    """Let the worker decide the case two days later."""
    hub.clock.move(timedelta(hours=47))
    decide_case = DecideCase(
        kernel=fakes.kernel(hub.deps.begin, hub.clock),
        civil_registry=Registry(),
        mobile_ownership=Registry(),
        medical_council=None,
    )
    with hub.deps.begin() as work:
        job = work.outbox.claim("w", hub.clock(), lease=timedelta(minutes=1), kinds=(CHECK_CASE,))
    decide_case.run(job)
    hub.take_sms()


def sign_in(browser: Browser, **changes: str) -> TestResponse:
    form = {"username": USER, "password": PASSWORD, **changes}
    return browser.post("/login", form, follow=False)


@pytest.fixture
def registrant(hub):
    browser = hub.browser()
    register(browser)
    hub.take_sms()
    return browser


def test_the_browser_that_registered_needs_no_code_and_is_no_new_device(registrant):
    decide(registrant.hub)
    assert sign_in(registrant).location == "/account"
    assert registrant.hub.take_sms() == []


def test_another_browser_needs_a_code(registrant):
    decide(registrant.hub)
    assert "کد ورود" in words(sign_in(registrant.hub.browser()))


def test_the_browser_is_one_device_after_the_first_sign_in(registrant):
    decide(registrant.hub)
    sign_in(registrant)
    with registrant.hub.deps.begin(read_only=True) as work:
        owner = work.accounts.find_by_national_id(factories.NATIONAL_ID)
        assert len(work.devices.of_account(owner.id)) == 1


def test_who_signs_in_at_that_browser_meanwhile_does_not_make_it_forget(registrant):
    hub = registrant.hub
    add_account(hub, national_id=factories.OTHER_NATIONAL_ID, mobile=factories.OTHER_MOBILE)
    enter(registrant, username=factories.OTHER_NATIONAL_ID.value)
    registrant.post("/logout", {})
    decide(hub)
    assert sign_in(registrant).location == "/account"


def test_attack_SE17_a_browser_that_its_owner_forgot_needs_a_code(registrant):
    decide(registrant.hub)
    with registrant.hub.deps.begin() as work:
        owner = work.accounts.find_by_national_id(factories.NATIONAL_ID)
        work.devices.forget_all(owner.id)
    assert "کد ورود" in words(sign_in(registrant))


def test_a_password_that_is_wrong_is_wrong_on_that_browser_too(registrant):
    decide(registrant.hub)
    assert sign_in(registrant, password="Wrong1234").status_code == 422


def test_without_a_proof_of_the_phone_the_browser_proved_nothing(guide_hub):
    browser = guide_hub.browser()
    step_two(browser, step_one(browser))
    assert browser.cookie("hub_device") is None
