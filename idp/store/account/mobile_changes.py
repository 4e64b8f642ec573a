"""Changes of mobiles as rows; the new number is sealed, and wiped by the decision."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, Select, select, update

from idp.domain.people.mobile import Mobile
from idp.domain.people.mobile_change import ChangeState, MobileChange
from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import mobile_changes
from idp.store.sql.upserts import insert_new

PURPOSE = "mobile_change"
KEEP = timedelta(days=90)


class MobileChanges:
    """Changes of mobiles; at most one of an account waits."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def add(self, change: MobileChange) -> bool:
        """Insert; False while another change of the account waits (nothing is written)."""
        return insert_new(self._connection, mobile_changes, self._row(change))

    def save(self, change: MobileChange) -> None:
        """Write the whole change."""
        statement = update(mobile_changes).where(mobile_changes.c.id == change.id)
        self._connection.execute(statement.values(self._row(change)))

    def find(self, change_id: str) -> MobileChange | None:
        """Return the change, or None."""
        return self._first(select(mobile_changes).where(mobile_changes.c.id == change_id))

    def lock(self, change_id: str) -> MobileChange | None:
        """Return the change, locked until the transaction ends; lock its account first."""
        mine = select(mobile_changes).where(mobile_changes.c.id == change_id)
        return self._first(mine.with_for_update())

    def latest(self, account_id: str) -> MobileChange | None:
        """Return the newest change of the account, or None."""
        return self._first(
            select(mobile_changes)
            .where(mobile_changes.c.account_id == account_id)
            .order_by(mobile_changes.c.asked_at.desc())
            .limit(1)
        )

    def forget_decided(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` changes decided over 90 days ago; return how many."""
        old = mobile_changes.c.decided_at < now - KEEP
        return delete_some(self._connection, mobile_changes, old, limit)

    def _first(self, statement: Select[*tuple[Any, ...]]) -> MobileChange | None:
        row = self._connection.execute(statement).mappings().first()
        return self._change(row) if row else None

    def _row(self, change: MobileChange) -> dict[str, Any]:
        return {
            "id": change.id,
            "account_id": change.account_id,
            "epoch": change.epoch,
            "sealed": self._sealed(change),
            "state": change.state.value,
            "asked_at": change.asked_at,
            "decided_at": change.decided_at,
            "reason": change.reason,
        }

    def _sealed(self, change: MobileChange) -> str | None:
        if change.mobile is None:
            return None
        values = {"mobile": change.mobile.e164}
        return self._sealing.seal(values, purpose=PURPOSE, bound_to=change.id)

    def _change(self, row: RowMapping) -> MobileChange:
        mobile = None
        if row["sealed"] is not None:
            opened = self._sealing.open(row["sealed"], purpose=PURPOSE, bound_to=row["id"])
            mobile = Mobile(opened["mobile"])
        return MobileChange(
            id=row["id"],
            account_id=row["account_id"],
            epoch=row["epoch"],
            mobile=mobile,
            state=ChangeState(row["state"]),
            asked_at=row["asked_at"],
            decided_at=row["decided_at"],
            reason=row["reason"],
        )
