"""The first sign-in after a registration, in the browser that registered and in another."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.domain.persian.jalali import JalaliDate
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.identity_match import ALL_CAPABILITIES
from idp.domain.registration.verdict import Found, PhoneAnswer
from idp.ports import ClaimedJob
from idp.services.desk.desk import Desk
from idp.services.desk.desk_acts import DeskAct
from idp.services.registration.decide_case import CHECK_CASE, DecideCase
from tests import factories, fakes
from tests.services.officer import FIRST
from tests.web.hub import Browser, Hub, words
from tests.web.registration.walk import (
    PASSWORD,
    prove_tracking,
    register,
    step_one,
    step_two,
    to_step_two,
    track,
)
from tests.web.sign_in.walk import USER, add_account, enter


@dataclass
class Registry:
    """Knows the person and the person's phone."""

    phone: Mobile = factories.MOBILE

    def lookup(self, national_id: NationalId, birth: JalaliDate) -> Found:
        return Found(factories.person(), ALL_CAPABILITIES)

    def check(self, national_id: NationalId, mobile: Mobile) -> PhoneAnswer:
        return PhoneAnswer.MATCH if mobile == self.phone else PhoneAnswer.MISMATCH


def decide(hub: Hub, phone: Mobile = factories.MOBILE) -> None:
    """Let the worker decide all cases two days later; ``phone`` is the person's."""
    hub.clock.move(timedelta(hours=47))
    decide_case = DecideCase(
        kernel=fakes.kernel(hub.deps.begin, hub.clock),
        civil_registry=Registry(),
        mobile_ownership=Registry(phone),
        medical_council=None,
    )
    while job := claimed(hub):
        decide_case.run(job)
    hub.take_sms()


def claimed(hub: Hub) -> ClaimedJob | None:
    with hub.deps.begin() as work:
        return work.outbox.claim("w", hub.clock(), lease=timedelta(minutes=1), kinds=(CHECK_CASE,))


def activate(hub: Hub) -> None:
    """Let the registration desk activate the case that waits for the branch, three days later."""
    hub.clock.move(timedelta(days=3))
    kernel = fakes.kernel(
        hub.deps.begin, hub.clock, vault=hub.deps.vault, randomness=hub.deps.randomness
    )
    desk = Desk(kernel=kernel, codes=hub.deps.register.codes)
    act = DeskAct("o-17", "4", "card", "visit", FIRST)
    (case,) = desk.list(state=CaseState.BRANCH)
    desk.send_code(case.id, act)
    desk.activate(case.id, hub.take_code(), act)
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


def test_the_branch_makes_the_browser_known_that_proved_the_phone_of_the_case(registrant):
    decide(registrant.hub, phone=factories.OTHER_MOBILE)
    activate(registrant.hub)

    assert sign_in(registrant).location == "/account"
    assert registrant.hub.take_sms() == []


def test_attack_SE17_at_the_branch_no_other_browser_is_known(registrant):
    decide(registrant.hub, phone=factories.OTHER_MOBILE)
    activate(registrant.hub)

    assert "کد ورود" in words(sign_in(registrant.hub.browser()))


def test_attack_SE17_a_browser_that_only_saw_the_request_is_not_known(registrant):
    hub = registrant.hub
    hub.clock.move(timedelta(minutes=2))
    other = hub.browser()
    assert "شماره پیگیری درخواست شما:" in words(to_step_two(other))
    decide(hub)

    assert "کد ورود" in words(sign_in(other))


def test_attack_SE17_a_browser_that_tracked_the_request_is_not_known(registrant):
    hub = registrant.hub
    other = hub.browser()
    assert "شماره پیگیری درخواست شما:" in words(prove_tracking(other, track(other)))
    decide(hub)

    assert "کد ورود" in words(sign_in(other))


def test_after_a_mismatch_the_browser_is_known_by_its_second_registration(registrant):
    hub = registrant.hub
    with hub.deps.begin() as work:
        (case,) = work.cases.list()
        work.cases.save(case.decided(CaseState.MISMATCH, (), at=hub.clock()).erased())
    hub.clock.move(timedelta(minutes=2))
    register(registrant)
    hub.take_sms()
    decide(hub)

    assert sign_in(registrant).location == "/account"
    assert hub.take_sms() == []
