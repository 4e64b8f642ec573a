"""The audit as a chain of rows; nothing here changes one, and only the oldest are ever deleted.

Each entry has its number and a keyed digest over itself and the entry before, so that changing,
removing or inserting one without the key is detected (ASVS 16.4.2). A row of its own keeps the
head: the next entry follows that, and not whatever row was left as the newest (attack OP13).
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    RowMapping,
    Select,
    Update,
    bindparam,
    delete,
    func,
    insert,
    literal,
    select,
    true,
    update,
)

from idp.ports import BATCH, AuditEntry, AuditHead, AuditLink, BrokenChain, Operator
from idp.store.sql.columns import BIG_ID
from idp.store.sql.commits import commit_and_wait, commit_later, set_until_commit
from idp.store.sql.prepared import Prepared, Row, Statement
from idp.store.sql.retention_tables import audit_cuts
from idp.store.sql.sealing import Sealing
from idp.store.sql.upserts import insert_into
from idp.store.upkeep.audit_tables import audit, audit_heads

BEFORE_THE_FIRST = ""
NOTE_LOST = "the note of the head was lost"
THE_ONE = 1
READ_AT_ONCE = 5000
_LOCK = 1635083369
"""The advisory lock of the audit's own: one writer appends at a time."""
_HELD_SILENTLY = "3s"
"""How long PostgreSQL lets a writer who says nothing keep the turn: its machine may be gone, and
everybody else waits (fault F29). Between two statements a writer computes for milliseconds."""
_NEWEST = select(func.max(audit.c.id)).scalar_subquery()
# One row, whether there is a head or not.
_ONE = select(literal(1).label("one")).subquery()
_HEAD = Prepared(
    lambda _: select(
        _NEWEST.label("newest"), audit_heads.c.number, audit_heads.c.chain, audit_heads.c.seal
    ).select_from(_ONE.outerjoin(audit_heads, true()))
)


def _turn(dialect: str) -> Statement:
    """Return the look at the head by who writes next, and holds the turn until the commit.

    The turn ends before the commit is on the disk: else one entry a write of the disk were all.
    PostgreSQL takes its snapshot before it waits for the turn. Of a row that is locked it returns
    the newest version all the same: the head that the writer before has moved.
    """
    head = select(
        _NEWEST.label("newest"), audit_heads.c.number, audit_heads.c.chain, audit_heads.c.seal
    )
    if dialect != "postgresql":  # SQLite has one writer
        return head
    turn = _turn_alone().subquery("turn")
    return head.add_columns(*turn.c).with_for_update(of=audit_heads)


def _turn_alone() -> Select[Any, str, str]:
    silence = set_until_commit("idle_in_transaction_session_timeout", _HELD_SILENTLY)
    return select(
        func.pg_advisory_xact_lock(_LOCK).label("turn"),
        commit_later().label("later"),
        silence.label("silence"),
    )


_TURN = Prepared(_turn)
_TURN_ALONE = Prepared(lambda _: _turn_alone())


def _add(_dialect: str) -> Insert:
    return insert(audit).values({one.name: bindparam(one.name) for one in audit.columns})


def _move(_dialect: str) -> Update:
    head = {"number": bindparam("id", type_=BIG_ID), "chain": bindparam("chain")}
    return update(audit_heads).values(**head, seal=bindparam("seal"))


def _add_and_move(dialect: str) -> Statement:
    """Return both in one statement; SQLite has none that changes two tables."""
    return _move(dialect).add_cte(_add(dialect).returning(audit.c.id).cte("entry"))


_ADD, _MOVE, _ADD_AND_MOVE = Prepared(_add), Prepared(_move), Prepared(_add_and_move)


