"""Codes that strangers cause and try, against the codes of the owner: O14, O15 and O16."""

import re
from collections.abc import Callable

import pytest

from idp.domain.people.mobile import Mobile
from tests import factories
from tests.attack.flows.walks import (
    A_MINUTE,
    BEGIN,
    OWNERS_WAYS,
    SENT,
    WAYS_OF_THE_OWNER_ALONE,
    burn,
    wrong,
)
from tests.attack.people.portal import Portal
from tests.attack.people.visitors import inside
from tests.web.enumeration.comparison import seen
from tests.web.hub import Hub, hidden, words
from tests.web.sign_in.walk import add_account, context_of, log_in


def name(way: Callable[..., None]) -> str:
    return way.__name__


@pytest.mark.parametrize("way", OWNERS_WAYS, ids=name)
@pytest.mark.parametrize("burnt", BEGIN)
def test_attack_O14_twenty_wrong_codes_in_a_strangers_flow_leave_the_owners_code_right(
    town, portal, burnt, way
):
    owner = inside(town)
    owner.post("/logout", {})
    burn(town, burnt)
    way(town, owner, portal)


@pytest.mark.parametrize("burnt", BEGIN)
def test_attack_O14_wrong_codes_in_many_flows_leave_a_code_right_that_came_before(easy_town, burnt):
    browser = easy_town.browser()
    begin, type_code, onward = BEGIN[burnt]
    page = begin(browser)
    code = easy_town.take_code()
    burn(easy_town, burnt, strangers=6, tries=5)
    assert type_code(browser, page, code).request.path == onward


def use_up(hub: Hub) -> None:
    """Let strangers ask for codes to the citizen's phone until none goes any more."""
    for flow in BEGIN:
        burn(hub, flow, strangers=16, tries=0)
    begin, *_ = BEGIN["registration"]
    begin(hub.browser())
    assert hub.take_sms() == []


@pytest.mark.parametrize("way", WAYS_OF_THE_OWNER_ALONE, ids=name)
def test_attack_O15_a_code_of_the_owner_alone_goes_when_strangers_used_up_the_phone(easy_town, way):
    portal, owner = Portal(easy_town), inside(easy_town)
    owner.post("/logout", {})
    use_up(easy_town)
    way(easy_town, owner, portal)


def press_in_sign_in(owner):
    """Sign in on a new device; return the page, and what asks for another code."""
    browser = owner.hub.browser()
    page = log_in(browser)
    return browser, page, "/login/code/again", {"flow": hidden(page, "flow")}


def press_in_second_step(owner):
    owner.post("/logout", {})
    assert log_in(owner).location == "/account"  # by its password alone, so the step is to come
    form = {"context": context_of(owner)}
    page = owner.post("/login/second-step/send", form)
    return owner, page, "/login/second-step/send", form


def press_in_change_of_mobile(owner):
    page = owner.post("/account/mobile", {"mobile": factories.OTHER_MOBILE.national})
    return owner, page, "/account/mobile/again", {"flow": hidden(page, "flow")}


@pytest.mark.parametrize(
    "press", [press_in_sign_in, press_in_second_step, press_in_change_of_mobile], ids=name
)
def test_attack_O15_a_page_says_that_a_code_went_when_one_went_and_never_else(town, portal, press):
    owner = inside(town)
    browser, page, address, form = press(owner)
    said, went = [SENT in words(page)], [bool(town.take_sms())]
    for _ in range(14):
        town.clock.move(A_MINUTE)
        said.append(SENT in words(browser.post(address, form)))
        went.append(bool(town.take_sms()))
    assert said == went
    assert set(went) == {True, False}


CLAIM = re.compile(r"(?:پیامک|فرستاده) شد(?!ه)")


@pytest.mark.parametrize("flow", BEGIN)
def test_attack_O15_a_page_that_anybody_can_have_promises_nothing(easy_town, flow):
    pages = burn(easy_town, flow, strangers=12, tries=1)
    said = {one for page in pages for one in words(page).split(".") if CLAIM.search(one)}
    assert said == set()


OTHERS = {"registration": "recovery", "recovery": "registration"}


def after_burning(hub: Hub, burnt: str, mobile: Mobile) -> list[str]:
    """Return all that a stranger sees of one flow when the other was burnt.

    The account of the ID has the phone ``mobile``; the stranger asks of another phone whether it is
    that one.
    """
    add_account(hub, mobile=mobile)
    burn(hub, burnt, strangers=4, tries=6)
    begin, type_code, _ = BEGIN[OTHERS[burnt]]
    browser = hub.browser()
    page = begin(browser)
    pages = [page, *(type_code(browser, page, wrong()) for _ in range(7))]
    again = {"registration": "/register/code/resend", "recovery": "/recover/again"}[OTHERS[burnt]]
    for _ in range(7):
        hub.clock.move(A_MINUTE)
        pages.append(browser.post(again, {"flow": hidden(page, "flow")}))
    return [seen(one) for one in pages]


@pytest.mark.parametrize("settings", ["", "[protection]\nproof_of_work = false\n"], ids=repr)
@pytest.mark.parametrize("burnt", BEGIN)
def test_attack_O16_what_was_burnt_in_one_flow_shows_in_no_other(make_hub, burnt, settings):
    its_own, another = (
        after_burning(make_hub(settings), burnt, mobile)
        for mobile in (factories.MOBILE, factories.OTHER_MOBILE)
    )
    assert its_own == another
