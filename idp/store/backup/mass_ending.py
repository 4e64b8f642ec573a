"""Ending rights of everybody, in short transactions: after a restore, or after a leak (F28, F35).

No account is written: sessions, grants, devices and what is under way have rows of their own, and a
sealed code is good only while its session lives. So the cost grows with what is alive, not with the
accounts (`make leak-drill`).
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    and_,
    column,
    delete,
    func,
    insert,
    select,
    table,
    true,
    tuple_,
    update,
)

from idp.ports import MAIL
from idp.store.messages.logout_notices import put_notices
from idp.store.messages.outbox import DEAD, EXPIRED, WAITING
from idp.store.sql import tables
from idp.store.sql.transactions import Transactions

ROWS_AT_ONCE = 5000
TELLING_SESSIONS_AT_ONCE = 250
"""Each may have visited dozens of portals, and the logout tokens of all are put by one statement,
which the server ends after ``STATEMENT_TIMEOUT``."""
FIRST_FREE = 1_000_000_000
"""How far the numbers of messages jump: none that a gateway has seen names another message."""

_SEQUENCE = "jobs_id_seq"
_NUMBERS = table("sqlite_sequence", column("name"), column("seq"))
Change = Callable[[Connection, ColumnElement[bool]], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notices:
    """Which portals get logout tokens, and how many tokens fall due a second."""

    clients: Collection[str]
    a_second: int


class MassEnding:
    """Ends rights in transactions of at most 5000 rows; begun again after a crash, it goes on."""

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    def end_sessions(
        self, now: datetime, notices: Notices | None = None
    ) -> Iterator[tuple[str, int]]:
        """End all sessions that began before ``now``, with all that would outlive them.

        Yield table and rows after each transaction. ``notices``: portals get logout tokens, due one
        after another from ``now`` on, so that a citizen's own sign-out does not wait behind them.
        """
        end = _EndSessions(now, notices)
        at_once = ROWS_AT_ONCE if notices is None else TELLING_SESSIONS_AT_ONCE
        yield from self._each(tables.sessions, end, at_once)
        yield tables.jobs.name, end.notices_put
        # The others die with their session.
        offline = tables.grants.c.offline & tables.grants.c.revoked_at.is_(None)
        yield from self._set(tables.grants, offline, revoked_at=now)
        for rows in (tables.known_devices, tables.pending_sign_ins, tables.recoveries):
            yield from self._clear(rows)
        for rows in (tables.step_ones, tables.codes, tables.contexts):
            yield from self._clear(rows)

    def end_everything(self, now: datetime) -> Iterator[tuple[str, int]]:
        """End sessions, and all else that may have been used or revoked since the backup.

        Consents are asked for again, invitations are void, changes of a mobile begin anew.
        """
        yield from self.end_sessions(now)
        yield from self._clear(tables.refresh_tokens)
        yield from self._set(
            tables.consents, tables.consents.c.revoked_at.is_(None), revoked_at=now
        )
        yield from self._set(tables.invitations, tables.invitations.c.uses_left > 0, uses_left=0)
        changing = tables.mobile_changes.c.state == "waiting"
        yield from self._set(
            tables.mobile_changes,
            changing,
            state="refused",
            reason="restored",
            decided_at=now,
            sealed=None,
        )

    def settle_messages(self, now: datetime, codes: str) -> Iterator[tuple[str, int]]:
        """Let no message of before go out a second time; yield what happened, and to how many.

        Codes (jobs of the kind ``codes``) expire. Mails are parked, for no mail server can be asked
        about one. A text waits on, as one that an earlier worker may have sent: the gateway is
        asked first. Numbers of later messages begin where no gateway has seen one.
        """
        waiting = tables.jobs.c.state == WAITING
        ended = {"sealed_message": None, "ended_at": now, "reason": "restored"}
        free = {"lease_until": None, "worker": None}
        code = waiting & (tables.jobs.c.kind == codes)
        yield from self._set(tables.jobs, code, state=EXPIRED, **ended, **free)
        mail = waiting & (tables.jobs.c.kind == MAIL)
        yield from self._set(tables.jobs, mail, state=DEAD, **ended, **free)
        again = waiting & (tables.jobs.c.fence == 0)
        yield from self._set(tables.jobs, again, fence=1, **free)
        yield from self._set(tables.jobs, waiting & tables.jobs.c.worker.is_not(None), **free)
        with self._transactions.begin() as connection:
            _raise_numbers(connection)

    def _set(
        self, rows: Table, condition: ColumnElement[bool], **values: object
    ) -> Iterator[tuple[str, int]]:
        def change(connection: Connection, span: ColumnElement[bool]) -> int:
            statement = update(rows).where(span, condition).values(values)
            return connection.execute(statement).rowcount

        return self._each(rows, change, ROWS_AT_ONCE)

    def _clear(self, rows: Table) -> Iterator[tuple[str, int]]:
        def change(connection: Connection, span: ColumnElement[bool]) -> int:
            return connection.execute(delete(rows).where(span)).rowcount

        return self._each(rows, change, ROWS_AT_ONCE)

    def _each(self, rows: Table, change: Change, at_once: int) -> Iterator[tuple[str, int]]:
        """Change the rows by spans of their key, so many rows each, whether they match or not.

        No statement looks further for the few that match than the statement time-out allows.
        """
        key = tuple_(*rows.primary_key.columns)
        after: ColumnElement[bool] = true()
        last: tuple[Any, ...] | None = ()
        while last is not None:
            with self._transactions.begin() as connection:
                _commit_soon(connection)
                last = _end_of_span(connection, rows, after, at_once)
                span = after if last is None else and_(after, key <= last)
                changed = change(connection, span)
            yield rows.name, changed
            after = true() if last is None else key > last


@dataclass
class _EndSessions:
    """Ends the live sessions of a span, and puts the notices of these in the same transaction."""

    now: datetime
    notices: Notices | None
    notices_put: int = 0

    def __call__(self, connection: Connection, span: ColumnElement[bool]) -> int:
        ended_at = tables.sessions.c.ended_at
        live = span & ended_at.is_(None)
        ending = update(tables.sessions).where(live).values(ended_at=self.now)
        ended = connection.execute(ending).rowcount
        if self.notices is not None:
            told = tables.session_visits.c.client_id.in_(self.notices.clients)
            run_at = self.now + timedelta(seconds=self.notices_put / self.notices.a_second)
            which = span & (ended_at == self.now) & told
            self.notices_put += put_notices(connection, which, self.now, run_at)
        return ended


def _commit_soon(connection: Connection) -> None:
    """Let this commit not wait for the disk: the audit's entry at the end does, for all before."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _end_of_span(
    connection: Connection, rows: Table, after: ColumnElement[bool], at_once: int
) -> tuple[Any, ...] | None:
    """Return the key of the last row of the span, None when fewer rows than a span are left."""
    columns = rows.primary_key.columns
    statement = select(*columns).where(after).order_by(*columns)
    found = connection.execute(statement.offset(at_once - 1).limit(1)).first()
    return None if found is None else tuple(found)


def _raise_numbers(connection: Connection) -> None:
    newest = connection.scalar(select(func.max(tables.jobs.c.id))) or 0
    if connection.dialect.name == "postgresql":
        following = func.greatest(func.nextval(_SEQUENCE), newest) + FIRST_FREE
        connection.execute(select(func.setval(_SEQUENCE, following)))
        return
    used = connection.scalar(select(_NUMBERS.c.seq).where(_NUMBERS.c.name == "jobs")) or 0
    connection.execute(delete(_NUMBERS).where(_NUMBERS.c.name == "jobs"))
    seq = max(used, newest) + FIRST_FREE
    connection.execute(insert(_NUMBERS).values(name="jobs", seq=seq))
