"""What has run out goes away by the clock: no table grows by what strangers try (attack D05)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, insert, select

from idp.domain.people.email_address import EmailAddress
from idp.domain.registration.case_state import CaseState
from idp.domain.registration.verdict import PhoneAnswer
from idp.ports import BATCH, InboxMail, InboxMessage, Job
from idp.services.upkeep.clean_up import CLEAN_UP, clean_up_job
from idp.store.sql.tables import contexts, metadata
from tests.factories import (
    MOBILE,
    grant,
    invitation,
    one_time_code,
    pending_sign_in,
    recovery,
    refresh_token,
    refusal,
    session,
    step_one,
)
from tests.services.laboratory import persona_of
from tests.web.growth import KEPT_FOR_GOOD

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def rows(any_lab, migrated_url):
    """Count the rows of a table."""
    engine = create_engine(migrated_url)

    def count(table):
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(metadata.tables[table]))

    yield count
    engine.dispose()


def fill(lab):
    """Put a row into every table that visitors can make grow."""
    now = lab.clock()
    application, known = persona_of("ok_male")
    lab.registries.people[application.national_id.value] = known
    lab.submit(application)
    with lab.begin() as work:
        work.step_ones.put(step_one(expires_at=now + 2 * HOUR))
        work.recoveries.put(recovery(expires_at=now + HOUR))
        work.pending_sign_ins.put(pending_sign_in(expires_at=now + HOUR))
        work.codes.put(one_time_code(asked_at=now + HOUR, good_until=now + HOUR), is_sent=True)
        work.single_use.take("jti", "1", expires_at=now + HOUR)
        work.contexts.put("1", "sealed", now + HOUR)
        work.counters.take("1", limit=1, per=30 * DAY, now=now)
        work.sessions.add(session(created_at=now, last_seen_at=now), "token")
        work.sessions.visit("session-1", "portal", now)
        work.grants.add(grant(created_at=now, expires_at=now + 90 * DAY, offline=True))
        work.grants.add_refresh(refresh_token(created_at=now, expires_at=now + 14 * DAY))
        work.invitations.add(invitation(expires_at=now + HOUR))
        work.refusals.add(refusal(first_at=now, last_at=now))
        job = Job(kind="sms", subject="x", unique="dead", run_at=now)
        work.outbox.put(job)
    lab.ephemeral.hit("1", window=HOUR)
    lab.database.sms_inbox().add(InboxMessage(uid=1, to=MOBILE, text="متن", at=now))
    mail = {"to": EmailAddress("owner@example.ir"), "subject": "s", "text": "متن"}
    lab.database.mail_inbox().add(InboxMail(uid=1, **mail, at=now))


def test_every_table_that_visitors_can_fill_is_empty_in_the_end(any_lab, rows):  # attack_D05
    fill(any_lab)
    any_lab.work()
    any_lab.work_for(220 * DAY, step=10 * DAY)
    any_lab.clock.move(8 * DAY)
    any_lab.work()

    left = {name: rows(name) for name in metadata.tables if name not in KEPT_FOR_GOOD}
    jobs_of_the_clock = left.pop("jobs")
    assert jobs_of_the_clock == 1, "the clean-up of this hour"
    assert not any(left.values()), left


@pytest.mark.parametrize(("after", "kept"), [(89 * DAY, 1), (92 * DAY, 0)])
def test_a_session_is_known_for_ninety_days_after_it_must_have_ended(any_lab, rows, after, kept):
    with any_lab.begin() as work:
        now = any_lab.clock()
        work.sessions.add(session(created_at=now, last_seen_at=now), "token")
    any_lab.work_for(after, step=after)

    assert rows("sessions") == kept


def test_a_family_is_whole_while_it_lives(any_lab, rows):
    with any_lab.begin() as work:
        now = any_lab.clock()
        work.sessions.add(session(created_at=now, last_seen_at=now), "token")
        work.grants.add(grant(created_at=now, expires_at=now + 200 * DAY, offline=True))
        work.grants.add_refresh(refresh_token(expires_at=now + 14 * DAY))
        work.grants.take_refresh("refresh-1", sealed_successor="sealed", now=now)
    any_lab.work_for(150 * DAY, step=10 * DAY)

    assert [rows(table) for table in ("refresh_tokens", "grants", "sessions")] == [1, 1, 1]


def test_more_than_a_batch_goes_in_one_hour(any_lab, rows, migrated_url):
    engine = create_engine(migrated_url)
    many = [
        {"handle": str(n), "sealed": "sealed", "expires_at": any_lab.clock()}
        for n in range(2 * BATCH + 1)
    ]
    with engine.begin() as connection:
        connection.execute(insert(contexts), many)
    engine.dispose()

    any_lab.work()

    assert rows("contexts") == 0


def test_a_case_is_decided_between_two_batches(any_lab, migrated_url):
    """A long sweep must not keep citizens waiting."""
    swept, decided = [], []
    any_lab.ephemeral.forget_expired = lambda: swept.append(1) or (BATCH if len(swept) < 9 else 0)
    original = any_lab.registries.lookup
    any_lab.registries.lookup = lambda *who: decided.append(len(swept)) or original(*who)
    application, known = persona_of("ok_male")
    any_lab.registries.people[application.national_id.value] = known
    any_lab.clock.move(timedelta(seconds=1))
    any_lab.submit(application)

    any_lab.work()

    assert decided[0] < len(swept)


def test_a_parked_case_is_checked_again_however_many_letters_are_dead(any_lab):
    with any_lab.begin() as work:
        for number in range(101):
            work.outbox.put(
                Job(kind="sms", subject="x", unique=str(number), run_at=any_lab.clock())
            )
    application, known = persona_of("ok_male")
    any_lab.registries.people[application.national_id.value] = known
    case = any_lab.submit(application)
    original, any_lab.registries.lookup = any_lab.registries.lookup, lambda *who: 1 / 0
    any_lab.work_for(HOUR / 2, step=timedelta(minutes=5))
    any_lab.registries.lookup = original
    with any_lab.begin() as work:
        for number in range(101):
            work.outbox.put(
                Job(kind="sms", subject="x", unique=f"late-{number}", run_at=any_lab.clock())
            )

    any_lab.work_for(HOUR)

    assert any_lab.case(case).state is CaseState.ACTIVATED


def test_roles_whose_job_was_parked_are_asked_for_again(any_lab):
    original, any_lab.registries.roles = any_lab.registries.roles, lambda *who: 1 / 0
    application, known = persona_of("ok_male")
    any_lab.registries.people[application.national_id.value] = known
    any_lab.submit(application)
    any_lab.work_for(HOUR / 2, step=timedelta(minutes=5))
    any_lab.registries.roles = original

    any_lab.work_for(HOUR)

    assert any_lab.account_of(application.national_id).roles == ("insured",)


def test_a_branch_case_expires_after_ninety_days_and_says_so_in_the_audit(any_lab):
    any_lab.registries.phone = PhoneAnswer.MISMATCH
    application, known = persona_of("ok_male")
    any_lab.registries.people[application.national_id.value] = known
    case = any_lab.submit(application)
    any_lab.work_for(89 * DAY)
    assert any_lab.case(case).state is CaseState.BRANCH

    any_lab.work_for(DAY + HOUR)

    assert any_lab.case(case).state is CaseState.EXPIRED
    assert any_lab.case(case).application is None
    assert any_lab.actions(case.id) == ["case.branch", "case.expired"]


def test_counters_that_count_no_more_are_forgotten(any_lab):
    with any_lab.begin() as work:
        work.counters.take("password:somebody", limit=5, per=HOUR, now=any_lab.clock())
    any_lab.work_for(2 * HOUR)

    with any_lab.begin() as work:
        assert work.counters.forget_expired(any_lab.clock()) == 0


def test_a_counter_that_still_counts_stays(any_lab):
    with any_lab.begin() as work:
        work.counters.take("password:somebody", limit=1, per=3 * HOUR, now=any_lab.clock())
    any_lab.work_for(2 * HOUR)

    with any_lab.begin() as work:
        taken = work.counters.take("password:somebody", limit=1, per=3 * HOUR, now=any_lab.clock())
    assert not taken.allowed


def test_counters_by_network_that_have_expired_are_forgotten(any_lab):
    any_lab.ephemeral.hit("net:password:192.0.2.1", window=HOUR)
    any_lab.work_for(2 * HOUR)

    assert any_lab.ephemeral.forget_expired() == 0


def test_a_sealed_successor_is_wiped_within_the_minute(any_lab):  # D7
    with any_lab.begin() as work:
        work.grants.add(grant())
        work.grants.add_refresh(refresh_token(expires_at=any_lab.clock() + HOUR))
        work.grants.take_refresh("refresh-1", sealed_successor="sealed", now=any_lab.clock())
    any_lab.work_for(timedelta(minutes=1), step=timedelta(minutes=1))

    with any_lab.begin() as work:
        assert work.grants.find_refresh("refresh-1").successor is None


def test_without_the_development_gateways_there_is_no_inbox_to_forget(lab):
    lab.database.sms_inbox().add(InboxMessage(uid=1, to=MOBILE, text="متن", at=lab.clock()))
    mail = {"to": EmailAddress("owner@example.ir"), "subject": "s", "text": "متن"}
    lab.database.mail_inbox().add(InboxMail(uid=1, **mail, at=lab.clock()))
    lab.clock.move(30 * DAY)
    with lab.begin() as work:
        work.outbox.put(clean_up_job(lab.clock()))
        job = work.outbox.claim("test", lab.clock(), lease=HOUR, kinds=(CLEAN_UP,))
    replace(lab.use_cases().clean_up, inbox=None, mail_inbox=None).run(job)
    assert len(lab.database.sms_inbox().list()) == len(lab.database.mail_inbox().list()) == 1
