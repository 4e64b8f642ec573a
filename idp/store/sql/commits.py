"""Commits that wait for the disk after their locks are free, where many writers share one lock.

PostgreSQL keeps a transaction's locks until its commit is on the disk, and on the synchronous
standby. A lock that every sign-in takes would let one commit a time through. A commit with
``synchronous_commit = off`` frees its locks at once; a small commit after it, in the same message
to the server, waits for the disk as usual, and the log is written in order: once the second one is
on the disk, so is the first. Both wait side by side with those of other writers.

Other transactions may see such a commit before it is on the disk. If the server dies then, it is
lost together with all that came after it: nobody was told of it, and no later commit that was
acknowledged can have seen it (docs/develop/decisions/0016).
"""

from sqlalchemy import ColumnElement, Connection, func, true

# Sent as one message: a round trip fewer. The message in the log is what the second commit writes.
_COMMIT_AND_WAIT = "COMMIT; SELECT pg_logical_emit_message(true, 'idp', '')"


def set_until_commit(name: str, value: str) -> ColumnElement[str]:
    """Return a column whose reading sets a parameter of PostgreSQL for this transaction."""
    return func.set_config(name, value, true())


def commit_later() -> ColumnElement[str]:
    """Return a column whose reading lets this transaction's commit not wait for the disk.

    Whoever reads it ends the transaction by ``commit_and_wait``.
    """
    return set_until_commit("synchronous_commit", "off")


def commit_and_wait(connection: Connection) -> None:
    """Commit on PostgreSQL, free the locks, and return when all that was seen is on the disk."""
    connection.exec_driver_sql(_COMMIT_AND_WAIT)
