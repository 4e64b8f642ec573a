"""The deliveries of logout tokens (back-channel logout), read from the outbox."""

from builtins import list as list_of
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, RowMapping, case, select, update

from idp.domain.messages.delivery import (
    BACKCHANNEL_LOGOUT,
    NO_ADDRESS,
    Delivery,
    DeliveryState,
)
from idp.ports import BATCH
from idp.store.messages.logout_notices import put_notices
from idp.store.messages.outbox import DEAD, DONE, WAITING
from idp.store.sql.batches import counted, some_of
from idp.store.sql.tables import jobs, sessions

_OURS = jobs.c.kind == BACKCHANNEL_LOGOUT
_STATE = case(
    ((jobs.c.state == DONE) & (jobs.c.reason == NO_ADDRESS), DeliveryState.NOT_SENT.value),
    (jobs.c.state == DONE, DeliveryState.DELIVERED.value),
    (jobs.c.state == DEAD, DeliveryState.GIVEN_UP.value),
    ((jobs.c.tries > 0) & jobs.c.reason.is_not(None), DeliveryState.FAILED.value),
    else_=DeliveryState.WAITING.value,
)
"""A worker that died, and keys that cannot sign, are no failure of the portal: ``waiting``."""

_COLUMNS = (
    *(jobs.c.id, jobs.c.unique_key, jobs.c.created_at, jobs.c.tries, jobs.c.reason),
    *(jobs.c.run_at, jobs.c.lease_until, jobs.c.ended_at, jobs.c.state.label("job_state")),
    _STATE.label("delivery"),
)
"""Not the payload: it names the account and the session."""


class Deliveries:
    """The jobs of the back-channel logout, without their payload."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, session_id: str, now: datetime) -> None:
        """Put a delivery to each portal that the session has visited, due at once."""
        put_notices(self._connection, sessions.c.id == session_id, now, now)

    def list(
        self, *, client_id: str | None, state: DeliveryState | None, limit: int
    ) -> Sequence[Delivery]:
        """Return deliveries, the newest first."""
        statement = select(*_COLUMNS).where(_OURS).order_by(jobs.c.id.desc()).limit(limit)
        if client_id is not None:
            statement = statement.where(_is_for(client_id))
        if state is not None:
            statement = statement.where(_STATE.in_([state.value]))
        return list_of(map(_delivery, self._connection.execute(statement).mappings()))

    def revive(self, client_id: str, now: datetime, limit: int = BATCH) -> int:
        """Retry at most ``limit`` deliveries that were given up, with all their tries."""
        given_up = _OURS & (jobs.c.state == DEAD) & _is_for(client_id)
        revived = (
            update(jobs)
            .where(some_of(jobs, given_up, limit))
            .values(state=WAITING, run_at=now, tries=0, ended_at=None)
        )
        return counted(self._connection, revived.returning(jobs.c.id))


def _is_for(client_id: str) -> ColumnElement[bool]:
    return jobs.c.unique_key.endswith(f":{client_id}", autoescape=True)


def _delivery(row: RowMapping) -> Delivery:
    is_open = row["job_state"] == WAITING
    return Delivery(
        id=row["id"],
        client_id=row["unique_key"].rpartition(":")[2],
        state=DeliveryState(row["delivery"]),
        created_at=row["created_at"],
        tries=row["tries"],
        last_error=None if row["reason"] == NO_ADDRESS else row["reason"],
        next_try=(row["lease_until"] or row["run_at"]) if is_open else None,
        ended_at=row["ended_at"],
    )
