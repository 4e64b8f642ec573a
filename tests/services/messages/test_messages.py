"""What the texts of one-time codes cost: each part is billed, tens of millions of times."""

import re
import tomllib
from urllib.parse import urlsplit

import pytest

from idp import resources
from idp.domain.messages.sms import LONGEST_NAME, SmsName, sms_parts
from idp.domain.sign_in.one_time_code import CodePurpose, OneTimeCode
from idp.services.messages.messages import CodeText, code_job, costliest_code
from tests import factories
from tests.architecture.sources import ROOT
from tests.fakes import NOON

CODE = "483920"
SHIPPED = tomllib.loads((ROOT / "config" / "default.toml").read_text("utf-8"))
HOST = urlsplit(SHIPPED["server"]["issuer"]).hostname
PORTALS = [
    tomllib.loads(file.read_text("utf-8"))["client_name"]
    for file in sorted((ROOT / "clients").glob("*.toml"))
]


def text_of(purpose, portal=None):
    record = OneTimeCode(
        flow_id="flow",
        purpose=purpose,
        phone="phone",
        digest="digest",
        asked_at=NOON,
        good_until=NOON,
    )
    says = CodeText(host=HOST, portal=SmsName.cut(portal) if portal else None)
    return code_job(record, CODE, factories.MOBILE, says).sms.text


@pytest.mark.parametrize("purpose", CodePurpose)
def test_a_code_is_one_part(purpose):
    assert sms_parts(text_of(purpose)).parts == 1


@pytest.mark.parametrize("portal", PORTALS)
def test_a_code_for_a_portal_that_is_shipped_is_one_part(portal):
    assert sms_parts(text_of(CodePurpose.SIGN_IN, portal)).parts == 1


def test_a_code_for_a_portal_of_fifteen_letters_is_one_part():
    assert sms_parts(text_of(CodePurpose.SIGN_IN, "ا" * 15)).parts == 1


def test_a_code_for_a_portal_with_the_longest_name_is_two_parts():
    assert sms_parts(text_of(CodePurpose.SIGN_IN, "ا" * 2000)).parts == 2


def test_the_costliest_code_is_one_part_with_the_host_of_the_organisation():
    assert costliest_code(HOST).parts == 1


def test_a_longer_host_makes_the_costliest_code_longer_by_as_much():
    assert costliest_code(f"x{HOST}").units == costliest_code(HOST).units + 1


def test_a_host_that_is_too_long_makes_two_parts_of_a_code():
    assert costliest_code("account.department.of.tamin.example").parts == 2


@pytest.mark.parametrize("purpose", CodePurpose)
def test_the_last_line_is_one_that_browsers_read(purpose):  # origin-bound one-time codes
    assert text_of(purpose).splitlines()[-1] == f"@{HOST} #{CODE}"


@pytest.mark.parametrize("purpose", CodePurpose)
def test_the_first_line_tells_the_code_to_people(purpose):
    assert re.fullmatch(rf"کد .+: {CODE}", text_of(purpose).splitlines()[0])


def test_purposes_are_told_apart():
    assert len({text_of(purpose) for purpose in CodePurpose}) == len(CodePurpose)


@pytest.mark.parametrize("purpose", CodePurpose)
def test_every_code_says_to_whom_it_may_be_told(purpose):
    expected = "فقط در شعبه بگویید" if purpose is CodePurpose.BRANCH else "به کسی ندهید"

    assert text_of(purpose).splitlines()[1] == expected


def test_a_sign_in_without_a_portal_is_to_the_account():
    assert text_of(CodePurpose.SIGN_IN).startswith("کد ورود حساب کاربری: ")


def test_the_longest_name_is_what_the_documents_say():
    assert LONGEST_NAME == 30


def test_no_text_of_a_code_takes_a_value_that_strangers_write():
    patterns = [resources.sms_text(f"code_{purpose}") for purpose in CodePurpose]

    taken = {name for pattern in patterns for name in re.findall(r"{(\w+)}", pattern)}

    assert taken == {"code", "host", "portal"}
