"""What stands in the database's rows, past the repositories."""

from collections.abc import Sequence

from sqlalchemy import select

from idp.store.sql.tables import jobs
from idp.store.unit_of_work import UnitOfWork


def sealed_messages(work: UnitOfWork) -> Sequence[str | None]:
    """Return the sealed message of each job; None where it was wiped."""
    return list(work._connection.execute(select(jobs.c.sealed_message)).scalars())
