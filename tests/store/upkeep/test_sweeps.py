"""What has run out is deleted in small batches, and nothing that still serves (attack D05)."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from idp.domain.people.mobile import Mobile
from idp.domain.registration.case_state import CaseState
from idp.ports import InboxMessage, RefreshOutcome
from tests.factories import (
    MOBILE,
    application,
    case,
    grant,
    invitation,
    job,
    known_device,
    one_time_code,
    pending_sign_in,
    recovery,
    refresh_token,
    session,
    step_one,
)
from tests.fakes import NOON

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=60)
LATER = NOON + DAY

EXPIRING = {
    "step_ones": lambda work, n: work.step_ones.put(step_one(f"row-{n}")),
    "recoveries": lambda work, n: work.recoveries.put(recovery(f"row-{n}")),
    "pending_sign_ins": lambda work, n: work.pending_sign_ins.put(pending_sign_in(f"row-{n}")),
    "codes": lambda work, n: work.codes.put(one_time_code(f"row-{n}"), is_sent=True),
    "devices": lambda work, n: work.devices.save(known_device(f"row-{n}")),
    "invitations": lambda work, n: work.invitations.add(invitation(f"row-{n}")),
    "contexts": lambda work, n: work.contexts.put(f"row-{n}", "sealed", NOON),
    "single_use": lambda work, n: work.single_use.take("jti", f"row-{n}", expires_at=NOON),
    "counters": lambda work, n: work.counters.take(f"row-{n}", limit=1, per=SECOND, now=NOON),
}


@pytest.mark.parametrize("name", EXPIRING)
def test_a_sweep_deletes_one_batch(database, name):
    with database.begin() as work:
        for number in range(5):
            EXPIRING[name](work, number)
        rows = getattr(work, name)
        assert [rows.forget_expired(LATER, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_a_sweep_of_what_may_vanish_deletes_one_batch(database, clock):
    store = database.ephemeral(clock)
    for number in range(3):
        store.hit(f"key-{number}", window=SECOND)
    clock.move(DAY)

    assert [store.forget_expired(2) for _ in range(3)] == [2, 1, 0]


def test_a_sweep_waits_for_nobody(migrated_postgres_url):
    """PostgreSQL only: on SQLite whoever writes holds the whole database."""
    from idp.store.database import Database  # noqa: PLC0415
    from tests.fakes import PlainVault  # noqa: PLC0415

    database = Database(migrated_postgres_url, PlainVault())
    with database.begin() as work:
        for number in range(2):
            work.step_ones.put(step_one(f"row-{number}"))
    with database.begin() as holding:
        holding.step_ones.lock("row-0")
        with database.begin() as work:
            assert work.step_ones.forget_expired(LATER) == 1
    database.close()


def test_two_sweeps_at_once_delete_each_row_once(database):
    with database.begin() as work:
        for number in range(20):
            work.contexts.put(f"row-{number}", "sealed", NOON)
    counts = []

    def sweep():
        for _ in range(6):
            with database.begin() as work:
                counts.append(work.contexts.forget_expired(LATER, 3))

    threads = [threading.Thread(target=sweep) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with database.begin() as work:
        counts.append(work.contexts.forget_expired(LATER))
    assert sum(counts) == 20


def test_sessions_that_were_opened_long_ago_are_forgotten_with_their_visits(database):
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.sessions.visit("session-1", "portal", NOON)
        work.sessions.add(session("session-2", created_at=LATER), "token-2")
        assert work.sessions.forget_opened(NOON) == 0
        assert work.sessions.forget_opened(LATER) == 1
        assert work.sessions.find("session-1") is None
        assert work.sessions.visited("session-1") == []
        assert work.sessions.find("session-2") is not None


def test_a_session_stays_while_a_grant_of_it_is_left(database):
    """Ending the grant must still tell the portals of that session."""
    with database.begin() as work:
        work.sessions.add(session(), "token-1")
        work.grants.add(grant(offline=True))
        assert work.sessions.forget_opened(LATER) == 0
        work.grants.forget_dead(NOON + 31 * DAY)
        assert work.sessions.forget_opened(LATER) == 1


def test_sessions_are_forgotten_one_batch_at_a_time(database):
    with database.begin() as work:
        for number in range(3):
            work.sessions.add(session(f"session-{number}"), f"token-{number}")
        assert [work.sessions.forget_opened(LATER, 2) for _ in range(2)] == [2, 1]


@pytest.mark.parametrize("dead", [{"revoked_at": NOON}, {"expires_at": NOON}])
def test_a_dead_grant_is_forgotten_with_its_refresh_tokens(database, dead):
    with database.begin() as work:
        work.grants.add(grant(**dead))
        work.grants.add_refresh(refresh_token())
        assert work.grants.forget_dead(NOON) == 0
        assert work.grants.forget_dead(NOON + SECOND) == 2
        assert work.grants.find("grant-1") is None
        assert work.grants.find_refresh("refresh-1") is None


def test_a_long_family_goes_token_by_token_before_its_grant(database):
    with database.begin() as work:
        work.grants.add(grant(revoked_at=NOON))
        for number in range(5):
            work.grants.add_refresh(refresh_token(f"refresh-{number}"))
        assert [work.grants.forget_dead(LATER, 2) for _ in range(4)] == [2, 2, 2, 0]
        assert work.grants.find("grant-1") is None


def test_a_used_token_of_a_living_family_is_never_forgotten(database):
    """A replay of the first token must end the family on its last day too (attack C18)."""
    with database.begin() as work:
        work.grants.add(grant(expires_at=NOON + 90 * DAY))
        work.grants.add_refresh(refresh_token(expires_at=NOON + DAY))
        work.grants.take_refresh("refresh-1", sealed_successor="sealed", now=NOON)
        assert work.grants.forget_dead(NOON + 89 * DAY) == 0
        replay = work.grants.take_refresh(
            "refresh-1", sealed_successor="other", now=NOON + 89 * DAY
        )
    assert replay.outcome is RefreshOutcome.REUSED


def test_a_token_of_a_forgotten_grant_is_unknown(database):
    with database.begin() as work:
        work.grants.add(grant(revoked_at=NOON))
        work.grants.add_refresh(refresh_token())
        work.grants.forget_dead(LATER)
        again = work.grants.take_refresh("refresh-1", sealed_successor="sealed", now=LATER)
    assert again.outcome is RefreshOutcome.UNKNOWN


def test_cases_expire_one_batch_at_a_time(database):
    with database.begin() as work:
        for number in range(3):
            mobile = Mobile(f"{MOBILE.e164[:-1]}{number}")
            waiting = case(
                f"case-{number}", f"100000000{number}", application=application(mobile=mobile)
            )
            work.cases.add(waiting)
            work.cases.save(replace(waiting, state=CaseState.BRANCH, decided_at=NOON))
        late = NOON + 90 * DAY
        assert [len(work.cases.erase_expired(late, 2)) for _ in range(3)] == [2, 1, 0]
        assert [work.cases.forget_remnants(late + 90 * DAY, 2) for _ in range(3)] == [2, 1, 0]


def test_ended_jobs_are_forgotten_one_batch_at_a_time(database):
    with database.begin() as work:
        for number in range(3):
            work.outbox.put(job(f"job-{number}"))
            work.outbox.finish(work.outbox.claim("w", NOON, lease=LEASE), NOON)
        assert [work.outbox.forget_finished(LATER, 2) for _ in range(3)] == [2, 1, 0]


def test_dead_letters_are_forgotten_by_a_time_of_their_own(database):
    with database.begin() as work:
        work.outbox.put(job())
        work.outbox.bury(work.outbox.claim("w", NOON, lease=LEASE), NOON, reason="poison")
        assert work.outbox.forget_dead(NOON) == 0
        assert work.outbox.forget_dead(NOON + SECOND, 1) == 1
        assert list(work.outbox.dead()) == []


def test_a_revived_job_has_all_its_tries_again(database):
    with database.begin() as work:
        for kind in ("mended", "other"):
            work.outbox.put(job(kind, kind=kind))
            work.outbox.bury(work.outbox.claim("w", NOON, lease=LEASE), NOON, reason="poison")
        assert work.outbox.revive(["mended"], LATER) == 1
        again = work.outbox.claim("w", LATER, lease=LEASE)
        assert [dead.kind for dead in work.outbox.dead()] == ["other"]
    assert again is not None
    assert (again.kind, again.tries) == ("mended", 1)


def test_the_development_gateways_messages_are_forgotten(database):
    inbox = database.sms_inbox()
    for uid in (1, 2, 3):
        inbox.add(InboxMessage(uid=uid, to=MOBILE, text="متن", at=NOON + uid * DAY))

    assert inbox.forget(NOON + 3 * DAY, 1) == 1
    assert inbox.forget(NOON + 3 * DAY) == 1
    assert [message.uid for message in inbox.list()] == [3]
