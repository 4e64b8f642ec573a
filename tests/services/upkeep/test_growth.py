"""Every table has an owner of its growth, and none grows by what visitors do, month after month."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, select, update
from structlog.testing import capture_logs

from idp.domain.people.account import AccountState
from idp.ports import AuditEntry, ClaimedJob, Job
from idp.services.upkeep.clean_up import CLEAN_UP as CLEAN_UP_JOB
from idp.services.upkeep.clean_up import CleanUp, Retention, clean_up_job
from idp.services.upkeep.growth import AUDIT, CLEAN_UP, OWNERS
from idp.store.sql.tables import metadata
from idp.store.upkeep.audit_tables import audit
from tests.factories import (
    account,
    consent,
    grant,
    known_device,
    one_time_code,
    refresh_token,
    refusal,
    session,
)
from tests.services.laboratory import Laboratory

DAY = timedelta(days=1)
TOKENS = int(os.environ.get("TOKENS") or 600)
"""Of one run: `make flat TOKENS=1000000` issues a million."""
TIMES, STEP = 30, 10 * DAY
TOKENS_A_GRANT = 6
"""A refresh token, and those that it was exchanged for."""
AT_A_TIME = max(TOKENS // (TIMES * TOKENS_A_GRANT), 1)
STEADY = 12  # times, 120 days: by then the first rows of the longest kind are deleted


def test_every_table_has_an_owner_of_its_growth():
    assert set(OWNERS) == set(metadata.tables)


def sign_ins(lab: Laboratory, time: int) -> None:
    """Leave what sign-ins leave, with their tokens, codes and messages, and what refusals leave."""
    now = lab.clock()
    with lab.begin() as work:
        for number in range(AT_A_TIME):
            name = f"{time}-{number}"
            work.sessions.add(session(name, created_at=now, last_seen_at=now), name)
            work.sessions.visit(name, "portal", now)
            life = {"created_at": now, "expires_at": now + 30 * DAY}
            work.grants.add(grant(name, session_id=name, offline=True, **life))
            for turn in range(TOKENS_A_GRANT):
                work.grants.add_refresh(refresh_token(f"{name}-{turn}", grant_id=name, **life))
            work.devices.save(known_device(name, expires_at=now + 30 * DAY))
            work.codes.put(one_time_code(name, asked_at=now, good_until=now), is_sent=True)
            work.single_use.take("jti", name, expires_at=now + DAY)
            work.counters.take(name, limit=1, per=DAY, now=now)
            work.refusals.add(refusal(number % 3, first_at=now, last_at=now))
            job = Job(kind="test", subject="s", unique=name, run_at=now)
            work.outbox.put(job)
            work.outbox.finish(work.outbox.claim("w", now, lease=DAY, kinds=("test",)), now)


def rows_by_table(url: str) -> dict[str, int]:
    engine = create_engine(url)
    with engine.connect() as connection:
        counted = {
            name: connection.scalar(select(func.count()).select_from(table))
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return counted


def test_the_tables_stay_flat_while_months_go_by(lab, migrated_sqlite_url):
    after_months = {}
    for time in range(TIMES):
        sign_ins(lab, time)
        lab.clock.move(STEP)
        lab.work()
        if time == STEADY:
            after_months = rows_by_table(migrated_sqlite_url)
    in_the_end = rows_by_table(migrated_sqlite_url)
    grown = {
        table: (after_months[table], rows)
        for table, rows in in_the_end.items()
        if OWNERS[table] == CLEAN_UP and rows > after_months[table]
    }
    assert grown == {}
    assert in_the_end["refresh_tokens"] > 0


def clean_up(lab: Laboratory, **days: int) -> None:
    """Clean up as the worker does in an hour, with a retention of so many days."""
    sweep = CleanUp(
        kernel=lab.kernel,
        ephemeral=lab.ephemeral,
        longest_session=timedelta(hours=12),
        retention=Retention(**{name: timedelta(days=number) for name, number in days.items()}),
    )
    with lab.begin() as work:
        work.outbox.put(clean_up_job(lab.clock()))
    while job := _claimed(lab):
        sweep.run(job)


def _claimed(lab: Laboratory) -> ClaimedJob | None:
    with lab.begin() as work:
        return work.outbox.claim("w", lab.clock(), lease=DAY, kinds=(CLEAN_UP_JOB,))


def closed(lab) -> None:
    with lab.begin() as work:
        work.accounts.add(account())
        work.consents.save(consent())
        work.accounts.save(account().closed(at=lab.clock()))


def find(lab):
    with lab.begin(read_only=True) as work:
        return work.accounts.find("account-1"), work.consents.find("account-1", "portal")


def test_a_closed_account_is_deleted_after_its_retention(any_lab):
    closed(any_lab)
    any_lab.clock.move(29 * DAY)
    clean_up(any_lab, closed_accounts=30)
    assert find(any_lab)[0].state is AccountState.CLOSED

    any_lab.clock.move(2 * DAY)
    clean_up(any_lab, closed_accounts=30)

    assert find(any_lab) == (None, None)
    assert any_lab.actions("account-1")[-1] == "account.erased"


def test_without_a_retention_nothing_is_deleted(any_lab):
    closed(any_lab)
    put_entry(any_lab)
    any_lab.clock.move(3650 * DAY)
    clean_up(any_lab)
    assert find(any_lab)[0] is not None
    assert actions(any_lab) == ["acted"]


def test_an_account_in_use_has_no_retention(any_lab):
    with any_lab.begin() as work:
        work.accounts.add(account())
    any_lab.clock.move(60 * DAY)
    clean_up(any_lab, closed_accounts=30)
    assert find(any_lab)[0].is_active


def put_entry(lab: Laboratory) -> None:
    with lab.begin() as work:
        work.audit.add(AuditEntry(at=lab.clock(), actor="hub", action="acted", subject="x"))


def actions(lab: Laboratory) -> list[str]:
    with lab.begin(read_only=True) as work:
        assert all(link.fits for link in work.audit.links())
        return [entry.action for entry in work.audit.tail(50)]


def test_old_entries_of_the_audit_are_cut_and_the_audit_says_so(any_lab):
    put_entry(any_lab)
    any_lab.clock.move(400 * DAY)
    put_entry(any_lab)
    clean_up(any_lab, audit=365)
    assert actions(any_lab) == ["acted", "audit.cut"]


def test_an_audit_without_old_entries_stays_as_it_is(any_lab):
    put_entry(any_lab)
    clean_up(any_lab, audit=365)
    assert actions(any_lab) == ["acted"]


def test_a_broken_chain_is_kept_as_evidence_and_is_an_alarm(lab, migrated_sqlite_url):
    put_entry(lab)
    engine = create_engine(migrated_sqlite_url)
    with engine.begin() as connection:
        connection.execute(update(audit).values(actor="somebody"))
    engine.dispose()
    lab.clock.move(400 * DAY)

    with capture_logs() as logs:
        clean_up(lab, audit=365)

    assert [line["alarm"] for line in logs if "alarm" in line] == ["audit_broken"]
    with lab.begin(read_only=True) as work:
        assert [entry.action for entry in work.audit.tail(50)] == ["acted"]


@pytest.mark.parametrize("table", ["audit"])
def test_what_only_the_organisation_may_delete_says_by_which_setting(table):
    assert OWNERS[table] == AUDIT