class Audit:
    """The audit; written in the transaction of the act.

    ``finish`` writes the added entries, last in the transaction: writers wait for each other only
    while one commits, and cannot deadlock.
    """

    def __init__(
        self, connection: Connection, sealing: Sealing, operator: Operator | None = None
    ) -> None:
        """Every entry names ``operator``, as the operating system knows them (attack OP10)."""
        self._by = {} if operator is None else {"operator": str(operator)}
        self._connection = connection
        self._sealing = sealing
        self._added: list[AuditEntry] = []
        self._is_to_wait = False

    def add(self, entry: AuditEntry) -> None:
        """Append the entry; it is committed with the act's transaction."""
        self._added.append(replace(entry, details={**self._by, **entry.details}))

    def finish(self) -> None:
        """Write the added entries, each chained to the one before."""
        if not self._added:
            return
        head = self._to_follow()
        *others, last = self._added
        for entry in others:
            head, row = self._next(head, entry)
            _ADD.run(self._connection, **row)
        self._add_last(*self._next(head, last))
        self._added.clear()

    def commit(self) -> None:
        """Write what was added and, where an entry was written, commit; the last of all.

        On PostgreSQL the next writer goes on while this one waits for the disk.
        """
        self.finish()
        if self._is_to_wait and self._connection.dialect.name == "postgresql":
            commit_and_wait(self._connection)

    def tail(self, limit: int = 50, *, subject: str | None = None) -> Sequence[AuditEntry]:
        """Return the newest entries, oldest of them first."""
        self.finish()
        statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if subject is not None:
            statement = statement.where(audit.c.subject == subject)
        newest_first = self._connection.execute(statement).mappings().all()
        return [_entry(row) for row in reversed(newest_first)]

    def page(
        self, subject: str, actions: Collection[str], *, skip: int, limit: int
    ) -> Sequence[AuditEntry]:
        """Return entries about ``subject`` with these actions, the newest first."""
        self.finish()
        statement = (
            select(audit)
            .where(audit.c.subject == subject, audit.c.action.in_(sorted(actions)))
            .order_by(audit.c.id.desc())
            .offset(skip)
            .limit(limit)
        )
        return [_entry(row) for row in self._connection.execute(statement).mappings()]

    def links(self) -> Iterator[AuditLink]:
        """Yield every entry with whether it follows the one before, the oldest first.

        The first one follows the last that was cut off.
        """
        self.finish()
        yield from self._linked(self.beginning() or AuditHead(0, BEFORE_THE_FIRST), self._rows())

    def beginning(self) -> AuditHead | None:
        """Return the last entry that was cut off, number 0 when none was.

        None: the seal of its row is broken. Only the hub can say that entries were cut by right.
        """
        row = self._connection.execute(select(audit_cuts)).mappings().first()
        if row is None:
            return AuditHead(0, BEFORE_THE_FIRST)
        cut = AuditHead(row["number"], row["chain"])
        return cut if row["seal"] == self._seal_of_cut(cut) else None

    def cut(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` of the oldest entries, written before ``before``.

        Return the number of the last one, 0 when none is that old. The chain still verifies: the
        end of what was cut is kept, sealed. Raises BrokenChain: a break is never cut off.
        """
        self.finish()
        statement = select(audit).order_by(audit.c.id).limit(limit)
        oldest = self._connection.execute(statement).mappings().all()
        old = [row for row in oldest if row["at"] < before]
        beginning = self.beginning()
        if beginning is None or not all(link.fits for link in self._linked(beginning, old)):
            raise BrokenChain
        if not old:
            return 0
        self._note_cut(AuditHead(old[-1]["id"], old[-1]["chain"]))
        self._connection.execute(delete(audit).where(audit.c.id <= old[-1]["id"]))
        return int(old[-1]["id"])

    def _note_cut(self, cut: AuditHead) -> None:
        values = {"number": cut.number, "chain": cut.chain, "seal": self._seal_of_cut(cut)}
        statement = insert_into(self._connection, audit_cuts).values(id=THE_ONE, **values)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=["id"], set_=values)
        )

    def _seal_of_cut(self, cut: AuditHead) -> str:
        return self._sealing.audit_link(json.dumps(["cut", cut.number, cut.chain]))

    def _linked(self, before: AuditHead, rows: Iterable[RowMapping]) -> Iterator[AuditLink]:
        for row in rows:
            entry, number = _entry(row), row["id"]
            missing = number - before.number - 1
            fits = row["chain"] == self._link(before.chain, number, entry) and not missing
            before = AuditHead(number, row["chain"])
            yield AuditLink(id=number, entry=entry, chain=before.chain, fits=fits, missing=missing)

    def head(self) -> AuditHead | None:
        """Return the head as the hub stored it; None when its row is lost or its seal broken.

        Its number is 0 while the audit is empty.
        """
        self.finish()
        return self._noted()[0]

    def settled_head(self) -> AuditHead | None:
        """Return the head as ``head`` does; it is on the disk when the transaction has ended.

        For who tells others of it: the head of a commit that waits can still be lost.
        """
        self._is_to_wait = True
        return self.head()

    def _noted(self) -> tuple[AuditHead | None, int]:
        """Return the head as it was stored, and the number of the newest entry."""
        (row,) = _HEAD.all(self._connection)
        return self._read(row)

    def _read(self, row: Row) -> tuple[AuditHead | None, int]:
        newest: int = row["newest"] or 0
        if row["number"] is None:
            return None if newest else AuditHead(0, BEFORE_THE_FIRST), newest
        head = AuditHead(row["number"], row["chain"])
        return head if row["seal"] == self._seal(head) else None, newest

    def _to_follow(self) -> AuditHead:
        """Take the turn, and return the head that the next entry follows.

        When the stored head is lost, or entries exist past it, the next one follows no real entry:
        `idp audit verify` reports that break for ever, and the hub keeps working.
        """
        self._is_to_wait = True
        row = _TURN.first(self._connection)
        head, newest = self._read(row) if row is not None else self._without_head()
        if head is None or head.number < newest:
            return AuditHead(max(newest, head.number if head else 0), NOTE_LOST)
        return head

    def _without_head(self) -> tuple[AuditHead | None, int]:
        """Take the turn, which a look that found no row may not have done, and look again."""
        if self._connection.dialect.name == "postgresql":
            _TURN_ALONE.first(self._connection)
        return self._noted()

    def _add_last(self, head: AuditHead, row: Row) -> None:
        """Add the entry that is the new head, and move the head to it."""
        values = {**row, "seal": self._seal(head)}
        if self._connection.dialect.name == "postgresql":
            is_moved = _ADD_AND_MOVE.run(self._connection, **values)
        else:
            _ADD.run(self._connection, **values)
            is_moved = _MOVE.run(self._connection, **values)
        if not is_moved:
            noted = {"number": head.number, "chain": head.chain, "seal": values["seal"]}
            self._connection.execute(insert(audit_heads).values(id=THE_ONE, **noted))

    def _seal(self, head: AuditHead) -> str:
        return self._sealing.audit_link(json.dumps(["head", head.number, head.chain]))

    def _next(self, before: AuditHead, entry: AuditEntry) -> tuple[AuditHead, Row]:
        """Return the head after the entry, and the entry's row."""
        number = before.number + 1
        head = AuditHead(number, self._link(before.chain, number, entry))
        row = {
            "id": number,
            "at": entry.at,
            "actor": entry.actor,
            "action": entry.action,
            "subject": entry.subject,
            "details": dict(entry.details),
            "chain": head.chain,
        }
        return head, row

    def _rows(self) -> Iterator[RowMapping]:
        """Yield the rows in pages by id: one statement over millions of rows would time out."""
        after = 0
        while True:
            statement = select(audit).where(audit.c.id > after).order_by(audit.c.id)
            rows = self._connection.execute(statement.limit(READ_AT_ONCE)).mappings().all()
            yield from rows
            if len(rows) < READ_AT_ONCE:
                return
            after = rows[-1]["id"]

    def _link(self, before: str, number: int, entry: AuditEntry) -> str:
        said = [
            before,
            number,
            entry.at.astimezone(UTC).isoformat(),
            *(entry.actor, entry.action, entry.subject),
            dict(entry.details),
        ]
        return self._sealing.audit_link(json.dumps(said, sort_keys=True, separators=(",", ":")))


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        details=row["details"],
    )
