"""Jobs that tell portals of the end of a session, put for all portals of the sessions at once."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, func, literal, select

from idp.domain.messages.delivery import BACKCHANNEL_LOGOUT
from idp.store.messages.outbox import WAITING
from idp.store.sql.tables import jobs, session_visits, sessions
from idp.store.sql.upserts import insert_into


def unique_of_notice(session_id: str, client_id: str) -> str:
    """Return the unique key of the job that notifies the client of the end of the session."""
    return f"{BACKCHANNEL_LOGOUT}:{session_id}:{client_id}"


def put_notices(
    connection: Connection, which: ColumnElement[bool], now: datetime, run_at: datetime
) -> int:
    """Put a job for each portal that a session has visited; return how many.

    ``which`` chooses among ``sessions`` and ``session_visits``. A session that has ended before has
    its jobs already.
    """
    rows = _notices(connection, which, now, run_at)
    statement = (
        insert_into(connection, jobs)
        .from_select([column.name for column in rows.selected_columns], rows)
        .on_conflict_do_nothing(index_elements=["unique_key"])
        .returning(jobs.c.id)
    )
    return len(connection.execute(statement).all())


def _notices(
    connection: Connection, which: ColumnElement[bool], now: datetime, run_at: datetime
) -> Select[tuple[object, ...]]:
    session_id, client_id = sessions.c.id, session_visits.c.client_id
    names = {"client_id": client_id, "account_id": sessions.c.account_id, "session_id": session_id}
    pairs = [part for name, value in names.items() for part in (literal(name), value)]
    is_postgresql = connection.dialect.name == "postgresql"
    payload = (func.json_build_object if is_postgresql else func.json_object)(*pairs)
    columns = {
        jobs.c.kind: literal(BACKCHANNEL_LOGOUT),
        jobs.c.subject: session_id,
        jobs.c.unique_key: literal(f"{BACKCHANNEL_LOGOUT}:") + session_id + ":" + client_id,
        jobs.c.payload: payload,
        jobs.c.state: literal(WAITING),
        jobs.c.run_at: literal(run_at, jobs.c.run_at.type),
        jobs.c.fence: literal(0),
        jobs.c.tries: literal(0),
        jobs.c.created_at: literal(now, jobs.c.created_at.type),
    }
    chosen = [value.label(column.name) for column, value in columns.items()]
    visits = sessions.join(session_visits, session_visits.c.session_id == sessions.c.id)
    return select(*chosen).select_from(visits).where(which).order_by(session_id, client_id)
