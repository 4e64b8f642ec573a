"""What the texts of one-time codes cost: each part is billed, tens of millions of times."""

import re
import tomllib
from urllib.parse import urlsplit

import pytest

from idp import resources
from idp.domain.messages.sms import LONGEST_NAME, SmsName, sms_parts
from idp.domain.sign_in.one_time_code import CodePurpose, OneTimeCode
from idp.services.messages.messages import (
    CODE_AT_PORTAL,
    CodeText,
    Notice,
    code_job,
    costliest_code,
)
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

OF_THE_GUIDE = {"activated", "branch", "mismatch", "duplicate"}
TO_WHOM = {
    CodePurpose.BRANCH: "فقط آنجا بگویید",
    CodePurpose.LEAVE_MOBILE: "محرمانه",
    CodePurpose.CHANGE_MOBILE: "محرمانه",
}


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


def test_every_text_of_ours_names_the_organisation():
    files = sorted((resources.template_folder() / "sms").glob("*.txt"))
    ours = {file.stem for file in files} - OF_THE_GUIDE
    assert [one for one in sorted(ours) if "تأمین اجتماعی" not in resources.sms_text(one)] == []


@pytest.mark.parametrize("notice", sorted(set(Notice) - OF_THE_GUIDE))
def test_a_notice_of_ours_is_two_parts_at_most(notice):
    assert sms_parts(resources.sms_text(notice).format(host=HOST)).parts <= 2


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
def test_a_line_tells_the_code_to_people(purpose):
    lines = [line for line in text_of(purpose).splitlines() if re.fullmatch(rf"کد .+ {CODE}", line)]
    assert len(lines) == 1


def test_purposes_are_told_apart():
    assert len({text_of(purpose) for purpose in CodePurpose}) == len(CodePurpose)


@pytest.mark.parametrize("purpose", CodePurpose)
def test_every_code_says_to_whom_it_may_be_told(purpose):
    assert text_of(purpose).splitlines()[-2] == TO_WHOM.get(purpose, "به کسی ندهید")


def test_a_sign_in_at_a_portal_names_it_beside_the_organisation():
    lines = text_of(CodePurpose.SIGN_IN, "سوابق بیمه").splitlines()
    assert lines[:2] == ["تأمین اجتماعی", f"کد ورود سوابق بیمه {CODE}"]


def test_a_sign_in_without_a_portal_names_the_organisation_alone():
    lines = text_of(CodePurpose.SIGN_IN).splitlines()
    assert lines[:2] == ["تأمین اجتماعی", f"کد ورود {CODE}"]


def test_the_longest_name_is_what_the_documents_say():
    assert LONGEST_NAME == 30


def test_no_text_of_a_code_takes_a_value_that_strangers_write():
    codes = [*(f"code_{purpose}" for purpose in CodePurpose), CODE_AT_PORTAL]
    patterns = [resources.sms_text(code) for code in codes]

    taken = {name for pattern in patterns for name in re.findall(r"{(\w+)}", pattern)}

    assert taken == {"code", "host", "portal"}
