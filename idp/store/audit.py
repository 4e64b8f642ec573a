"""The audit as rows; nothing here changes or deletes one."""

from collections.abc import Sequence

from sqlalchemy import Connection, insert, select

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
        return [
            AuditEntry(
                at=row["at"],
                actor=row["actor"],
                action=row["action"],
                subject=row["subject"],
                details=row["details"],
            )
            for row in reversed(newest_first)
        ]
