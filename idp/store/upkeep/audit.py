"""The audit as a chain of rows; nothing here changes or deletes one.

Each entry has its number and a keyed digest over itself and the entry before, so that changing,
removing or inserting one without the key is detected (ASVS 16.4.2). A row of its own keeps the
head: the next entry follows that, and not whatever row was left as the newest (attack OP13).
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC

from sqlalchemy import (
    Connection,
    RowMapping,
    bindparam,
    func,
    insert,
    literal,
    select,
    true,
    update,
)

from idp.ports import AuditEntry, AuditHead, AuditLink, Operator
from idp.store.sql.prepared import Prepared
from idp.store.sql.sealing import Sealing
from idp.store.upkeep.audit_tables import audit, audit_heads

BEFORE_THE_FIRST = ""
NOTE_LOST = "the note of the head was lost"
THE_ONE = 1
READ_AT_ONCE = 5000
_TURN = Prepared(lambda _: select(func.pg_advisory_xact_lock(1635083369).label("turn")))
"""An advisory lock of the audit's own: one writer appends at a time."""
_NEWEST = select(func.max(audit.c.id)).scalar_subquery()
# One row, whether there is a head or not.
_ONE = select(literal(1).label("one")).subquery()
_HEAD = Prepared(
    lambda _: select(
        _NEWEST.label("newest"), audit_heads.c.number, audit_heads.c.chain, audit_heads.c.seal
    ).select_from(_ONE.outerjoin(audit_heads, true()))
)
_ADD = Prepared(
    lambda _: insert(audit).values({one.name: bindparam(one.name) for one in audit.columns})
)
_MOVE = Prepared(
    lambda _: update(audit_heads).values(
        {name: bindparam(name) for name in ("number", "chain", "seal")}
    )
)


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

    def add(self, entry: AuditEntry) -> None:
        """Append the entry; it is committed with the act's transaction."""
        self._added.append(replace(entry, details={**self._by, **entry.details}))

    def finish(self) -> None:
        """Write the added entries, each chained to the one before."""
        if not self._added:
            return
        if self._connection.dialect.name == "postgresql":
            _TURN.first(self._connection)
        head = self._to_follow()
        for entry in self._added:
            head = self._next(head, entry)
            _ADD.run(
                self._connection,
                id=head.number,
                at=entry.at,
                actor=entry.actor,
                action=entry.action,
                subject=entry.subject,
                details=dict(entry.details),
                chain=head.chain,
            )
        self._write_head(head)
        self._added.clear()

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
        """Yield every entry with whether it follows the one before, the oldest first."""
        self.finish()
        before = AuditHead(0, BEFORE_THE_FIRST)
        for row in self._rows():
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

    def _noted(self) -> tuple[AuditHead | None, int]:
        """Return the head as it was stored, and the number of the newest entry."""
        (row,) = _HEAD.all(self._connection)
        newest: int = row["newest"] or 0
        if row["number"] is None:
            return None if newest else AuditHead(0, BEFORE_THE_FIRST), newest
        head = AuditHead(row["number"], row["chain"])
        return head if row["seal"] == self._seal(head) else None, newest

    def _to_follow(self) -> AuditHead:
        """Return the head that the next entry follows.

        When the stored head is lost, or entries exist past it, the next one follows no real entry:
        `idp audit verify` reports that break for ever, and the hub keeps working.
        """
        head, newest = self._noted()
        if head is None or head.number < newest:
            return AuditHead(max(newest, head.number if head else 0), NOTE_LOST)
        return head

    def _write_head(self, head: AuditHead) -> None:
        written = {"number": head.number, "chain": head.chain, "seal": self._seal(head)}
        if not _MOVE.run(self._connection, **written):
            self._connection.execute(insert(audit_heads).values(id=THE_ONE, **written))

    def _seal(self, head: AuditHead) -> str:
        return self._sealing.audit_link(json.dumps(["head", head.number, head.chain]))

    def _next(self, before: AuditHead, entry: AuditEntry) -> AuditHead:
        number = before.number + 1
        return AuditHead(number, self._link(before.chain, number, entry))

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
