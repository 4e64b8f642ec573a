"""The log of refused requests of clients, as rows: a fixed number for each kind of refusal."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, case, select

from idp.domain.clients.refusal import Refusal
from idp.domain.clients.refusal_reasons import Reason
from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.tables import refusals
from idp.store.sql.upserts import insert_into

_PLACE = ("client_id", "endpoint", "reason", "slot")


class Refusals:
    """Lines of the clients' logs: one a place (client, endpoint, reason and slot)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, refusal: Refusal) -> None:
        """Count the refusal in its place; another one of the same place is replaced."""
        insert = insert_into(self._connection, refusals).values(_row(refusal))
        is_same = refusals.c.fingerprint == insert.excluded.fingerprint
        now = {name: insert.excluded[name] for name in _row(refusal) if name not in _PLACE}
        counted = {
            "count": case((is_same, refusals.c.count), else_=0) + insert.excluded.count,
            "first_at": case((is_same, refusals.c.first_at), else_=insert.excluded.first_at),
        }
        self._connection.execute(
            insert.on_conflict_do_update(index_elements=_PLACE, set_={**now, **counted})
        )

    def of_client(self, client_id: str) -> Sequence[Refusal]:
        """Return the lines of a client, the latest last."""
        statement = (
            select(refusals)
            .where(refusals.c.client_id == client_id)
            .order_by(refusals.c.last_at, *(refusals.c[name] for name in _PLACE))
        )
        return [_refusal(row) for row in self._connection.execute(statement).mappings()]

    def forget_before(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` lines whose last refusal was before then; return how many."""
        return delete_some(self._connection, refusals, refusals.c.last_at < before, limit)


def _row(refusal: Refusal) -> dict[str, object]:
    return {
        "client_id": refusal.client_id,
        "endpoint": refusal.endpoint,
        "reason": refusal.reason.value,
        "slot": refusal.slot,
        "fingerprint": refusal.fingerprint,
        "error": refusal.error,
        "details": dict(refusal.details),
        "is_proven": refusal.is_proven,
        "count": refusal.count,
        "first_at": refusal.first_at,
        "last_at": refusal.last_at,
    }


def _refusal(row: RowMapping) -> Refusal:
    return Refusal(
        client_id=row["client_id"],
        endpoint=row["endpoint"],
        error=row["error"],
        reason=Reason(row["reason"]),
        first_at=row["first_at"],
        last_at=row["last_at"],
        details=row["details"],
        count=row["count"],
        is_proven=row["is_proven"],
    )
