from datetime import timedelta

import pytest

from idp.domain.authorization.grant import REFRESH_GRACE
from idp.ports import RefreshOutcome, RefreshTake
from tests.factories import grant, refresh_token
from tests.fakes import NOON

DAY = timedelta(days=1)


@pytest.fixture
def family(database):
    with database.begin() as work:
        work.grants.add(grant())
        work.grants.add_refresh(refresh_token())
    return database


def take(work, now=NOON, successor="sealed-successor"):
    return work.grants.take_refresh("refresh-1", sealed_successor=successor, now=now)


def test_a_grant_comes_back_as_it_was(database):
    with database.begin() as work:
        work.grants.add(grant(resources=("https://api.example",), offline=True))
        found = work.grants.find("grant-1")
    assert found == grant(resources=("https://api.example",), offline=True)


def test_a_grant_is_revoked_once(database):
    with database.begin() as work:
        work.grants.add(grant())
        assert work.grants.revoke("grant-1", NOON)
        assert not work.grants.revoke("grant-1", NOON + DAY)
        assert not work.grants.revoke("grant-2", NOON)
        assert work.grants.find("grant-1") == grant(revoked_at=NOON)


def test_the_end_of_a_session_spares_offline_grants_on_request(database):
    with database.begin() as work:
        work.grants.add(grant("online"))
        work.grants.add(grant("offline", offline=True))
        work.grants.add(grant("elsewhere", session_id="session-2"))
        assert work.grants.revoke_of_session("session-1", NOON, keep_offline=True) == 1
        assert work.grants.find("online") == grant("online", revoked_at=NOON)
        assert work.grants.revoke_of_session("session-1", NOON) == 1


def test_the_grants_of_an_account_are_revoked(database):
    with database.begin() as work:
        work.grants.add(grant("ours"))
        work.grants.add(grant("of-another", account_id="account-2"))
        assert work.grants.revoke_of_account("account-1", NOON) == 1
        assert work.grants.find("of-another") == grant("of-another", account_id="account-2")


def test_the_grants_of_a_client_are_revoked_for_one_account_or_all(database):
    with database.begin() as work:
        for number in (1, 2, 3):
            work.grants.add(grant(f"grant-{number}", account_id=f"account-{number}"))
        assert work.grants.revoke_of_client("portal", NOON, "account-1") == 1
        assert work.grants.revoke_of_client("portal", NOON) == 2
        assert work.grants.revoke_of_client("another", NOON) == 0


def test_a_refresh_token_is_taken_by_its_first_use(family):
    used = refresh_token(used_at=NOON, successor="sealed-successor")
    with family.begin() as work:
        assert take(work) == RefreshTake(RefreshOutcome.TAKEN, used)
        assert work.grants.find_refresh("refresh-1") == used


def test_a_repeat_within_the_grace_gets_the_same_successor(family):
    with family.begin() as work:
        take(work)
        again = take(work, NOON + REFRESH_GRACE - timedelta(seconds=1), "another")
    assert (again.outcome, again.successor) == (RefreshOutcome.REPEATED, "sealed-successor")


def test_a_use_after_the_grace_is_a_replay(family):
    with family.begin() as work:
        take(work)
        late = take(work, NOON + REFRESH_GRACE)
        assert (late.outcome, late.successor) == (RefreshOutcome.REUSED, None)
        assert late.token is not None
        assert late.token.grant_id == "grant-1"


def test_a_clock_that_is_a_little_behind_sees_a_repeat(family):
    """Two nodes that may both sign can be a minute apart; neither ends a citizen's family."""
    with family.begin() as work:
        take(work)
        assert take(work, NOON - timedelta(seconds=59)).outcome is RefreshOutcome.REPEATED


def test_attack_C19_a_clock_that_was_set_back_gives_no_grace(family):
    with family.begin() as work:
        take(work)
        assert take(work, NOON - timedelta(hours=1)).outcome is RefreshOutcome.REUSED


def test_a_replay_wipes_the_successor(family):
    with family.begin() as work:
        take(work)
        take(work, NOON + DAY)
        assert work.grants.find_refresh("refresh-1") == refresh_token(used_at=NOON)


def test_a_successor_is_wiped_when_its_grace_has_passed(family):
    with family.begin() as work:
        take(work)
        assert work.grants.wipe_successors(NOON + REFRESH_GRACE - timedelta(seconds=1)) == 0
        assert work.grants.wipe_successors(NOON + REFRESH_GRACE) == 1
        assert work.grants.wipe_successors(NOON + DAY) == 0
        assert work.grants.find_refresh("refresh-1") == refresh_token(used_at=NOON)


def test_a_wiped_token_is_a_replay_all_the_same(family):
    with family.begin() as work:
        take(work)
        work.grants.wipe_successors(NOON + DAY)
        assert take(work, NOON + DAY).outcome is RefreshOutcome.REUSED


def test_a_replay_is_told_even_after_the_token_would_have_expired(family):
    """Whoever presents a used token has seen it; the family may live on in its successors."""
    with family.begin() as work:
        take(work)
        assert take(work, NOON + 90 * DAY).outcome is RefreshOutcome.REUSED


def test_an_expired_or_foreign_refresh_token_is_unknown(family):
    with family.begin() as work:
        assert take(work, NOON + 30 * DAY) == RefreshTake(RefreshOutcome.UNKNOWN)
        foreign = work.grants.take_refresh("other", sealed_successor="s", now=NOON)
        assert foreign == RefreshTake(RefreshOutcome.UNKNOWN)


def test_the_grants_of_a_client_are_revoked_span_by_span(database):
    with database.begin() as work:
        for number in range(5):
            of = "portal" if number % 2 else "other"
            work.grants.add(grant(f"grant-{number}", client_id=of))
    last, spans = "", []
    while last is not None:
        with database.begin() as work:
            last = work.grants.revoke_span_of_client("portal", NOON, after=last, limit=2)
            spans.append(last)
    with database.begin() as work:
        revoked = [work.grants.find(f"grant-{number}").revoked_at for number in range(5)]
    assert spans == ["grant-1", "grant-3", None]
    assert [at is not None for at in revoked] == [False, True, False, True, False]
