"""A SQLite file as a stream, by SQLite's own backup."""

import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, StaticPool, create_engine, delete, make_url, table

from idp.ports import BrokenBackup, DatabaseUnavailable, Manifest
from idp.private_files import private_file
from idp.store.backup.content import WITHOUT_ROWS, manifest_of, tables_in

PIECE = 1024 * 1024
_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


class SqliteCopy:
    """Reads and writes a whole SQLite database, through memory that holds it twice."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._file = Path(str(make_url(url).database)).absolute()

    @contextmanager
    def dump(self, made_at: datetime, version: str) -> Iterator[tuple[Manifest, Iterator[bytes]]]:
        """Yield manifest and image of one moment; the hub works on meanwhile.

        Raises DatabaseUnavailable, BrokenBackup.
        """
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as memory:
            with _as_away(), closing(self._connected("ro")) as source:
                source.backup(memory)
            with _through_sqlalchemy(memory) as connection:
                manifest = manifest_of(connection, made_at, version)
                _leave_out(connection)
            memory.execute("VACUUM")
            yield manifest, _pieces(memory.serialize())

    def in_the_way(self) -> Sequence[str]:
        """Return the tables that are there, whoever made them, by name."""
        if not self._file.exists() or not self._file.stat().st_size:
            return []
        with _as_away(), closing(self._connected("ro")) as connection:
            return sorted(name for (name,) in connection.execute(_TABLES))

    def others(self) -> int:
        """Return 1 when another process has the database open, else 0."""
        if not self._file.exists():
            return 0
        try:
            self._settle()
        except sqlite3.OperationalError:
            return 1
        return 0

    @contextmanager
    def loading(self, archive: Iterable[bytes], *, replace: bool) -> Iterator[str]:
        """Write the image beside the file, yield its address to be finished, and put it in place.

        With ``replace`` it takes the place of the file that is there, at once.
        """
        beside = self._file.with_name(f"{self._file.name}.restoring")
        try:
            self._write(beside, archive)
            yield f"sqlite:///{beside}"
            SqliteCopy(f"sqlite:///{beside}")._settle()  # noqa: SLF001 (its own class)
            if replace and self._file.exists():
                self._settle()
            beside.replace(self._file)
            _sync(self._file.parent)
        finally:
            _remove(beside)

    @contextmanager
    def scratch(self, name: str) -> Iterator["SqliteCopy"]:
        """Yield a database of this name beside the file; it is removed in the end."""
        beside = SqliteCopy(f"sqlite:///{self._file.with_name(name)}.sqlite3")
        with beside.emptied_after():
            yield beside

    @contextmanager
    def emptied_after(self) -> Iterator["SqliteCopy"]:
        """Yield this database, which is empty; its file is removed in the end."""
        if self.in_the_way():
            raise BrokenBackup("the scratch database has tables: name an empty one")
        try:
            yield self
        finally:
            _remove(self._file)

    def _connected(self, mode: str) -> sqlite3.Connection:
        return sqlite3.connect(f"{self._file.as_uri()}?mode={mode}", uri=True, isolation_level=None)

    def _write(self, file: Path, archive: Iterable[bytes]) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        private_file(file)
        with file.open("wb") as opened:
            for piece in archive:
                opened.write(piece)
            opened.flush()
            os.fsync(opened.fileno())
        with closing(sqlite3.connect(file, isolation_level=None)) as connection:
            if connection.execute("PRAGMA quick_check").fetchone() != ("ok",):
                raise BrokenBackup("the image of the database is damaged")

    def _settle(self) -> None:
        """Bring the write-ahead log into the file. Raises OperationalError: others have it open."""
        with closing(self._connected("rw")) as connection:
            connection.execute("PRAGMA busy_timeout = 500")
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
            connection.execute("PRAGMA journal_mode = DELETE").fetchone()


@contextmanager
def _through_sqlalchemy(memory: sqlite3.Connection) -> Iterator[Connection]:
    engine = create_engine("sqlite://", creator=lambda: memory, poolclass=StaticPool)
    with engine.connect() as connection:
        yield connection


def _leave_out(connection: Connection) -> None:
    for name in WITHOUT_ROWS.intersection(tables_in(connection)):
        connection.execute(delete(table(name)))


def _pieces(image: bytes) -> Iterator[bytes]:
    for start in range(0, len(image), PIECE):
        yield image[start : start + PIECE]


def _remove(file: Path) -> None:
    for end in ("", "-wal", "-shm", "-journal"):
        Path(f"{file}{end}").unlink(missing_ok=True)


@contextmanager
def _as_away() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseUnavailable(type(error).__name__) from error


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
