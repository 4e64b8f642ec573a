from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from idp.ports import StaleLease
from idp.store.database import Database
from tests.factories import job, sms
from tests.fakes import NOON, PlainVault
from tests.store.rows import sealed_messages

LEASE = timedelta(seconds=60)
SECOND = timedelta(seconds=1)
ROWS_READ = text(
    "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = 'jobs'"
)
"""Of the jobs, by this transaction."""


def claim(work, now=NOON, **wanted):
    return work.outbox.claim("worker-1", now, lease=LEASE, **wanted)


def test_a_job_comes_to_the_worker_as_it_was_put(database):
    with database.begin() as work:
        number = work.outbox.put(job(payload={"case_id": "case-1"}, sms=sms()))
    with database.begin() as work:
        claimed = claim(work)
    assert claimed is not None
    assert (claimed.id, claimed.kind, claimed.subject) == (number, "decide_case", "case-1")
    assert (claimed.payload, claimed.tries) == ({"case_id": "case-1"}, 1)
    assert claimed.sms == sms()
    assert claimed.lease_until == NOON + LEASE


def test_the_same_event_is_written_once(database):
    with database.begin() as work:
        assert work.outbox.put(job()) is not None
        assert work.outbox.put(job()) is None
        assert work.outbox.waiting() == 1


def test_a_job_is_never_numbered_like_an_earlier_one(database):
    """The number is the message id that the gateway knows; a deleted row's is not given again."""
    with database.begin() as work:
        first = work.outbox.put(job())
        work.outbox.finish(claim(work), NOON)
        work.outbox.forget_finished(NOON + SECOND)
        second = work.outbox.put(job())
    assert first is not None
    assert second is not None
    assert second > first


def test_a_job_waits_for_its_time(database):
    with database.begin() as work:
        work.outbox.put(job(run_at=NOON + SECOND))
        assert claim(work) is None
        assert claim(work, NOON + SECOND) is not None


def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(database):
    with database.begin() as work:
        work.outbox.put(job())
        first = claim(work)
        assert claim(work, NOON + LEASE - SECOND) is None
        second = claim(work, NOON + LEASE)
    assert first is not None
    assert second is not None
    assert (second.id, second.tries) == (first.id, 2)


@pytest.mark.parametrize("way", ["finish", "retry", "postpone", "bury"])
def test_who_lost_the_lease_cannot_end_the_job(database, way):
    with database.begin() as work:
        work.outbox.put(job())
        stale = claim(work)
        claim(work, NOON + LEASE)
    with pytest.raises(StaleLease), database.begin() as work:
        end(work, stale, way)


@pytest.mark.parametrize("way", ["finish", "retry", "postpone", "bury"])
def test_a_job_is_ended_once(database, way):
    with database.begin() as work:
        work.outbox.put(job())
        claimed = claim(work)
        end(work, claimed, way)
    with pytest.raises(StaleLease), database.begin() as work:
        end(work, claimed, "finish")


def test_a_late_end_counts_while_nobody_else_has_the_job(database):
    with database.begin() as work:
        work.outbox.put(job())
        work.outbox.finish(claim(work), NOON + 2 * LEASE)
        assert work.outbox.waiting() == 0


def test_a_stale_worker_takes_its_whole_transaction_back(database):
    with database.begin() as work:
        work.outbox.put(job())
        stale = claim(work)
        claim(work, NOON + LEASE)
    with pytest.raises(StaleLease), database.begin() as work:  # noqa: PT012 (one transaction)
        work.outbox.put(job("consequence"))
        work.outbox.finish(stale, NOON)
    with database.begin() as work:
        assert work.outbox.waiting() == 1


def test_a_finished_job_leaves_no_message(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms()))
        work.outbox.finish(claim(work), NOON)
        assert sealed_messages(work) == [None]
        assert claim(work, NOON + LEASE) is None


def test_a_retried_job_comes_again_with_its_message(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms()))
        work.outbox.retry(claim(work), run_at=NOON + SECOND, reason="gateway_down")
        assert claim(work) is None
        again = claim(work, NOON + SECOND)
    assert again is not None
    assert (again.tries, again.reason, again.sms) == (2, "gateway_down", sms())


def test_a_postponed_job_has_not_been_tried(database):
    with database.begin() as work:
        work.outbox.put(job())
        work.outbox.retry(claim(work), run_at=NOON, reason="worker_died")
        for _ in range(3):
            work.outbox.postpone(claim(work), run_at=NOON, reason="registry_away")
        again = claim(work)
    assert again is not None
    assert again.tries == 1


