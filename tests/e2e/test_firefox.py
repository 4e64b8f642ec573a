"""The other browser that the guide names walks one journey, over WebDriver BiDi."""

import json

import pytest

from tests.e2e.browsers import firefox
from tests.e2e.conversation import talk
from tests.e2e.demo import Demo
from tests.e2e.people import person

pytestmark = [pytest.mark.slow, pytest.mark.browser]


def test_firefox_walks_from_the_registration_to_the_sign_out(demo: Demo):
    citizen = person("ok_sayyid")
    demo.secrets |= {citizen.national_id, citizen.password}

    def from_the_phone(purpose: str) -> str:
        if purpose == "result":
            demo.text(citizen.mobile, "حساب کاربری شما فعال گردید")
            return "arrived"
        return demo.code(citizen.mobile, for_what=purpose)

    journey = {
        "hub": demo.hub,
        "portals": [demo.portal(1), demo.portal(2)],
        "stepOne": citizen.step_one(),
        "stepTwo": citizen.step_two(),
        "username": citizen.national_id,
        "password": citizen.password,
    }
    arrived = talk("firefox.mjs", [firefox(), json.dumps(journey)], {"CODE": from_the_phone})

    assert arrived == [
        "ورود به سیستم",
        "تأیید شماره تلفن همراه",
        "ثبت نام - گام دوم",
        "بازبینی اطلاعات",
        "حساب کاربری شما فعال شد",
        "خوش آمدید، سید حسین موسوی",
        "خوش آمدید، سید حسین موسوی",
        "خارج شدید",
    ]
