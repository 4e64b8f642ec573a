"""What visitors leave in the tables for good (attack D05)."""

from datetime import timedelta

from sqlalchemy import create_engine, func, select

from idp.services.upkeep.clean_up import CLEAN_UP, CleanUp, clean_up_job
from idp.store.database import Database
from idp.store.sql.tables import metadata
from tests import fakes
from tests.fakes import PlainVault
from tests.web.hub import Hub

KEPT_FOR_GOOD = {
    *("accounts", "audit", "audit_heads", "consents", "clients", "changes", "releases"),
    *("clock_shift", "registry_people", "audit_cuts", "closed_accounts"),
}
"""One row a person, portal (and set of claims told to it) or act, or one; what operators load."""


def left_for_good(hub: Hub, url: str) -> dict[str, int]:
    """Let a year pass and the hourly clean-up run; return the rows that stay, by table."""
    database = Database(url, PlainVault())
    try:
        sweep = CleanUp(
            kernel=fakes.kernel(hub.deps.begin, hub.clock),
            ephemeral=database.ephemeral(hub.clock),
            longest_session=timedelta(hours=12),
        )
        _finish_all(hub)
        for _ in range(2):  # the second forgets the jobs of the first
            hub.clock.move(timedelta(days=365))
            _clean_up(hub, sweep)
    finally:
        database.close()
    counted = {name: _rows(url, name) for name in metadata.tables if name not in KEPT_FOR_GOOD}
    counted["jobs"] -= 1  # the clean-up of this hour
    return {name: rows for name, rows in counted.items() if rows}


def _finish_all(hub: Hub) -> None:
    """Do as the worker does with a job, whatever it is for."""
    with hub.deps.begin() as work:
        while job := work.outbox.claim("test", hub.clock(), lease=timedelta(minutes=1)):
            work.outbox.finish(job, hub.clock())


def _clean_up(hub: Hub, sweep: CleanUp) -> None:
    with hub.deps.begin() as work:
        work.outbox.put(clean_up_job(hub.clock()))
    while True:
        with hub.deps.begin() as work:
            job = work.outbox.claim(
                "test", hub.clock(), lease=timedelta(minutes=1), kinds=(CLEAN_UP,)
            )
        if job is None:
            return
        sweep.run(job)


def _rows(url: str, table: str) -> int:
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(metadata.tables[table])) or 0
    finally:
        engine.dispose()
