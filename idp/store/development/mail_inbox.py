"""The development mail server's mails as rows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import RowMapping, select

from idp.domain.people.email_address import EmailAddress
from idp.ports import BATCH, InboxMail
from idp.store.development.tables import mail_inbox
from idp.store.sql.batches import delete_some
from idp.store.sql.sealing import Sealing
from idp.store.sql.transactions import Transactions
from idp.store.sql.upserts import insert_into

_PURPOSE = "mail_inbox"


class SqlMailInbox:
    """The port ``MailInbox``."""

    def __init__(self, transactions: Transactions, sealing: Sealing) -> None:
        self._transactions = transactions
        self._sealing = sealing

    def add(self, mail: InboxMail) -> None:
        """Insert the mail, unless one with the same ``uid`` exists."""
        values = {"to": mail.to.value, "subject": mail.subject, "text": mail.text}
        sealed = self._sealing.seal(values, purpose=_PURPOSE, bound_to=str(mail.uid))
        with self._transactions.begin() as connection:
            statement = insert_into(connection, mail_inbox).values(
                uid=mail.uid, sealed=sealed, at=mail.at
            )
            connection.execute(statement.on_conflict_do_nothing())

    def forget(self, before: datetime, limit: int = BATCH) -> int:
        """Delete at most ``limit`` mails from before ``before``; return how many."""
        with self._transactions.begin() as connection:
            return delete_some(connection, mail_inbox, mail_inbox.c.at < before, limit)

    def list(self, limit: int = 50) -> Sequence[InboxMail]:
        """Return the mails, newest first."""
        newest = select(mail_inbox).order_by(mail_inbox.c.at.desc(), mail_inbox.c.uid.desc())
        with self._transactions.begin(read_only=True) as connection:
            rows = connection.execute(newest.limit(limit)).mappings().all()
        return [self._mail(row) for row in rows]

    def _mail(self, row: RowMapping) -> InboxMail:
        values = self._sealing.open(row["sealed"], purpose=_PURPOSE, bound_to=str(row["uid"]))
        return InboxMail(
            uid=row["uid"],
            to=EmailAddress(values["to"]),
            subject=values["subject"],
            text=values["text"],
            at=row["at"],
        )
