"""``idp check --production``: each line of the list notices what it is about."""

import json
import sqlite3
import tomllib
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from idp.adapters.key_store import FolderKeyStore
from tests.cli.conftest import CommandLine


def listed(run: CommandLine) -> dict[str, dict[str, object]]:
    with capture_logs():
        rows = json.loads(run("check", "--production", "--json").stdout)
    return {
        row["subject"].removeprefix("production: "): row
        for row in rows
        if row["subject"].startswith("production: ")
    }


def test_a_hub_of_development_is_told_everything_that_production_needs(run: CommandLine):
    found = listed(run)
    unwell = {name for name, row in found.items() if not row["well"]}
    assert unwell >= {
        "settings",
        "issuer",
        "proxies",
        "database",
        "commits",
        "archive",
        "registries",
        "SMS gateways",
        "audit anchor",
        "support line",
        "workers",
    }


def test_the_list_of_production_is_no_part_of_the_usual_check(run: CommandLine):
    assert "production:" not in run.done("check")


def test_the_list_ends_with_exit_code_4_where_a_line_is_unwell(run: CommandLine):
    assert run("check", "--production").exit_code == 4


@pytest.mark.parametrize(
    ("key", "value", "name"),
    [
        ("SERVER__TRUSTED_PROXIES", "1", "proxies"),
        ("SMS__GATEWAYS", '["magfa"]', "SMS gateways"),
        ("AUDIT__ANCHOR_FILE", "/var/log/tamin-account/audit-heads", "audit anchor"),
        ("BRAND__SUPPORT", "1420", "support line"),
        ("REGISTRY__KIND", "http", "registries"),
    ],
)
def test_a_setting_makes_its_line_well(run: CommandLine, key: str, value: str, name: str):
    run.variables |= {
        f"IDP__{key}": value,
        "IDP__PAGES__INBOX": "false",
        "IDP__SMS__MAGFA__URL": "http://127.0.0.1:1/v2",
        "IDP__SMS__MAGFA__USER": "hub/tamin",
        "IDP__SMS__MAGFA__PASSWORD": "secret",
        "IDP__SMS__MAGFA__SENDER": "3000",
        **{
            f"IDP__REGISTRY__{one}__URL": "http://127.0.0.1:1/"
            for one in ("CIVIL", "OWNERSHIP", "COUNCIL")
        },
    }
    assert listed(run)[name]["well"] is True


def test_a_worker_that_was_at_work_within_the_hour_is_known(run: CommandLine):
    with closing(sqlite3.connect(run.folder / "hub.sqlite3")) as database, database:
        database.execute(
            "INSERT INTO jobs (kind, subject, unique_key, payload, state, run_at, fence, tries,"
            " created_at) VALUES ('clean_up', 's', 'u', '{}', 'done', ?, 0, 0, ?)",
            [str(datetime.now(UTC).replace(tzinfo=None))] * 2,
        )
    assert listed(run)["workers"]["well"] is True


def test_a_key_older_than_a_year_is_to_be_rotated(run: CommandLine):
    secrets = tomllib.loads(run.settings.read_text("utf-8"))
    store = FolderKeyStore(
        run.folder / "keys", urlsafe_b64decode(secrets["keys"]["key_encryption_key"])
    )
    for key in store.load():
        store.write(replace(key, created_at=key.created_at - timedelta(days=400)))
    found = listed(run)["age of the keys"]
    assert found["well"] is False
    assert "rotate" in str(found["says"])


@contextmanager
def server_setting(url: str, name: str, value: str) -> Iterator[None]:
    """Let connections to this database begin with the setting, while the block runs."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        of_database = f'ALTER DATABASE "{connection.info.dbname}"'
        connection.execute(f"{of_database} SET {name} = '{value}'")
        try:
            yield
        finally:
            connection.execute(f"{of_database} RESET {name}")


@pytest.fixture
def on_postgres(run: CommandLine, migrated_postgres_url: str) -> CommandLine:
    run.variables["IDP__DATABASE__URL"] = migrated_postgres_url
    return run


def test_commits_that_wait_for_the_disk_are_not_told(
    on_postgres: CommandLine, migrated_postgres_url: str
):
    with server_setting(migrated_postgres_url, "synchronous_commit", "on"):
        assert "crash loses" not in str(listed(on_postgres)["commits"]["says"])


def test_commits_that_do_not_wait_for_the_disk_are_told(
    on_postgres: CommandLine, migrated_postgres_url: str
):
    with server_setting(migrated_postgres_url, "synchronous_commit", "off"):
        found = listed(on_postgres)["commits"]
    assert found["well"] is False
    assert "crash loses" in str(found["says"])


def test_a_database_without_an_archive_is_told(on_postgres: CommandLine):
    assert "archive WAL" in str(listed(on_postgres)["archive"]["says"])


def test_a_database_at_a_socket_needs_no_tls(on_postgres: CommandLine):
    assert listed(on_postgres)["database TLS"]["well"] is True
