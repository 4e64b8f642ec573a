"""One-time codes as rows."""

from datetime import datetime

from sqlalchemy import Connection, RowMapping, and_, case, literal, null, select, update

from idp.domain.sign_in.one_time_code import (
    CODE_LIFE,
    CODE_TRIES,
    CodePurpose,
    CodeTry,
    OneTimeCode,
)
from idp.ports import BATCH
from idp.store.sql.batches import delete_some
from idp.store.sql.columns import Utc
from idp.store.sql.tables import codes
from idp.store.sql.upserts import insert_into


class Codes:
    """One-time codes; one live code per flow and purpose."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, code: OneTimeCode, *, is_sent: bool) -> None:
        """Write that a code was asked for; sent, an earlier one of the flow and purpose dies.

        Where none was sent, one that nobody has tried stays good. Tries begin anew, so one that was
        tried dies: five tries are all that a code gets. One statement serves both.
        """
        stays = and_(literal(not is_sent), codes.c.tries == 0, codes.c.used_at.is_(None))
        key = {"flow_id": code.flow_id, "purpose": code.purpose.value}
        asked = {"phone": code.phone, "asked_at": code.asked_at, "tries": 0, "used_at": None}
        secret = {"digest": code.digest, "good_until": code.good_until}
        kept = {name: case((stays, codes.c[name]), else_=new) for name, new in secret.items()}
        statement = insert_into(self._connection, codes).values(key | asked | secret)
        self._connection.execute(
            statement.on_conflict_do_update(index_elements=[*key], set_={**asked, **kept})
        )

    def find(self, flow_id: str, purpose: CodePurpose) -> OneTimeCode | None:
        """Return the code of the flow, a used or old one too, or None."""
        statement = select(codes).where(
            codes.c.flow_id == flow_id, codes.c.purpose == purpose.value
        )
        row = self._connection.execute(statement).mappings().first()
        return _code(row) if row else None

    def attempt(self, flow_id: str, purpose: CodePurpose, digest: str, now: datetime) -> CodeTry:
        """Count one try and tell how it ended.

        The digest is keyed, so that the database's comparison tells a stranger nothing by its time.
        """
        is_right = and_(codes.c.digest == digest, codes.c.good_until > now)
        statement = (
            update(codes)
            .where(
                codes.c.flow_id == flow_id,
                codes.c.purpose == purpose.value,
                codes.c.used_at.is_(None),
                codes.c.tries < CODE_TRIES,
                codes.c.asked_at > now - CODE_LIFE,
            )
            .values(
                tries=codes.c.tries + 1,
                used_at=case((is_right, literal(now, Utc)), else_=null()),
            )
            .returning(codes.c.used_at)
        )
        row = self._connection.execute(statement).first()
        if row is None:
            return CodeTry.DEAD
        return CodeTry.WRONG if row.used_at is None else CodeTry.RIGHT

    def forget_expired(self, now: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` that have expired; return how many."""
        return delete_some(self._connection, codes, codes.c.asked_at <= now - CODE_LIFE, limit)


def _code(row: RowMapping) -> OneTimeCode:
    return OneTimeCode(**{**row, "purpose": CodePurpose(row["purpose"])})
