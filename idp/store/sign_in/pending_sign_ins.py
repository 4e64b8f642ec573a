"""Sign-ins between password and code, as rows."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, select

from idp.ports import BATCH, PendingSignIn
from idp.store.sql.batches import delete_some
from idp.store.sql.sealing import Sealing
from idp.store.sql.tables import pending_sign_ins
from idp.store.sql.upserts import insert_into

PURPOSE = "pending_sign_in"


class PendingSignIns:
    """Sign-ins between password and code."""

    def __init__(self, connection: Connection, sealing: Sealing) -> None:
        self._connection = connection
        self._sealing = sealing

    def put(self, pending: PendingSignIn) -> None:
        """Write the sign-in, in place of an earlier one of its browser and account."""
        fresh = {
            "sealed": self._sealing.seal(
                {"browser": pending.browser}, purpose=PURPOSE, bound_to=pending.id
            ),
            "account_id": pending.account_id,
            "epoch": pending.epoch,
            "password_at": pending.password_at,
            "expires_at": pending.expires_at,
        }
        statement = insert_into(self._connection, pending_sign_ins).values(id=pending.id, **fresh)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=fresh))

    def find(self, pending_id: str) -> PendingSignIn | None:
        """Return the pending sign-in, expired ones too, or None."""
        statement = select(pending_sign_ins).where(pending_sign_ins.c.id == pending_id)
        row = self._connection.execute(statement).mappings().first()
        return self._pending(row) if row else None

    def take(self, pending_id: str, now: datetime) -> PendingSignIn | None:
        """Remove and return the sign-in unless expired; of concurrent calls one gets it."""
        statement = (
            delete(pending_sign_ins)
            .where(pending_sign_ins.c.id == pending_id, pending_sign_ins.c.expires_at > now)
            .returning(pending_sign_ins)
        )
        row = self._connection.execute(statement).mappings().first()
        return self._pending(row) if row else None

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` expired sign-ins; return how many."""
        return delete_some(
            self._connection, pending_sign_ins, pending_sign_ins.c.expires_at <= now, limit
        )

    def _pending(self, row: RowMapping) -> PendingSignIn:
        personal = self._sealing.open(row["sealed"], purpose=PURPOSE, bound_to=row["id"])
        return PendingSignIn(
            id=row["id"],
            browser=personal["browser"],
            account_id=row["account_id"],
            epoch=row["epoch"],
            password_at=row["password_at"],
            expires_at=row["expires_at"],
        )
