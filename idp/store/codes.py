"""One-time codes as rows."""

from datetime import datetime

from sqlalchemy import Connection, case, literal, null, update

from idp.domain.one_time_code import CODE_TRIES, CodePurpose, CodeTry, OneTimeCode
from idp.ports import BATCH
from idp.store.batches import delete_some
from idp.store.columns import Utc
from idp.store.tables import codes
from idp.store.upserts import insert_into


class SqlCodes:
    """The port ``Codes``."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, code: OneTimeCode) -> None:
        """Write the code; an earlier one of the same flow and purpose dies."""
        fresh = {
            "phone": code.phone,
            "digest": code.digest,
            "created_at": code.created_at,
            "expires_at": code.expires_at,
            "tries": 0,
            "used_at": None,
        }
        key = {"flow_id": code.flow_id, "purpose": code.purpose.value}
        statement = insert_into(self._connection, codes).values(key | fresh)
        self._connection.execute(statement.on_conflict_do_update(index_elements=[*key], set_=fresh))

    def attempt(self, flow_id: str, purpose: CodePurpose, digest: str, now: datetime) -> CodeTry:
        """Count one try and tell how it ended.

        The digest is keyed, so that the database's comparison tells a stranger nothing by its time.
        """
        statement = (
            update(codes)
            .where(
                codes.c.flow_id == flow_id,
                codes.c.purpose == purpose.value,
                codes.c.used_at.is_(None),
                codes.c.tries < CODE_TRIES,
                codes.c.expires_at > now,
            )
            .values(
                tries=codes.c.tries + 1,
                used_at=case((codes.c.digest == digest, literal(now, Utc)), else_=null()),
            )
            .returning(codes.c.used_at)
        )
        row = self._connection.execute(statement).first()
        if row is None:
            return CodeTry.DEAD
        return CodeTry.WRONG if row.used_at is None else CodeTry.RIGHT

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` that have expired; return how many."""
        return delete_some(self._connection, codes, codes.c.expires_at <= now, limit)
