"""The audit as rows that chain each other; nothing here changes or deletes one.

Each entry carries a keyed digest of itself and the one before, so that whoever changes, removes or
inserts one without the key is found (ASVS 16.4.2).
"""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import UTC

from sqlalchemy import Connection, RowMapping, insert, select, text

from idp.ports import AuditEntry, AuditLink, Operator
from idp.store.sealing import Sealing
from idp.store.tables import audit

BEFORE_THE_FIRST = ""
READ_AT_ONCE = 5000
_TURN = text("SELECT pg_advisory_xact_lock(1635083369)")
"""One writer appends at a time; the number is ours alone in the database."""


class SqlAudit:
    """The port ``Audit``.

    What was added is written by ``finish``, last in the transaction: writers wait for each other
    only while one commits, and nobody who waits holds what another needs.
    """

    def __init__(
        self, connection: Connection, sealing: Sealing, operator: Operator | None = None
    ) -> None:
        """Every entry names ``operator``, whom the operating system knows (attack OP10)."""
        self._by = {} if operator is None else {"operator": str(operator)}
        self._connection = connection
        self._sealing = sealing
        self._added: list[AuditEntry] = []

    def add(self, entry: AuditEntry) -> None:
        """Append; it stands when the act's transaction stands."""
        self._added.append(replace(entry, details={**self._by, **entry.details}))

    def finish(self) -> None:
        """Write what was added, each behind the one before."""
        if not self._added:
            return
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(_TURN)
        before = self._newest()
        for entry in self._added:
            before = self._link(before, entry)
            self._connection.execute(
                insert(audit).values(
                    at=entry.at,
                    actor=entry.actor,
                    action=entry.action,
                    subject=entry.subject,
                    details=dict(entry.details),
                    chain=before,
                )
            )
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
        before = BEFORE_THE_FIRST
        for row in self._rows():
            entry = _entry(row)
            fits = row["chain"] == self._link(before, entry)
            yield AuditLink(id=row["id"], entry=entry, chain=row["chain"], fits=fits)
            before = row["chain"]

    def head(self) -> str:
        """Return the digest of the newest entry, nothing when there is none."""
        self.finish()
        return self._newest()

    def _newest(self) -> str:
        newest = select(audit.c.chain).order_by(audit.c.id.desc()).limit(1)
        return self._connection.execute(newest).scalar_one_or_none() or BEFORE_THE_FIRST

    def _rows(self) -> Iterator[RowMapping]:
        """Read by id: one statement over millions would be ended by its time-out."""
        after = 0
        while True:
            statement = select(audit).where(audit.c.id > after).order_by(audit.c.id)
            rows = self._connection.execute(statement.limit(READ_AT_ONCE)).mappings().all()
            yield from rows
            if len(rows) < READ_AT_ONCE:
                return
            after = rows[-1]["id"]

    def _link(self, before: str, entry: AuditEntry) -> str:
        said = [
            before,
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
