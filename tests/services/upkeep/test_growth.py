"""Every table has an owner of its growth, and none grows by what visitors do, month after month."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, select

from idp.domain.people.account import AccountState
from idp.ports import Job
from idp.services.upkeep.clean_up import Retention
from idp.services.upkeep.growth import AUDIT, CLEAN_UP, OWNERS
from idp.store.sql.tables import metadata
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
AT_A_TIME = max(TOKENS // TIMES, 1)
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
            work.grants.add_refresh(refresh_token(name, grant_id=name, **life))
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


def retaining(lab, **days: int):
    """Let the laboratory's worker keep the audit, or closed accounts, for so many days."""
    for worker in lab.crew._workers:
        for handler in worker._handlers.values():
            use_case = getattr(handler.run, "__self__", None)
            if type(use_case).__name__ == "CleanUp":
                kept = {name: timedelta(days=number) for name, number in days.items()}
                object.__setattr__(use_case, "retention", Retention(**kept))
    return lab


def closed(lab) -> None:
    with lab.begin() as work:
        work.accounts.add(account())
        work.consents.save(consent())
        work.accounts.save(account().closed(at=lab.clock()))


def find(lab):
    with lab.begin(read_only=True) as work:
        return work.accounts.find("account-1"), work.consents.find("account-1", "portal")


def test_a_closed_account_is_deleted_after_its_retention(any_lab):
    retaining(any_lab, closed_accounts=30)
    closed(any_lab)
    any_lab.work_for(29 * DAY)
    assert find(any_lab)[0].state is AccountState.CLOSED

    any_lab.work_for(2 * DAY)

    assert find(any_lab) == (None, None)
    assert any_lab.actions("account-1")[-1] == "account.erased"


def test_without_a_retention_a_closed_account_stays(any_lab):
    closed(any_lab)
    any_lab.work_for(3650 * DAY)
    assert find(any_lab)[0] is not None


def test_an_account_in_use_has_no_retention(any_lab):
    retaining(any_lab, closed_accounts=30)
    with any_lab.begin() as work:
        work.accounts.add(account())
    any_lab.work_for(60 * DAY)
    assert find(any_lab)[0].is_active


@pytest.mark.parametrize("table", ["audit"])
def test_what_only_the_organisation_may_delete_says_by_which_setting(table):
    assert OWNERS[table] == AUDIT
