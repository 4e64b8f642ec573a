import pytest

from idp.domain.registration.case_state import TRANSITIONS, CaseState
from tests import factories
from tests.fakes import NOON

DECISIONS = {CaseState.ACTIVATED, CaseState.BRANCH, CaseState.MISMATCH, CaseState.DUPLICATE}


@pytest.mark.parametrize("decision", sorted(DECISIONS))
def test_a_case_under_check_may_be_decided(decision):
    assert CaseState.CHECKING.may_become(decision)


@pytest.mark.parametrize("ended", ["activated", "mismatch", "duplicate", "expired"])
def test_what_has_ended_stays_so(ended):
    assert not any(CaseState(ended).may_become(other) for other in CaseState)


def test_the_branch_activates_rejects_or_waits_in_vain():
    after = {state for state in CaseState if CaseState.BRANCH.may_become(state)}

    assert after == {CaseState.ACTIVATED, CaseState.MISMATCH, CaseState.EXPIRED}


def test_a_decision_never_goes_back_to_checking():
    assert not any(state.may_become(CaseState.RECEIVED) for state in CaseState)
    assert {s for s in CaseState if s.may_become(CaseState.CHECKING)} == {CaseState.RECEIVED}


def test_every_state_has_its_row():
    assert set(TRANSITIONS) == set(CaseState)


def test_a_case_that_has_ended_is_not_decided_again():
    ended = factories.case().decided(CaseState.ACTIVATED, (), at=NOON)
    with pytest.raises(ValueError, match="from activated to mismatch"):
        ended.decided(CaseState.MISMATCH, (), at=NOON)
