"""A PostgreSQL database as a stream, by its own tools."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, MetaData, make_url, text
from sqlalchemy.exc import ProgrammingError

from idp.ports import BrokenBackup, DatabaseTools, DatabaseUnavailable, Manifest
from idp.store.backup.content import WITHOUT_ROWS, be_patient, manifest_of, tables_in
from idp.store.sql.transactions import opened

_SNAPSHOT = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
_MAY_NOT = "its role may not create a database: name an empty one with --scratch"


class PostgresCopy:
    """Reads and writes a whole PostgreSQL database."""

    def __init__(self, url: str, tools: DatabaseTools) -> None:
        self.url = url
        self._tools = tools

    @contextmanager
    def dump(self, made_at: datetime, version: str) -> Iterator[tuple[Manifest, Iterator[bytes]]]:
        """Yield manifest and archive of one snapshot; the hub works on meanwhile.

        Raises DatabaseUnavailable, DatabaseToolMissing, BrokenBackup.
        """
        with opened(self.url) as transactions, transactions.begin() as connection:
            connection.exec_driver_sql(_SNAPSHOT)
            be_patient(connection)
            snapshot = str(connection.scalar(text("SELECT pg_export_snapshot()")))
            manifest = manifest_of(connection, made_at, version)
            with self._tools.dump(
                self.url,
                snapshot=snapshot,
                tables=tables_in(connection),
                without_rows=WITHOUT_ROWS,
            ) as archive:
                yield manifest, archive

    def in_the_way(self) -> Sequence[str]:
        """Return the tables that are there, whoever made them, by name."""
        with opened(self.url) as transactions, transactions.begin(read_only=True) as connection:
            return sorted(_reflected(connection).tables)

    def others(self) -> int:
        """Return how many other connections the database has."""
        with opened(self.url) as transactions, transactions.begin(read_only=True) as connection:
            return int(connection.execute(_OTHERS).scalar_one())

    @contextmanager
    def loading(self, archive: Iterable[bytes], *, replace: bool) -> Iterator[str]:
        """Load the archive, and yield the address of the database to finish.

        ``replace`` drops the tables that are there before. Until the block has written the
        revision, no hub starts on the database.
        """
        if replace:
            self._empty()
        self._tools.load(self.url, archive)
        yield self.url

    @contextmanager
    def scratch(self, name: str) -> Iterator["PostgresCopy"]:
        """Yield a new database of this name on the same server; it is dropped in the end.

        Raises DatabaseUnavailable: also where the hub's role may not create one.
        """
        url = make_url(self.url).set(database=name).render_as_string(hide_password=False)
        try:
            self._alone(f'CREATE DATABASE "{name}"')
        except ProgrammingError as error:
            raise DatabaseUnavailable(_MAY_NOT) from error
        try:
            yield PostgresCopy(url, self._tools)
        finally:
            self._alone(f'DROP DATABASE "{name}" WITH (FORCE)')

    @contextmanager
    def emptied_after(self) -> Iterator["PostgresCopy"]:
        """Yield this database, which is empty; its tables are dropped in the end."""
        if self.in_the_way():
            raise BrokenBackup("the scratch database has tables: name an empty one")
        try:
            yield self
        finally:
            self._empty()

    def _empty(self) -> None:
        with opened(self.url) as transactions, transactions.begin() as connection:
            be_patient(connection)
            _reflected(connection).drop_all(connection)

    def _alone(self, statement: str) -> None:
        with opened(self.url) as transactions, transactions.begin(alone=True) as connection:
            connection.exec_driver_sql("SET statement_timeout = 0")
            connection.exec_driver_sql(statement)


def _reflected(connection: Connection) -> MetaData:
    found = MetaData()
    found.reflect(connection)
    return found
