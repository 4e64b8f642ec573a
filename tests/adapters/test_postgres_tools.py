"""pg_dump and pg_restore: found beside the server, told the password secretly, all or nothing."""

from pathlib import Path

import psycopg
import pytest

from idp.adapters.postgres_tools import PostgresTools
from idp.ports import DatabaseToolMissing, DatabaseUnavailable
from tests.migrated import DRIVER


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PostgresTools:
    monkeypatch.setenv("PATH", str(tmp_path))
    return PostgresTools(tmp_path)


def put_tool(folder: Path, name: str, version: str, body: str = "") -> Path:
    tool = folder / name
    tool.parent.mkdir(parents=True, exist_ok=True)
    text = f'#!/bin/sh\n[ "$1" = --version ] && echo "{name} (PostgreSQL) {version}" && exit 0\n'
    tool.write_text(text + body, "utf-8")
    tool.chmod(0o755)
    return tool


def dumped(tools: PostgresTools, url: str) -> bytes:
    with tools.dump(url, snapshot="s", tables=["t"], without_rows=()) as archive:
        return b"".join(archive)


def test_a_missing_tool_says_what_to_install(nowhere, postgres_url):
    with pytest.raises(DatabaseToolMissing, match="install postgresql-client"):
        dumped(nowhere, postgres_url)


def test_an_older_tool_than_the_server_is_not_taken(nowhere, postgres_url, tmp_path):
    put_tool(tmp_path, "pg_dump", "9.6.24")
    with pytest.raises(DatabaseToolMissing):
        dumped(nowhere, postgres_url)


def test_the_servers_own_version_is_taken_before_a_newer_one(nowhere, postgres_url, tmp_path):
    with psycopg.connect(postgres_url.replace(DRIVER, "")) as connection:
        own = connection.info.server_version // 10000
    for version in (own + 9, own, own + 1):
        place = tmp_path / f"usr/lib/postgresql/{version}/bin"
        put_tool(place, "pg_dump", f"{version}.1", f"printf {version}\n")
    assert dumped(nowhere, postgres_url) == str(own).encode()


def test_the_password_is_in_no_argument(nowhere, postgres_url, tmp_path):
    put_tool(tmp_path, "pg_dump", "99.0", 'printf "%s|%s" "$*" "$PGPASSWORD"\n')
    url = postgres_url.replace("postgres@", "postgres:geheim@")
    arguments, _, password = dumped(nowhere, url).decode().partition("|")
    assert (password, "geheim" in arguments) == ("geheim", False)


def test_a_tool_that_fails_is_an_error_with_its_first_line(nowhere, postgres_url, tmp_path):
    put_tool(tmp_path, "pg_dump", "99.0", "printf 'pg_dump: no\\nrow: secret\\n' >&2; exit 3\n")
    with pytest.raises(DatabaseToolMissing, match=r"^pg_dump failed \(3\): no$"):
        dumped(nowhere, postgres_url)


def test_an_archive_that_breaks_off_leaves_nothing(postgres_url):
    def broken():
        yield b"PGDMP"
        raise OSError("cut off")

    with pytest.raises(OSError, match="cut off"):
        PostgresTools().load(postgres_url, broken())
    with psycopg.connect(postgres_url.replace(DRIVER, "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)


def test_what_is_no_archive_is_refused(postgres_url):
    with pytest.raises(DatabaseToolMissing, match="pg_restore failed"):
        PostgresTools().load(postgres_url, [b"no archive at all" * 10])


def test_a_tool_that_ends_early_is_read_to_the_end(nowhere, postgres_url, tmp_path):
    """What follows may prove to be changed; the pipe is closed by then."""
    put_tool(tmp_path, "pg_restore", "99.0", "exit 0\n")
    seen = []

    def archive():
        for number in range(200):
            seen.append(number)
            yield bytes(10_000)

    nowhere.load(postgres_url, archive())
    assert len(seen) == 200


def test_a_server_that_is_away_is_told(nowhere):
    with pytest.raises(DatabaseUnavailable):
        dumped(nowhere, "postgresql+psycopg://nobody@127.0.0.1:1/none")
