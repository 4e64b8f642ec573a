"""``idp backup`` and ``idp restore``, on SQLite and on PostgreSQL with its own tools."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, insert, select, text

from idp.app.outside import build_outside
from idp.services.sign_in.suite_citizen import SuiteCitizen
from idp.settings import load
from idp.store import migrate
from idp.store.sql.tables import accounts, codes, jobs, sessions
from idp.store.upkeep.audit_tables import audit
from tests.cli.conftest import CommandLine
from tests.factories import one_time_code, session
from tests.fakes import NOON
from tests.migrated import DRIVER, migrated

PUBLIC = re.compile(r'public_key = "(age1[a-z0-9]+)"')


@pytest.fixture
def small(tmp_path: Path) -> CommandLine:
    """A hub on SQLite, for what does not depend on the kind of database."""
    return _made(tmp_path, migrated(f"sqlite:///{tmp_path / 'hub.sqlite3'}"))


@pytest.fixture(params=["sqlite", "postgres"])
def hub(request: pytest.FixtureRequest, tmp_path: Path) -> CommandLine:
    """An administrator with a key for backups, and a hub with an account and a session."""
    if request.param == "sqlite":
        return _made(tmp_path, migrated(f"sqlite:///{tmp_path / 'hub.sqlite3'}"))
    return _made(tmp_path, migrated(request.getfixturevalue("postgres_url")))


def _made(folder: Path, url: str) -> CommandLine:
    found = CommandLine(folder, {"IDP__DATABASE__URL": url})
    found.write_settings()
    public = PUBLIC.search(found.done("backup-key", key(found)))
    assert public
    found.variables["IDP__BACKUP__PUBLIC_KEY"] = public[1]
    _fill(found)
    return found


def key(hub: CommandLine) -> Path:
    return hub.folder / "backup.key"


def address(hub: CommandLine) -> str:
    return hub.variables["IDP__DATABASE__URL"]


def _fill(hub: CommandLine) -> None:
    outside = build_outside(load([Path(one) for one in hub.config.split(":")], hub.variables))
    SuiteCitizen(kernel=outside.kernel).put("a password")
    with outside.begin() as work:
        work.sessions.add(session(account_id="suite-citizen"), "token")
        work.codes.put(one_time_code("flow"), is_sent=True)
    outside.database.close()


def backed_up(hub: CommandLine) -> Path:
    file = hub.folder / "hub.age"
    hub.done("backup", file)
    return file


def rows(hub: CommandLine, table) -> list:
    engine = create_engine(address(hub))
    with engine.connect() as connection:
        found = list(connection.execute(select(table)).mappings())
    engine.dispose()
    return found


def actions(hub: CommandLine) -> list[str]:
    return [one["action"] for one in sorted(rows(hub, audit), key=lambda one: one["id"])]


def change(hub: CommandLine, statement) -> None:
    engine = create_engine(address(hub))
    with engine.begin() as connection:
        connection.execute(statement)
    engine.dispose()


def restored(hub: CommandLine, file: Path) -> str:
    return hub.done("restore", file, "--key", key(hub), "--replace")


def test_a_restored_database_has_the_accounts_and_no_live_session(hub: CommandLine):
    file = backed_up(hub)
    change(hub, accounts.delete())

    restored(hub, file)

    assert [one["id"] for one in rows(hub, accounts)] == ["suite-citizen"]
    assert [one["ended_at"] is None for one in rows(hub, sessions)] == [False]
    assert rows(hub, codes) == []
    assert actions(hub)[-1] == "restored"


def test_numbers_of_messages_go_on_where_no_gateway_has_seen_one(hub: CommandLine):
    restored(hub, backed_up(hub))
    change(hub, insert(jobs).values(**a_job()))
    assert [one["id"] > 1_000_000_000 for one in rows(hub, jobs)] == [True]


def a_job() -> dict[str, object]:
    texts = {"kind": "sms", "subject": "s", "unique_key": "u", "state": "done", "payload": {}}
    return {**texts, "run_at": NOON, "created_at": NOON, "fence": 0, "tries": 0}


def test_a_backup_shows_nothing_of_its_content(small: CommandLine):
    file = backed_up(small)
    assert file.stat().st_mode & 0o777 == 0o600
    assert b"suite-citizen" not in file.read_bytes()


def test_the_key_is_its_owners_alone_and_made_once(small: CommandLine):
    assert key(small).stat().st_mode & 0o777 == 0o600
    assert small("backup-key", key(small)).exit_code == 4


def test_a_database_with_tables_is_refused(small: CommandLine):
    refused = small("restore", backed_up(small), "--key", key(small))
    assert (refused.exit_code, "--replace" in refused.stderr) == (1, True)
    assert [one["ended_at"] for one in rows(small, sessions)] == [None]


def test_a_database_that_others_use_is_refused(hub: CommandLine):
    file = backed_up(hub)
    engine = create_engine(address(hub))
    with engine.connect() as connection:
        connection.execute(select(accounts.c.id)).all()
        refused = hub("restore", file, "--key", key(hub), "--replace")
    engine.dispose()
    assert (refused.exit_code, "stop every web process" in refused.stderr) == (1, True)


def test_a_changed_backup_changes_nothing(small: CommandLine):
    file = backed_up(small)
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)

    refused = small("restore", file, "--key", key(small), "--replace")

    assert (refused.exit_code, "changed or cut off" in refused.stderr) == (4, True)
    assert [one["ended_at"] for one in rows(small, sessions)] == [None]


def test_a_drill_proves_the_backup_step_by_step_and_leaves_nothing(hub: CommandLine):
    before = databases(hub)
    told = hub.done("restore", backed_up(hub), "--key", key(hub), "--drill")
    steps = [line.partition(":")[0] for line in told.splitlines()]
    assert steps == [
        "ok  read the whole file",
        "ok  restore it",
        "ok  read the revision",
        "ok  verify the audit",
        "ok  open an account with these secrets",
        "ok  sign a test person in",
        "ok  drop the scratch database",
    ]
    assert databases(hub) == before
    assert [one["ended_at"] for one in rows(hub, sessions)] == [None]


def databases(hub: CommandLine) -> set[str]:
    if address(hub).startswith("sqlite"):
        return {one.name for one in hub.folder.glob("*.sqlite3")}
    with psycopg.connect(address(hub).replace(DRIVER, "")) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE datname ~ 'drill'")
        return {name for (name,) in found}


def test_a_drill_with_other_secrets_names_the_step_that_failed(small: CommandLine):
    file = backed_up(small)
    small.write_settings()  # fresh secrets
    failed = small("restore", file, "--key", key(small), "--drill")
    assert failed.exit_code == 4
    assert "FAILED  restore it: secrets.sealing_keys lack" in failed.stderr


def test_a_restore_with_another_index_key_writes_nothing_into_the_audit(small: CommandLine):
    small.done("db", "restored")  # an entry of the audit
    file = backed_up(small)
    small.write_settings()
    refused = small("restore", file, "--key", key(small), "--replace")
    assert (refused.exit_code, "secrets.index_key" in refused.stderr) == (4, True)
    assert actions(small) == ["restored"]


def test_no_hub_starts_on_a_database_that_was_restored_in_part(hub: CommandLine):
    change(hub, sessions.delete())
    _forget_revision(hub)
    checked = hub("check")
    assert "no revision" in checked.stdout
    refused = hub("db", "upgrade")
    assert (refused.exit_code, "restored only in part" in refused.stderr) == (4, True)


def _forget_revision(hub: CommandLine) -> None:
    change(hub, text("DELETE FROM alembic_version"))


def test_a_restore_by_other_means_is_finished_by_a_command(hub: CommandLine):
    hub.done("db", "restored")
    assert [one["ended_at"] is None for one in rows(hub, sessions)] == [False]
    assert actions(hub)[-1] == "restored"


def test_without_a_key_no_backup_is_written(small: CommandLine):
    del small.variables["IDP__BACKUP__PUBLIC_KEY"]
    refused = small("backup", small.folder / "none.age")
    assert (refused.exit_code, "backup.public_key is empty" in refused.stderr) == (4, True)


def test_a_backup_of_the_other_kind_of_database_is_refused(small: CommandLine):
    file = backed_up(small)
    small.variables["IDP__DATABASE__URL"] = "postgresql+psycopg://nobody@127.0.0.1:1/none"
    refused = small("restore", file, "--key", key(small))
    assert (refused.exit_code, "database.url is postgresql" in refused.stderr) == (4, True)


@pytest.mark.parametrize("secret", ["hub:Bahar1405@host/db", "hub@host/db?password=Bahar1405"])
def test_attack_OP10_a_password_in_the_address_of_a_scratch_database_is_refused(
    small: CommandLine, secret: str
):
    given = ("--drill", "--scratch", f"postgresql+psycopg://{secret}")
    refused = small("restore", backed_up(small), "--key", key(small), *given)
    assert (refused.exit_code, "PGPASSFILE" in refused.stderr) == (2, True)
    assert "Bahar1405" not in refused.stderr


def test_a_given_scratch_database_is_empty_again_after_the_drill(small: CommandLine):
    scratch = small.folder / "scratch.sqlite3"
    small.done(
        *("restore", backed_up(small), "--key", key(small), "--drill"),
        *("--scratch", f"sqlite:///{scratch}"),
    )
    assert not scratch.exists()


def test_an_older_backup_is_migrated(tmp_path: Path):
    """A backup of the revision before, of a hub that was upgraded since."""
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    migrate.upgrade(url, migrate.revisions()[-2])
    hub = CommandLine(tmp_path, {"IDP__DATABASE__URL": url})
    hub.write_settings()
    found = PUBLIC.search(hub.done("backup-key", key(hub)))
    hub.variables["IDP__BACKUP__PUBLIC_KEY"] = found[1] if found else ""
    file = backed_up(hub)
    (tmp_path / "hub.sqlite3").unlink()

    hub.done("restore", file, "--key", key(hub))

    assert hub.done("db", "current").strip() == migrate.heads()[0]
    with closing(sqlite3.connect(tmp_path / "hub.sqlite3")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_role_that_may_create_no_database_is_told_to_name_one(postgres_url: str, tmp_path: Path):
    hub = _made(tmp_path, migrated(postgres_url))
    file = backed_up(hub)
    with psycopg.connect(postgres_url.replace(DRIVER, ""), autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS humble; CREATE ROLE humble LOGIN")
    hub.variables["IDP__DATABASE__URL"] = postgres_url.replace("postgres@", "humble@")
    refused = hub("restore", file, "--key", key(hub), "--drill")
    with psycopg.connect(postgres_url.replace(DRIVER, ""), autocommit=True) as connection:
        connection.execute("DROP ROLE humble")
    assert (refused.exit_code, "--scratch" in refused.stderr) == (4, True)
    assert "FAILED  make a scratch database" in refused.stderr
