"""The release log as rows: one for each account, client and set of claims."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, select

from idp.domain.authorization.release import RELEASE_STEP, Release
from idp.store.sql.tables import releases
from idp.store.sql.upserts import insert_into


class Releases:
    """The release log: names of the claims that each client got of each account, first and last."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def is_noted(
        self, account_id: str, client_id: str, claims: Sequence[str], now: datetime
    ) -> bool:
        """Return whether the release was written within the last hour; one look at the key."""
        key = _key(account_id, client_id, claims)
        conditions = [releases.c[name] == value for name, value in key.items()]
        last_at = self._connection.scalar(select(releases.c.last_at).where(*conditions))
        return last_at is not None and now - last_at < RELEASE_STEP

    def note(self, account_id: str, client_id: str, claims: Sequence[str], now: datetime) -> None:
        """Write the release, or its ``last_at``; of concurrent calls the latest time stays."""
        key = _key(account_id, client_id, claims)
        fresh = {"claims": sorted(claims), "first_at": now, "last_at": now}
        statement = insert_into(self._connection, releases).values(**key, **fresh)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[*key], set_={"last_at": now}, where=releases.c.last_at < now
            )
        )

    def of_account(self, account_id: str) -> Sequence[Release]:
        """Return the releases by client, the latest of each first."""
        statement = (
            select(releases)
            .where(releases.c.account_id == account_id)
            .order_by(releases.c.client_id, releases.c.last_at.desc(), releases.c.claims_digest)
        )
        return [
            Release(
                account_id=row["account_id"],
                client_id=row["client_id"],
                claims=tuple(row["claims"]),
                first_at=row["first_at"],
                last_at=row["last_at"],
            )
            for row in self._connection.execute(statement).mappings()
        ]


def _key(account_id: str, client_id: str, claims: Sequence[str]) -> dict[str, str]:
    digest = sha256(" ".join(sorted(claims)).encode()).hexdigest()
    return {"account_id": account_id, "client_id": client_id, "claims_digest": digest}
