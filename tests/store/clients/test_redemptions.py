"""What the token endpoint stores, by one statement on PostgreSQL and in steps on SQLite."""

from datetime import timedelta

import pytest

from idp.ports import RefreshOutcome
from idp.store.clients.redemptions import Redemption
from tests.factories import grant, refresh_token, session
from tests.fakes import NOON

LATER = NOON + timedelta(minutes=1)
FRESH = refresh_token("fresh", created_at=NOON, expires_at=NOON + timedelta(days=14))
NEXT = refresh_token("next", created_at=LATER, expires_at=LATER + timedelta(days=14))


@pytest.fixture
def database(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
    return database


def redeem(database, refresh=None, now=NOON, **changes):
    with database.begin(alone=True) as work:
        return work.redemptions.redeem(grant(**changes), refresh, now)


def rotate(database, digest="fresh", now=LATER):
    with database.begin(alone=True) as work:
        return work.redemptions.rotate(digest, sealed_successor="sealed", successor=NEXT, now=now)


def end_session(database):
    with database.begin() as work:
        work.sessions.end("session-1", NOON)


def test_a_code_becomes_its_grant(database):
    assert redeem(database) is Redemption.NEW
    with database.begin(read_only=True) as work:
        assert work.grants.find("grant-1") == grant()


def test_the_refresh_token_is_stored_with_it(database):
    redeem(database, FRESH)
    with database.begin(read_only=True) as work:
        assert work.grants.find_refresh("fresh") == FRESH


def test_the_session_knows_that_the_portal_got_tokens(database):
    redeem(database)
    with database.begin(read_only=True) as work:
        assert work.sessions.visited("session-1") == ["portal"]


def test_a_second_code_of_the_session_is_one_visit(database):
    redeem(database)
    redeem(database, id="grant-2", now=LATER)
    with database.begin(read_only=True) as work:
        assert work.sessions.visited("session-1") == ["portal"]


def test_a_code_is_redeemed_once(database):  # RFC 6749 4.1.2
    redeem(database)

    assert redeem(database, FRESH, now=LATER) is Redemption.REPLAYED


def test_a_replay_stores_no_refresh_token(database):
    redeem(database)
    redeem(database, FRESH, now=LATER)
    with database.begin(read_only=True) as work:
        assert work.grants.find_refresh("fresh") is None


@pytest.mark.parametrize("session_id", ["session-1", "unknown"])
def test_a_code_of_an_ended_session_is_used_up(database, session_id):
    end_session(database)

    assert redeem(database, FRESH, session_id=session_id) is Redemption.ENDED
    assert redeem(database, FRESH, session_id=session_id) is Redemption.REPLAYED


def test_the_grant_of_an_ended_session_is_revoked_and_has_no_refresh_token(database):
    end_session(database)
    redeem(database, FRESH, now=LATER)
    with database.begin(read_only=True) as work:
        assert work.grants.find("grant-1").revoked_at == LATER
        assert work.grants.find_refresh("fresh") is None
        assert work.sessions.visited("session-1") == []


def test_a_refresh_token_is_used_and_its_successor_stored(database):
    redeem(database, FRESH)

    assert rotate(database)
    with database.begin(read_only=True) as work:
        used = work.grants.find_refresh("fresh")
        assert (used.used_at, used.successor) == (LATER, "sealed")
        assert work.grants.find_refresh("next") == NEXT


def test_a_refresh_token_is_rotated_once(database):  # RFC 9700 4.14
    redeem(database, FRESH)
    rotate(database)

    assert not rotate(database)


@pytest.mark.parametrize(
    ("digest", "now"), [("unknown", LATER), ("fresh", NOON + timedelta(days=14))]
)
def test_what_is_no_live_refresh_token_is_not_rotated(database, digest, now):
    redeem(database, FRESH)

    assert not rotate(database, digest, now)
    with database.begin(read_only=True) as work:
        assert work.grants.find_refresh("next") is None


def test_after_a_rotation_the_used_token_is_repeated(database):
    redeem(database, FRESH)
    rotate(database)
    with database.begin() as work:
        use = work.grants.find_use("fresh", LATER)

    assert (use.outcome, use.successor) == (RefreshOutcome.REPEATED, "sealed")
