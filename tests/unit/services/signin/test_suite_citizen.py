"""The citizen of a conformance suite: a name that is no national ID, everything that scopes ask."""

from dataclasses import replace

import pytest

from idp.protocol.claims import CLAIMS_BY_SCOPE, released
from idp.services.sign_in import Entered, Refused, SignIn
from idp.services.suite_citizen import ACCOUNT_ID, NATIONAL_ID, SuiteCitizen
from tests.unit.services.signin.house import House, attempt


@pytest.fixture
def citizen(guide_house: House) -> SuiteCitizen:
    return SuiteCitizen(guide_house.begin, guide_house.clock, guide_house.hashing)


def in_test_mode(house: House) -> SignIn:
    return SignIn(replace(house.sign_in._, other_names={"suite": NATIONAL_ID}))


def test_the_citizen_signs_in_by_that_name(guide_house, citizen):
    citizen.put("secret")
    entered = in_test_mode(guide_house).with_password("suite", "secret", attempt())
    assert isinstance(entered, Entered)
    assert entered.session.account_id == ACCOUNT_ID


def test_outside_of_the_test_mode_that_name_is_nobodys(guide_house, citizen):
    citizen.put("secret")
    assert guide_house.sign_in.with_password("suite", "secret", attempt()) is Refused.WRONG


def test_putting_the_citizen_again_gives_the_new_password(guide_house, citizen):
    citizen.put("old")
    citizen.put("new")
    enter = in_test_mode(guide_house).with_password
    assert enter("suite", "old", attempt()) is Refused.WRONG
    assert isinstance(enter("suite", "new", attempt()), Entered)


@pytest.mark.parametrize("scope", ["profile", "email", "phone", "address"])
def test_a_standard_scope_releases_all_of_its_claims(guide_house, citizen, scope):
    citizen.put("secret")
    names = CLAIMS_BY_SCOPE[scope]
    assert set(released(guide_house.account(ACCOUNT_ID), names)) == set(names)
