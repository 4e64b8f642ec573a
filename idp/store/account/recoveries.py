"""Recoveries as rows."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from idp.domain.people.national_id import NationalId
from idp.ports import BATCH, Recovery
from idp.store.sql.batches import delete_some
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import recoveries
from idp.store.sql.upserts import insert_into

PURPOSE = "recovery"


class Recoveries:
    """Recoveries: rows that live half an hour."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def put(self, recovery: Recovery) -> None:
        """Write the recovery, in place of an earlier one of its browser and national ID."""
        row = self._row(recovery)
        statement = insert_into(self._connection, recoveries).values(row)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=row))

    def find(self, recovery_id: str) -> Recovery | None:
        """Return the recovery, expired and used ones too, or None."""
        statement = select(recoveries).where(recoveries.c.id == recovery_id)
        row = self._connection.execute(statement).mappings().first()
        return self._recovery(row) if row else None

    def lock(self, recovery_id: str) -> Recovery | None:
        """Return it as ``find`` does, locked until the transaction ends (for concurrent starts)."""
        statement = select(recoveries).where(recoveries.c.id == recovery_id).with_for_update()
        row = self._connection.execute(statement).mappings().first()
        return self._recovery(row) if row else None

    def take(self, recovery_id: str, now: datetime) -> Recovery | None:
        """Mark a proven, unused, unexpired recovery used and return it.

        Of concurrent calls one gets it, the others None.
        """
        statement = (
            update(recoveries)
            .where(
                recoveries.c.id == recovery_id,
                recoveries.c.proven_at.is_not(None),
                recoveries.c.used_at.is_(None),
                recoveries.c.expires_at > now,
            )
            .values(used_at=now)
            .returning(recoveries)
        )
        row = self._connection.execute(statement).mappings().first()
        return self._recovery(row) if row else None

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired recoveries; return how many."""
        return delete_some(self._connection, recoveries, recoveries.c.expires_at <= now, limit)

    def _row(self, recovery: Recovery) -> dict[str, Any]:
        personal = {"browser": recovery.browser, "national_id": recovery.national_id.value}
        return {
            "id": recovery.id,
            "sealed": self._sealing.seal(personal, purpose=PURPOSE, bound_to=recovery.id),
            "account_id": recovery.account_id,
            "question_id": recovery.question_id,
            "expires_at": recovery.expires_at,
            "proven_at": recovery.proven_at,
            "used_at": recovery.used_at,
        }

    def _recovery(self, row: RowMapping) -> Recovery:
        personal = self._sealing.open(row["sealed"], purpose=PURPOSE, bound_to=row["id"])
        return Recovery(
            id=row["id"],
            browser=personal["browser"],
            national_id=NationalId(personal["national_id"]),
            account_id=row["account_id"],
            question_id=row["question_id"],
            expires_at=row["expires_at"],
            proven_at=row["proven_at"],
            used_at=row["used_at"],
        )
