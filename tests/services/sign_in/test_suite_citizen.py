"""The citizen of a conformance suite: a name that is no national ID, everything that scopes ask."""

from dataclasses import replace

import pytest

from idp.domain.clients import scopes
from idp.protocol.core.claims import CLAIMS_BY_SCOPE, PHYSICIAN, Claims
from idp.services.sign_in.entering import Entered
from idp.services.sign_in.sign_in import Refused, SignIn
from idp.services.sign_in.suite_citizen import (
    ACCOUNT_ID,
    NATIONAL_ID,
    PROFESSION,
    STANDARD_CLAIMS,
    SuiteCitizen,
)
from tests import factories
from tests.services.house import House, attempt

CORE = {
    "profile": "name family_name given_name middle_name nickname preferred_username profile"
    " picture website gender birthdate zoneinfo locale updated_at",
    "email": "email email_verified",
    "address": "address",
    "phone": "phone_number phone_number_verified",
}
"""OIDC Core 5.4."""
CLAIMS = Claims(
    ACCOUNT_ID,
    {scopes.PROFILE: STANDARD_CLAIMS, scopes.PHYSICIAN: {PHYSICIAN: PROFESSION}},
)


@pytest.fixture
def citizen(guide_house: House) -> SuiteCitizen:
    return SuiteCitizen(kernel=guide_house.kernel)


def in_test_mode(house: House) -> SignIn:
    return replace(house.sign_in, other_names={"suite": NATIONAL_ID})


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


def told(house: House, *scopes: str) -> set[str]:
    client = factories.client(scopes=frozenset(scopes))
    names = CLAIMS.userinfo_names(client, scopes, {})
    return set(CLAIMS.released(house.account(ACCOUNT_ID), names))


@pytest.mark.parametrize(("scope", "names"), CORE.items())
def test_a_standard_scope_releases_all_of_its_claims(guide_house, citizen, scope, names):
    citizen.put("secret")  # OIDC Core 5.4
    assert told(guide_house, scope) == set(names.split())


@pytest.mark.parametrize("scope", CLAIMS_BY_SCOPE)
def test_every_scope_releases_all_of_its_claims(guide_house, citizen, scope):
    citizen.put("secret")
    assert told(guide_house, scope) >= set(CLAIMS_BY_SCOPE[scope])


def test_no_other_citizen_has_claims_that_the_hub_does_not_know():
    assert CLAIMS.released(factories.account(), [*STANDARD_CLAIMS, PHYSICIAN]) == {}
