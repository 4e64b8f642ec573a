"""What each process of the hub publishes and signs with: one row a process."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, delete, func, select

from idp.ports import KeyReport
from idp.store.sql.upserts import insert_into
from idp.store.upkeep.key_tables import key_reports

ALIVE = timedelta(hours=1)
"""For so long a process that reports no more counts: it may be cut off from the database only."""

ROTATION = "rotation"
"""The row of what the folder held after the latest change, whoever made it."""

_TURN = 0x6B657973
"""The advisory lock of whoever changes keys: "keys" in ASCII."""


class KeyReports:
    """The key reports of all processes, and the turn of whoever changes keys."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take_turn(self) -> None:
        """Wait until nobody else changes keys, and keep others waiting until the commit.

        On SQLite each transaction that writes is alone.
        """
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(_TURN)))

    def put(self, report: KeyReport) -> None:
        """Replace the row of the process, and delete those of processes that are gone."""
        gone = key_reports.c.seen_at <= report.seen_at - ALIVE
        self._connection.execute(delete(key_reports).where(gone))
        row = {
            "seen_at": report.seen_at,
            "published": _written(report.published),
            "idle": _written(report.idle),
        }
        insert = insert_into(self._connection, key_reports).values(process=report.process, **row)
        self._connection.execute(insert.on_conflict_do_update(index_elements=["process"], set_=row))

    def alive(self, now: datetime) -> Sequence[KeyReport]:
        """Return the reports of the last hour, of processes only."""
        is_process = key_reports.c.process != ROTATION
        return self._some(is_process, key_reports.c.seen_at > now - ALIVE)

    def latest_change(self, now: datetime) -> Sequence[KeyReport]:
        """Return what the folder held after the latest change of the last hour, or nothing."""
        is_change = key_reports.c.process == ROTATION
        return self._some(is_change, key_reports.c.seen_at > now - ALIVE)

    def _some(self, *conditions: ColumnElement[bool]) -> Sequence[KeyReport]:
        statement = select(key_reports).where(*conditions).order_by(key_reports.c.process)
        return [_report(row) for row in self._connection.execute(statement).mappings()]


def _written(times: Mapping[str, datetime]) -> dict[str, str]:
    return {kid: at.isoformat() for kid, at in times.items()}


def _report(row: RowMapping) -> KeyReport:
    return KeyReport(
        process=row["process"],
        seen_at=row["seen_at"],
        published={kid: datetime.fromisoformat(at) for kid, at in row["published"].items()},
        idle={kid: datetime.fromisoformat(at) for kid, at in row["idle"].items()},
    )
