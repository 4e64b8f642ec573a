"""What happens to an account, and what dies of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from idp.domain.people.account import (
    AccountStanding,
    AccountState,
    Assurance,
    IdentityMethod,
    MobileMethod,
)
from idp.domain.people.physician import (
    PHYSICIAN,
    CouncilNumber,
    DatedClaim,
    PhysicianClaim,
    Profession,
)
from idp.domain.people.places import Residence
from idp.domain.people.questions import QUESTIONS
from idp.domain.sign_in.session import ACR_PASSWORD, ACR_PASSWORD_OTP
from tests import factories
from tests.fakes import NOON

LATER = NOON + timedelta(days=1)
ACCOUNT = factories.account(
    epoch=4, email_confirmed_at=NOON, recovery_held_until=NOON + timedelta(hours=1)
)
OTHER_CLAIM = PhysicianClaim(CouncilNumber("12345"), Profession.DENTIST)
DOCTOR = replace(
    ACCOUNT,
    physician=factories.PROVEN,
    claim=DatedClaim(OTHER_CLAIM, NOON),
    roles=("insured", PHYSICIAN),
)


@pytest.mark.parametrize(
    ("state", "is_active"),
    [(AccountState.ACTIVE, True), (AccountState.SUSPENDED, False), (AccountState.CLOSED, False)],
)
def test_only_an_active_account_is_active(state, is_active):
    assert replace(ACCOUNT, state=state).is_active is is_active


@pytest.mark.parametrize(
    ("proven", "method", "verified"),
    [
        (True, MobileMethod.OWNERSHIP, True),
        (True, MobileMethod.BRANCH, True),
        (True, MobileMethod.NONE, False),
        (False, MobileMethod.OWNERSHIP, False),
    ],
)
def test_a_phone_is_verified_by_possession_and_ownership_both(proven, method, verified):
    assurance = Assurance(IdentityMethod.REGISTRY, method, NOON)
    account = replace(ACCOUNT, phone_proven=proven, assurance=assurance)

    assert account.phone_number_verified is verified


@pytest.mark.parametrize("acr", [ACR_PASSWORD, ACR_PASSWORD_OTP])
def test_a_citizens_account_opens_to_a_password(acr):
    assert ACCOUNT.is_enough(acr)


def test_a_physicians_account_opens_to_a_second_step_only():
    assert DOCTOR.is_enough(ACR_PASSWORD_OTP)
    assert not DOCTOR.is_enough(ACR_PASSWORD)


def test_the_insurance_file_gives_its_roles_and_nothing_else():
    assert ACCOUNT.with_roles(("pensioner",), at=LATER) == replace(
        ACCOUNT, roles=("pensioner",), updated_at=LATER
    )


def test_the_insurance_file_makes_nobody_a_physician():
    assert ACCOUNT.with_roles(("insured", PHYSICIAN), at=LATER).roles == ("insured",)


def test_the_insurance_file_takes_nobody_the_role_of_a_physician():
    assert DOCTOR.with_roles(("pensioner",), at=LATER).roles == ("pensioner", PHYSICIAN)


def test_a_claim_is_noted_and_changes_nothing_else():
    claim = DatedClaim(OTHER_CLAIM, LATER)

    assert ACCOUNT.claiming(OTHER_CLAIM, at=LATER) == replace(
        ACCOUNT, claim=claim, updated_at=LATER
    )


def test_a_proven_profession_gives_its_role_and_ends_sessions():
    claiming = replace(ACCOUNT, claim=DatedClaim(OTHER_CLAIM, NOON))

    assert claiming.with_profession(OTHER_CLAIM, at=LATER) == replace(
        claiming,
        physician=DatedClaim(OTHER_CLAIM, LATER),
        claim=None,
        roles=("insured", PHYSICIAN),
        updated_at=LATER,
        epoch=5,
    )


def test_a_profession_that_is_proven_again_gives_its_role_once():
    assert DOCTOR.with_profession(OTHER_CLAIM, at=LATER).roles == ("insured", PHYSICIAN)


def test_a_claim_that_is_not_proven_leaves_what_was_there():
    assert DOCTOR.without_claim(at=LATER) == replace(DOCTOR, claim=None, updated_at=LATER)


def test_a_profession_that_ended_takes_role_and_claim_and_ends_sessions():
    assert DOCTOR.without_profession(at=LATER) == replace(
        DOCTOR, physician=None, claim=None, roles=("insured",), updated_at=LATER, epoch=5
    )


def test_a_suspended_physician_stays_suspended():
    suspended = replace(DOCTOR, state=AccountState.SUSPENDED)

    assert suspended.without_profession(at=LATER).state is AccountState.SUSPENDED
    assert suspended.with_profession(OTHER_CLAIM, at=LATER).state is AccountState.SUSPENDED


def test_a_new_password_ends_sessions():
    credentials = replace(ACCOUNT.credentials, password_hash="new", password_changed_at=LATER)

    assert ACCOUNT.with_password("new", at=LATER) == replace(
        ACCOUNT, credentials=credentials, updated_at=LATER, epoch=5
    )


def test_a_renewed_answer_takes_the_place_of_the_one_that_was_given():
    renewed = ACCOUNT.with_renewed_answer(ACCOUNT, "2:new")

    assert renewed.credentials == replace(ACCOUNT.credentials, answer_hash="2:new")
    assert renewed.epoch == ACCOUNT.epoch


def test_an_answer_that_was_set_meanwhile_is_not_renewed():
    credentials = replace(ACCOUNT.credentials, answer_hash="1:another")
    meanwhile = replace(ACCOUNT, credentials=credentials)

    assert meanwhile.with_renewed_answer(ACCOUNT, "2:new") == meanwhile


def test_a_new_phone_is_proven_and_the_persons():
    unproven = replace(ACCOUNT, phone_proven=False)
    changed = unproven.with_mobile(
        factories.OTHER_MOBILE, MobileMethod.BRANCH, at=LATER, recovery_held_until=LATER
    )

    assert changed == replace(
        unproven,
        mobile=factories.OTHER_MOBILE,
        phone_proven=True,
        assurance=Assurance(IdentityMethod.REGISTRY, MobileMethod.BRANCH, LATER),
        updated_at=LATER,
        recovery_held_until=LATER,
    )


def test_a_new_phone_holds_no_recovery_unless_asked():
    changed = ACCOUNT.with_mobile(factories.OTHER_MOBILE, MobileMethod.BRANCH, at=LATER)

    assert changed.recovery_held_until is None


@pytest.mark.parametrize(
    ("before_the_end", "held"),
    [(timedelta(seconds=1), True), (timedelta(0), False), (-timedelta(seconds=1), False)],
)
def test_recovery_is_held_until_its_moment(before_the_end, held):
    account = replace(ACCOUNT, recovery_held_until=LATER)

    assert account.is_recovery_held(LATER - before_the_end) is held


def test_recovery_is_not_held_without_a_moment():
    assert replace(ACCOUNT, recovery_held_until=None).is_recovery_held(NOON) is False


def test_a_closed_account_keeps_nothing_that_served_it():
    credentials = replace(DOCTOR.credentials, password_hash="", answer_hash="")

    assert DOCTOR.closed(at=LATER) == replace(
        DOCTOR,
        state=AccountState.CLOSED,
        credentials=credentials,
        residence=None,
        email=None,
        email_confirmed_at=None,
        roles=(),
        physician=None,
        claim=None,
        updated_at=LATER,
        epoch=5,
    )


def test_a_new_address_is_confirmed_by_nobody():
    assert replace(ACCOUNT, email=None).with_email(factories.EMAIL, at=LATER) == replace(
        ACCOUNT, email_confirmed_at=None, updated_at=LATER
    )


def test_a_new_answer_holds_the_recovery_and_ends_no_session():
    question = QUESTIONS[-1]
    changed = ACCOUNT.with_answer(question, "new", at=NOON, recovery_held_until=LATER)
    credentials = replace(ACCOUNT.credentials, question=question, answer_hash="new")
    assert changed == replace(
        ACCOUNT, credentials=credentials, updated_at=NOON, recovery_held_until=LATER
    )


def test_a_new_answer_ends_no_hold_of_before():
    held = replace(ACCOUNT, recovery_held_until=LATER)
    assert held.with_answer(QUESTIONS[-1], "new", at=NOON).recovery_held_until == LATER


def test_a_new_residence_changes_nothing_else():
    yazd = Residence("IR", "یزد")
    changed = ACCOUNT.with_residence(yazd, at=LATER)
    assert changed == replace(ACCOUNT, residence=yazd, updated_at=LATER)


def test_a_new_state_ends_sessions():
    assert ACCOUNT.with_state(AccountState.SUSPENDED, at=LATER) == replace(
        ACCOUNT, state=AccountState.SUSPENDED, updated_at=LATER, epoch=5
    )


_TRANSITIONS = {
    "roles": lambda account: account.with_roles(("pensioner", PHYSICIAN), at=LATER),
    "claim": lambda account: account.claiming(OTHER_CLAIM, at=LATER),
    "proof": lambda account: account.with_profession(OTHER_CLAIM, at=LATER),
    "rest": lambda account: account.resting_profession(until=LATER),
    "no claim": lambda account: account.without_claim(at=LATER),
    "no profession": lambda account: account.without_profession(at=LATER),
    "password": lambda account: account.with_password("new", at=LATER),
    "state": lambda account: account.with_state(AccountState.SUSPENDED, at=LATER),
    "end": lambda account: account.closed(at=LATER),
}


@given(st.lists(st.sampled_from(list(_TRANSITIONS))))
def test_an_account_has_the_role_of_a_physician_exactly_when_the_profession_is_proven(names):
    account = ACCOUNT
    for name in names:
        account = _TRANSITIONS[name](account)

    assert (PHYSICIAN in account.roles) is (account.physician is not None)


@pytest.mark.parametrize("account", [ACCOUNT, DOCTOR])
@pytest.mark.parametrize("acr", [ACR_PASSWORD, ACR_PASSWORD_OTP])
def test_a_session_is_enough_for_the_standing_when_it_is_for_the_account(account, acr):
    standing = AccountStanding(account.state, account.epoch, account.roles)

    assert standing.is_enough(acr) is account.is_enough(acr)


@pytest.mark.parametrize(
    ("state", "epoch", "lets"),
    [(AccountState.ACTIVE, 4, True), (AccountState.ACTIVE, 5, False), (AccountState.CLOSED, 4, 0)],
)
def test_sessions_live_in_an_active_account_of_their_epoch(state, epoch, lets):
    assert AccountStanding(state, epoch, ()).lets_live(4) is bool(lets)
