from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.sign_in.session import ACR_PASSWORD_OTP
from idp.store.database import Database
from tests.factories import session
from tests.fakes import NOON, PlainVault

LATER = NOON + timedelta(minutes=5)


def test_a_session_is_found_by_its_token(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        assert work.sessions.find_with_account("token-1")[0] == session()
        assert work.sessions.find_with_account("session-1") is None
        assert work.sessions.find("session-1") == session()


def test_of_many_tokens_those_of_sessions_that_were_not_ended_are_told(database):
    with database.begin() as work:
        for number in (1, 2, 3):
            work.sessions.add(session(f"session-{number}"), f"token-{number}")
        work.sessions.end("session-2", LATER)
        found = work.sessions.known_tokens(["none", "token-3", "token-2", "token-1"])
        assert list(found) == ["token-3", "token-1"]


def test_a_touch_moves_the_last_use_forward_only(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.sessions.touch("session-1", LATER)
        work.sessions.touch("session-1", NOON)
        assert work.sessions.find("session-1") == session(last_seen_at=LATER)


def test_a_step_up_kills_the_old_cookie(database):
    raised = replace(session(), acr=ACR_PASSWORD_OTP, amr=("pwd", "otp"), auth_time=LATER)
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.sessions.step_up(raised, "token-2")
        assert work.sessions.find_with_account("token-1") is None
        assert work.sessions.find_with_account("token-2")[0] == raised


def test_an_ended_session_cannot_be_raised(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.sessions.end("session-1", NOON)
    with pytest.raises(KeyError), database.begin() as work:
        work.sessions.step_up(session(), "token-2")


def test_a_session_ends_once_and_stays_known(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        assert work.sessions.end("session-1", LATER)
        assert not work.sessions.end("session-1", LATER)
        assert not work.sessions.end("session-2", LATER)
        assert work.sessions.find_with_account("token-1")[0] == session(ended_at=LATER)


def test_all_sessions_of_an_account_end(database):
    with database.begin() as work:
        work.sessions.add(session("session-1"), "token-1")
        work.sessions.add(session("session-2"), "token-2")
        work.sessions.add(session("session-3", account_id="account-2"), "token-3")
        work.sessions.end("session-1", NOON)
        assert work.sessions.end_all("account-1", LATER) == ["session-2"]
        assert work.sessions.find("session-3") == session("session-3", account_id="account-2")


def test_the_sessions_of_an_account_are_listed_newest_first(database):
    newer = session("session-2", created_at=LATER)
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.sessions.add(newer, "token-2")
        assert work.sessions.of_account("account-1") == [newer, session()]


def test_a_visit_is_noted_once_a_portal(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        for client_id in ("portal-b", "portal-a", "portal-b"):
            work.sessions.visit("session-1", client_id, NOON)
        assert work.sessions.visited("session-1") == ["portal-a", "portal-b"]
        assert work.sessions.visited("session-2") == []


def test_an_ended_session_is_visited_no_more(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.sessions.end("session-1", NOON)
        assert not work.sessions.visit("session-1", "portal", LATER)
        assert not work.sessions.visit("session-2", "portal", LATER)
        assert work.sessions.visited("session-1") == []


@pytest.fixture
def postgres(migrated_postgres_url):
    """A PostgreSQL with one session; SQLite lets one transaction write at a time."""
    opened = Database(migrated_postgres_url, PlainVault())
    with opened.begin() as work:
        work.sessions.add(session(), "token-1")
    yield opened
    opened.close()


def visit(database):
    with database.begin() as work:
        return work.sessions.visit("session-1", "portal", NOON)


def end(database):
    with database.begin() as work:
        work.sessions.end("session-1", NOON)
        return work.sessions.visited("session-1")


def test_a_visit_waits_for_an_end_that_is_under_way(postgres):
    with ThreadPoolExecutor(1) as other:
        with postgres.begin() as work:
            work.sessions.end("session-1", NOON)
            visited = other.submit(visit, postgres)
            with pytest.raises(TimeoutError):
                visited.result(0.3)
        assert visited.result(10) is False


def test_an_end_waits_for_a_visit_and_then_knows_of_it(postgres):  # Back-Channel Logout 2.3
    with ThreadPoolExecutor(1) as other:
        with postgres.begin() as work:
            work.sessions.visit("session-1", "portal", NOON)
            told = other.submit(end, postgres)
            with pytest.raises(TimeoutError):
                told.result(0.3)
        assert told.result(10) == ["portal"]
