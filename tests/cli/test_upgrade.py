"""``idp upgrade check``: what an upgrade would do, told before it is done."""

import json
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta

import psycopg
import pytest
from structlog.testing import capture_logs

from idp.app import upgrade_checks
from idp.store import migrate
from idp.store.migration_rules import Judgement
from idp.store.upkeep import long_transactions
from tests.cli.conftest import CommandLine


class Full:
    """A disk without a byte left."""

    free = 0


def findings(run: CommandLine) -> dict[str, str]:
    """Return what is said of each subject, with ``well: `` or ``wrong: `` in front."""
    with capture_logs():
        result = run("upgrade", "check", "--json")
    rows = json.loads(result.stdout)
    assert result.exit_code == (0 if all(row["well"] for row in rows) else 4)
    return {row["subject"]: f"{'well' if row['well'] else 'wrong'}: {row['says']}" for row in rows}


@pytest.fixture
def old(bare: CommandLine) -> CommandLine:
    """An administrator whose database is one revision behind, with a signing key."""
    bare.done("db", "upgrade")
    bare.done("keys", "promote", bare.done("keys", "new").split()[0])
    (bare.folder / "hub.sqlite3").unlink()
    migrate.upgrade(f"sqlite:///{bare.folder / 'hub.sqlite3'}", migrate.revisions()[-2])
    return bare


def test_a_hub_of_this_version_has_nothing_to_migrate(run: CommandLine):
    found = findings(run)
    assert "nothing to migrate" in found["revision"]
    assert set(found) == {"settings", "revision", "transactions", "signing keys", "disk"}


def test_each_pending_migration_is_judged(old: CommandLine):
    newest = migrate.heads()[0]
    found = findings(old)
    assert found["revision"].endswith(f"this version's is {newest}")
    assert found[f"migration {newest}"].endswith("safe while the version before runs")


def test_what_locks_a_table_is_wrong(old: CommandLine, monkeypatch):
    judged = Judgement("0009", "An index.", None, ["create_index ix: locks"])
    monkeypatch.setattr(upgrade_checks, "judge", lambda _: judged)
    assert "NOT safe" in findings(old)["migration 0009"]


@pytest.mark.parametrize(("since", "verdict"), [("0001", "well"), ("0099", "wrong")])
def test_what_is_dropped_must_be_unused_by_the_version_that_runs(
    old: CommandLine, monkeypatch, since, verdict
):
    judged = Judgement("0009", "Drops a column.", since, [])
    monkeypatch.setattr(upgrade_checks, "judge", lambda _: judged)
    said = findings(old)["migration 0009"]
    assert said.startswith(verdict)
    assert since in said


def test_a_database_of_a_newer_version_is_wrong(run: CommandLine):
    with closing(sqlite3.connect(run.folder / "hub.sqlite3")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    assert "newer than this version's" in findings(run)["revision"]


def test_an_empty_database_is_said_to_be_empty(bare: CommandLine):
    assert "is empty" in findings(bare)["revision"]


def test_a_setting_that_this_version_does_not_know_is_named(run: CommandLine):
    run.variables["IDP__SERVER__FORMER"] = "1"
    assert findings(run) == {"settings": "wrong: server.former: there is no such setting"}


def test_a_database_that_is_away_is_wrong(run: CommandLine):
    run.variables["IDP__DATABASE__URL"] = "postgresql://postgres@127.0.0.1:1/nothing"
    assert findings(run)["revision"].startswith("wrong")


def test_a_long_transaction_is_named_with_its_process(
    run: CommandLine, migrated_postgres_url: str, monkeypatch
):
    monkeypatch.setattr(long_transactions, "LONG", timedelta(0))
    run.variables["IDP__DATABASE__URL"] = migrated_postgres_url
    address = migrated_postgres_url.replace("+psycopg", "")
    with psycopg.connect(address, application_name="a report") as other:
        other.execute("SELECT 1")
        process = other.info.backend_pid
        said = findings(run)["transactions"]
    assert f"process {process} (a report, user postgres)" in said


def test_postgresql_without_a_long_transaction_is_well(
    run: CommandLine, migrated_postgres_url: str
):
    run.variables["IDP__DATABASE__URL"] = migrated_postgres_url
    found = findings(run)
    assert found["transactions"] == "well: no long one runs"
    assert "look on its server" in found["disk"]


def test_a_full_disk_is_wrong(run: CommandLine, monkeypatch):
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Full())
    assert findings(run)["disk"].startswith("wrong")


def test_an_upgrade_tells_each_step(bare: CommandLine):
    said = bare.done("db", "upgrade").splitlines()
    assert said[0] == "0001: The first tables."
    assert said[-1] == f"The database is at revision {migrate.heads()[0]}."
