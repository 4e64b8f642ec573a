"""The audit as rows; nothing here changes or deletes one."""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, RowMapping, insert, select

from idp.ports import AuditEntry
from idp.store.tables import audit


class SqlAudit:
    """The port ``Audit``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, entry: AuditEntry) -> None:
        """Append; it stands when the act's transaction stands."""
        self._connection.execute(
            insert(audit).values(
                at=entry.at,
                actor=entry.actor,
                action=entry.action,
                subject=entry.subject,
                details=dict(entry.details),
            )
        )

    def tail(self, limit: int = 50, *, subject: str | None = None) -> Sequence[AuditEntry]:
        """Return the newest entries, oldest of them first."""
        statement = select(audit).order_by(audit.c.id.desc()).limit(limit)
        if subject is not None:
            statement = statement.where(audit.c.subject == subject)
        newest_first = self._connection.execute(statement).mappings().all()
        return [_entry(row) for row in reversed(newest_first)]

    def page(
        self, subject: str, actions: Collection[str], *, skip: int, limit: int
    ) -> Sequence[AuditEntry]:
        """Return entries about ``subject`` with these actions, the newest first."""
        statement = (
            select(audit)
            .where(audit.c.subject == subject, audit.c.action.in_(sorted(actions)))
            .order_by(audit.c.id.desc())
            .offset(skip)
            .limit(limit)
        )
        return [_entry(row) for row in self._connection.execute(statement).mappings()]


def _entry(row: RowMapping) -> AuditEntry:
    return AuditEntry(
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        details=row["details"],
    )
