from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.mobile_change import ChangeState
from idp.domain.registration.case_state import CaseState
from tests import factories
from tests.fakes import NOON

LATER = NOON + timedelta(hours=3)
WHOLE = factories.case(state=CaseState.CHECKING, person=factories.person(), overdue=True)


def test_a_case_ends_after_48_hours():
    assert WHOLE.deadline == NOON + timedelta(hours=48)


def test_a_decision_has_its_reasons_and_its_moment():
    assert WHOLE.decided(CaseState.MISMATCH, ("birth",), at=LATER) == replace(
        WHOLE, state=CaseState.MISMATCH, reasons=("birth",), decided_at=LATER, overdue=False
    )


def test_nothing_is_decided_twice():
    with pytest.raises(ValueError, match="from activated to mismatch"):
        replace(WHOLE, state=CaseState.ACTIVATED).decided(CaseState.MISMATCH, (), at=LATER)


@pytest.mark.parametrize("state", CaseState)
def test_a_case_is_open_until_it_is_decided(state):
    is_open = state in {CaseState.RECEIVED, CaseState.CHECKING, CaseState.BRANCH}

    assert replace(WHOLE, state=state).is_open is is_open


def test_an_erased_case_keeps_nothing_that_was_typed():
    assert WHOLE.erased() == replace(
        WHOLE, application=None, password_hash=None, answer_hash=None, person=None
    )


def test_a_decided_change_of_the_phone_forgets_the_number():
    change = factories.mobile_change()

    assert change.decided(ChangeState.REFUSED, "mismatch", at=LATER) == replace(
        change, state=ChangeState.REFUSED, reason="mismatch", decided_at=LATER, mobile=None
    )
