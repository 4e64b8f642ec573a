"""The development gateway's messages as rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select

from idp.domain.people.mobile import Mobile
from idp.ports import BATCH, InboxMessage
from idp.store.development.tables import sms_inbox
from idp.store.sql.batches import delete_some
from idp.store.sql.sealing import Sealing
from idp.store.sql.transactions import Transactions
from idp.store.sql.upserts import insert_into

_PURPOSE = "sms_inbox"


class SqlSmsInbox:
    """The port ``SmsInbox``."""

    def __init__(self, transactions: Transactions, sealing: Sealing) -> None:
        self._transactions = transactions
        self._sealing = sealing

    def add(self, message: InboxMessage) -> None:
        """Insert the message, unless one with the same ``uid`` exists."""
        sealed = self._sealing.seal(
            {"to": message.to.e164, "text": message.text},
            purpose=_PURPOSE,
            bound_to=str(message.uid),
        )
        with self._transactions.begin() as connection:
            statement = insert_into(connection, sms_inbox).values(
                uid=message.uid, sealed=sealed, at=message.at
            )
            connection.execute(statement.on_conflict_do_nothing())

    def forget(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` messages from before ``before``; return how many."""
        with self._transactions.begin() as connection:
            return delete_some(connection, sms_inbox, sms_inbox.c.at < before, limit)

    def list(self, limit: int = 50) -> Sequence[InboxMessage]:
        """Return the messages, newest first."""
        newest = select(sms_inbox).order_by(sms_inbox.c.at.desc(), sms_inbox.c.uid.desc())
        with self._transactions.begin(read_only=True) as connection:
            rows = connection.execute(newest.limit(limit)).mappings().all()
        return [self._message(row) for row in rows]

    def _message(self, row: RowMapping) -> InboxMessage:
        values = self._sealing.open(row["sealed"], purpose=_PURPOSE, bound_to=str(row["uid"]))
        return InboxMessage(
            uid=row["uid"], to=Mobile(values["to"]), text=values["text"], at=row["at"]
        )