def test_a_buried_job_keeps_ids_and_reason_but_no_message(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms(), payload={"case_id": "case-1"}))
        work.outbox.bury(claim(work), NOON, reason="rejected")
        (dead,) = work.outbox.dead()
        assert sealed_messages(work) == [None]
        assert work.outbox.waiting() == 0
        work.outbox.revive((dead.kind,), NOON)
        again = claim(work)
    assert dead.reason == "rejected"
    assert (again.payload, again.sms) == ({"case_id": "case-1"}, None)


def test_dead_letters_are_listed_newest_first_by_kind(database):
    with database.begin() as work:
        for name, kind in (("one", "sms"), ("two", "mail"), ("three", "sms")):
            work.outbox.put(replace(job(name), kind=kind))
            work.outbox.bury(claim(work), NOON, reason=f"reason-{name}")
        everything = [dead.reason for dead in work.outbox.dead()]
        assert everything == ["reason-three", "reason-two", "reason-one"]
        assert [dead.reason for dead in work.outbox.dead("sms", limit=1)] == ["reason-three"]


def test_a_message_that_nobody_took_in_time_is_a_dead_letter(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms("code", NOON + SECOND)))
        claim(work, NOON + SECOND)
        assert [dead.reason for dead in work.outbox.dead()] == ["expired"]


def test_a_message_that_was_not_to_be_sent_is_no_dead_letter(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms("code", NOON)))
        claim(work, NOON + SECOND)
        assert work.outbox.dead() == []


def test_an_expired_message_is_wiped_and_never_handed_out(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms("code", NOON + SECOND)))
        assert claim(work, NOON + SECOND) is None
        assert sealed_messages(work) == [None]
        assert work.outbox.waiting() == 0


def test_a_message_that_expires_unsent_is_an_alarm(database):  # a result is promised by SMS
    with database.begin() as work:
        number = work.outbox.put(job(sms=sms("activated", NOON + SECOND)))
    with capture_logs() as logs, database.begin() as work:
        claim(work, NOON + SECOND)
    assert [(line["alarm"], line["job"], line["reason"]) for line in logs] == [
        ("sms_dead_letter", number, "expired")
    ]


def test_a_message_that_expires_in_the_hand_of_a_worker_is_not_handed_out_again(database):
    with database.begin() as work:
        work.outbox.put(job(sms=sms("code", NOON + SECOND)))
        work.outbox.retry(claim(work), run_at=NOON, reason="gateway_down")
        assert claim(work, NOON + SECOND) is None


def test_the_longest_due_job_goes_first(database):
    with database.begin() as work:
        work.outbox.put(job("later", subject="later", run_at=NOON))
        work.outbox.put(job("sooner", subject="sooner", run_at=NOON - SECOND))
        first = claim(work)
    assert first is not None
    assert first.subject == "sooner"


def test_a_worker_takes_the_kinds_that_it_knows(database):
    with database.begin() as work:
        work.outbox.put(job("one", kind="one"))
        work.outbox.put(job("two", kind="two"))
        assert work.outbox.waiting("two") == 1
        claimed = claim(work, kinds=["two"])
        assert claim(work, kinds=["two"]) is None
    assert claimed is not None
    assert claimed.kind == "two"


def test_finished_jobs_are_forgotten_and_dead_ones_stay(database):
    with database.begin() as work:
        work.outbox.put(job("done"))
        work.outbox.finish(claim(work), NOON)
        work.outbox.put(job("dead"))
        work.outbox.bury(claim(work), NOON, reason="poison")
        work.outbox.put(job("waiting"))
        assert work.outbox.forget_finished(NOON) == 0
        assert work.outbox.forget_finished(NOON + SECOND) == 1
        assert len(work.outbox.dead()) == work.outbox.waiting() == 1


def end(work, claimed, way):
    if way == "finish":
        work.outbox.finish(claimed, NOON)
    elif way == "bury":
        work.outbox.bury(claimed, NOON, reason="why")
    else:
        getattr(work.outbox, way)(claimed, run_at=NOON, reason="why")


def test_the_next_job_of_a_kind_is_found_however_many_others_are_due(migrated_postgres_url):
    database = Database(migrated_postgres_url, PlainVault())
    with database.begin() as work:
        for number in range(300):
            work.outbox.put(replace(job(f"other-{number}"), kind="backchannel_logout"))
        work.outbox.put(replace(job("code"), kind="sms_code", run_at=NOON + SECOND))
        work._connection.execute(text("ANALYZE jobs"))
    with database.begin() as work:
        assert claim(work, NOON + SECOND, kinds=("sms_code",)) is not None
        read = work._connection.scalar(ROWS_READ)
    database.close()
    assert read < 10
