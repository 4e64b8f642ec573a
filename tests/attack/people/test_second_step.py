"""The code beside the password, and proving again: the cases SE17 and SE18."""

from urllib.parse import urlsplit

import pytest

from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from tests.attack.people.visitors import (
    MINUTES_2,
    OTHER_USER,
    add_other,
    inside,
    on_known_device,
    session_of,
)
from tests.web.hub import hidden
from tests.web.sign_in.walk import (
    NEW_PASSWORD,
    PASSWORD,
    USER,
    answer_recovery,
    ask_recovery,
    log_in,
    prove_recovery,
)


def test_attack_SE17_the_device_of_one_citizen_is_new_to_another(town):
    add_other(town)
    browser = inside(town)
    browser.post("/logout", {})
    page = log_in(browser, username=OTHER_USER)
    assert hidden(page, "flow")
    assert session_of(browser) is None


def test_attack_SE17_a_copied_device_cookie_serves_until_its_owner_signs_in(town):
    owner = inside(town)
    copied = owner.cookie("hub_device")
    owner.post("/logout", {})
    log_in(owner)
    town.clock.move(MINUTES_2)
    thief = town.browser()
    thief.client.set_cookie("hub_device", copied, domain="127.0.0.1")
    assert hidden(log_in(thief), "flow")
    owner.post("/logout", {})
    assert log_in(owner).location == "/account"


def test_attack_SE17_a_second_click_needs_no_code(town):
    owner = inside(town)
    before = owner.cookie("hub_device")
    owner.post("/logout", {})
    log_in(owner)
    owner.client.set_cookie("hub_device", before, domain="127.0.0.1")
    assert log_in(owner).location == "/account"


@pytest.mark.parametrize(
    "extra",
    [
        {"new_device_code": "false"},
        {"mfa": "0", "amr": "pwd otp sms", "acr": ACR_PASSWORD_OTP},
        {"device": "account-1", "is_known": "1", "has_worked": "1"},
    ],
)
def test_attack_SE18_no_field_switches_the_code_off(town, extra):
    browser = town.browser()
    assert hidden(log_in(browser, **extra), "flow")
    assert session_of(browser) is None


def test_attack_SE18_a_recovery_signs_nobody_in(town):
    browser = town.browser()
    answer_recovery(browser, prove_recovery(browser, ask_recovery(browser)))
    assert session_of(browser) is None
    town.clock.move(MINUTES_2)
    assert hidden(log_in(browser, NEW_PASSWORD), "flow")


def test_attack_SE18_a_password_is_no_grant(town, portal):
    form = {"grant_type": "password", "username": USER, "password": PASSWORD}
    assert portal.post("/oauth2/token", form).json["error"] == "unsupported_grant_type"


def test_attack_SE18_a_refresh_proves_no_second_step(town, portal):
    device = on_known_device(town)
    tokens = portal.tokens(device)
    portal.refresh(tokens["refresh_token"])
    asked = portal.ask(device, acr_values=ACR_PASSWORD_OTP)
    assert urlsplit(asked.location).path == "/login/second-step"
