"""pg_dump and pg_restore as streams. The password goes by the environment, never by arguments."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg import pq
from psycopg.conninfo import make_conninfo

from idp.ports import DatabaseToolMissing, DatabaseUnavailable

PLACES = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "usr/local/pgsql/bin")
"""Where Debian, Red Hat and PostgreSQL's own build keep the tools, beside the server."""
PIECE = 256 * 1024
_MAJOR = re.compile(r"\(PostgreSQL\) ([0-9]+)")


class PostgresTools:
    """The port ``DatabaseTools``; tools of the server's own version first, else of a newer one."""

    def __init__(self, root: Path = Path("/")) -> None:
        self._root = root

    @contextmanager
    def dump(
        self, url: str, *, snapshot: str, tables: Sequence[str], without_rows: Collection[str]
    ) -> Iterator[Iterator[bytes]]:
        """Yield the archive; raise DatabaseToolMissing in the end when pg_dump failed."""
        options = ["--format=custom", "--compress=1", "--no-owner", "--no-privileges"]
        options += [f"--snapshot={snapshot}", "--lock-wait-timeout=10s"]
        options += [f"--table={name}" for name in tables]
        options += [f"--exclude-table-data={name}" for name in sorted(without_rows)]
        with _errors() as errors:
            command = [self._tool("pg_dump", url), *options]
            with subprocess.Popen(  # noqa: S603 (found by name, options are ours)
                command, stdout=subprocess.PIPE, stderr=errors, env=_environment(url)
            ) as running:
                try:
                    yield _pieces(running.stdout)
                except BaseException:
                    running.kill()
                    raise
            _require_success("pg_dump", running.returncode, errors)

    def load(self, url: str, archive: Iterable[bytes]) -> None:
        """Restore in one transaction; an archive that raises leaves nothing."""
        options = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
        with _errors() as errors:
            command = [self._tool("pg_restore", url), *options, f"--dbname={_name_of(url)}"]
            with subprocess.Popen(  # noqa: S603 (as above)
                command, stdin=subprocess.PIPE, stderr=errors, env=_environment(url)
            ) as running:
                try:
                    _feed(running.stdin, archive)
                except BaseException:
                    running.kill()
                    raise
            _require_success("pg_restore", running.returncode, errors)

    def _tool(self, name: str, url: str) -> str:
        """Return the path of the tool. Raises DatabaseToolMissing, DatabaseUnavailable."""
        server = _server_major(url)
        found = {path: _major(path) for path in self._candidates(name)}
        fitting = {path: major for path, major in found.items() if major >= server}
        if not fitting:
            raise DatabaseToolMissing(
                f"{name} of PostgreSQL {server} or newer is needed: install postgresql-client"
            )
        return min(fitting, key=lambda path: fitting[path])

    def _candidates(self, name: str) -> Iterator[str]:
        beside = [folder for place in PLACES for folder in sorted(self._root.glob(place))]
        yield from (str(one / name) for one in beside if os.access(one / name, os.X_OK))
        on_path = shutil.which(name)
        if on_path:
            yield on_path


def _feed(into: IO[bytes] | None, archive: Iterable[bytes]) -> None:
    """Write the archive; a tool that has ended says why on its standard error."""
    if into is None:
        raise DatabaseToolMissing("pg_restore has no standard input")
    pieces = iter(archive)
    try:
        for piece in pieces:
            into.write(piece)
        into.close()
    except BrokenPipeError:
        # What comes after the archive's last entry: read on, for it may prove to be changed.
        for _ in pieces:
            pass


def _pieces(out: IO[bytes] | None) -> Iterator[bytes]:
    while out is not None and (piece := out.read(PIECE)):
        yield piece


@contextmanager
def _errors() -> Iterator[IO[bytes]]:
    """Yield a file for a tool's messages: a pipe that nobody empties would stop the tool."""
    with tempfile.TemporaryFile() as file:
        yield file


def _require_success(name: str, code: int, errors: IO[bytes]) -> None:
    if code == 0:
        return
    errors.seek(0)
    # The first line alone: later ones can show a row.
    first = errors.read(1000).decode("utf-8", "replace").partition("\n")[0]
    raise DatabaseToolMissing(f"{name} failed ({code}): {first.removeprefix(f'{name}: ')}")


def _environment(url: str) -> dict[str, str]:
    """Return the environment that names database and password to libpq."""
    options = pq.Conninfo.parse(_libpq(url).encode())
    named = {
        option.envvar.decode(): option.val.decode()
        for option in options
        if option.envvar and option.val is not None
    }
    patient = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"
    given = named.get("PGOPTIONS", "")
    return {**os.environ, **named, "PGOPTIONS": f"{given} {patient}".strip()}


def _name_of(url: str) -> str:
    named = {one.keyword: one.val for one in pq.Conninfo.parse(_libpq(url).encode())}
    return make_conninfo("", dbname=(named[b"dbname"] or b"").decode())


def _server_major(url: str) -> int:
    try:
        with psycopg.connect(_libpq(url), connect_timeout=5) as connection:
            return connection.info.server_version // 10000
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(type(error).__name__) from error


def _major(tool: str) -> int:
    """Return the major version of a tool, 0 when it does not run."""
    try:
        said = subprocess.run(  # noqa: S603 (as above)
            [tool, "--version"], capture_output=True, text=True, check=False
        )
    except OSError:
        return 0
    found = _MAJOR.search(said.stdout)
    return int(found[1]) if found else 0


def _libpq(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://", 1)
