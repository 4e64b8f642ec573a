"""``idp db``, ``secrets``, ``check``: also where the hub cannot start."""

import json
import re
import sqlite3
import sys
import tomllib
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from typing import NoReturn

import psycopg
import pytest
from click.testing import CliRunner
from structlog.testing import capture_logs

from idp import resources
from idp.app import command_tools, wsgi_application
from idp.app.outside import build_outside
from idp.cli.main import idp
from idp.cli.system import fresh_secrets
from idp.ports import BrokenSeal, ClockSkew, DatabaseUnavailable, KeyStoreError
from idp.settings import Settings, SettingsError, load
from tests.cli.conftest import CommandLine

KEY = re.compile(r'key = "([^"]+)"')


def findings(run: CommandLine) -> dict[str, dict[str, object]]:
    with capture_logs():  # the command itself sends them to standard error
        rows = json.loads(run("check", "--json").stdout)
    return {row["subject"]: row for row in rows}


def test_a_database_is_migrated_once_and_again_without_harm(bare: CommandLine):
    assert "empty" in bare.done("db", "current")
    first, second = bare.done("db", "upgrade"), bare.done("db", "upgrade")
    assert first.splitlines()[-1:] == second.splitlines()
    assert bare.done("db", "current").strip() in first


def test_secrets_are_fresh_each_time_and_are_settings(bare: CommandLine):
    one, other = bare.done("secrets"), bare.done("secrets")
    assert set(tomllib.loads(one)) == {"secrets", "keys"}
    assert set(KEY.findall(one)).isdisjoint(KEY.findall(other))


def test_a_hub_that_is_well_is_exit_code_0(run: CommandLine):
    said = run.done("check")
    assert "revision" in said
    assert "RS256" in said


def test_a_database_behind_is_told_to_upgrade(bare: CommandLine):
    assert bare("check").exit_code == 4
    assert "idp db upgrade" in str(findings(bare)["database"]["says"])


def broken_file(run: CommandLine) -> None:
    next((run.folder / "keys").glob("*.json")).write_text("{", "utf-8")


def retired_by_hand(run: CommandLine) -> None:
    next((run.folder / "keys").glob("*.json")).unlink()


@pytest.mark.parametrize(
    ("harm", "says"),
    [(broken_file, "restore it from a backup"), (retired_by_hand, "`idp keys new")],
)
def test_nothing_is_served_without_a_key_that_signs(run: CommandLine, harm, says):  # fault F22
    harm(run)
    result = run("serve")
    assert result.exit_code == 4, result.exception
    assert says in result.stderr


def test_nothing_is_served_on_an_old_database(bare: CommandLine):
    result = bare("serve")
    assert result.exit_code == 4
    assert "idp db upgrade" in result.stderr


def test_granian_is_asked_for_where_it_is_not_installed(
    run: CommandLine, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(sys.modules, "granian.server", None)
    run.variables["IDP__SERVER__WSGI_SERVER"] = "granian"
    result = run("serve")
    assert result.exit_code == 4
    assert "tamin-account[fast]" in result.stderr


def test_a_server_of_another_hand_starts_no_hub_that_cannot_sign(
    run: CommandLine, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
):  # fault F22
    broken_file(run)
    files = f"{resources.settings_file('development')}:{run.settings}"
    monkeypatch.setenv("IDP_CONFIG", files)
    with pytest.raises(SystemExit) as ended:
        wsgi_application()
    assert ended.value.code == 4
    assert "restore it from a backup" in capsys.readouterr().err


def test_missing_keys_are_told_how_to_be_made(bare: CommandLine):
    bare.done("db", "upgrade")
    assert bare("check").exit_code == 4
    assert "idp keys" in str(findings(bare)["signing keys"]["says"])


def test_a_key_that_makes_tokens_for_userinfo_cheaper_is_told_of(run: CommandLine):
    found = findings(run)["signing keys"]
    assert found["well"] is True
    assert "`idp keys new --alg ES256`" in str(found["says"])


def test_where_such_a_key_signs_nothing_is_left_to_do(run: CommandLine):
    run.done("keys", "new", "--alg", "ES256")
    kid = next(row["kid"] for row in run.read("keys", "list") if row["alg"] == "ES256")
    run.done("keys", "promote", kid)
    assert "idp keys new" not in str(findings(run)["signing keys"]["says"])


def test_one_broken_part_hides_no_other(run: CommandLine):
    (run.folder / "hub.sqlite3").write_bytes(b"this is no database" * 100)
    found = findings(run)
    assert found["database"]["well"] is False
    assert found["signing keys"]["well"] is True


def test_each_problem_of_the_settings_is_a_line(run: CommandLine):
    run.variables |= {"IDP__SERVER__BIND": "x", "IDP__REDIS__URL": "y", "IDP__DATABASE__URL": "z"}
    found = run("check", "--json")
    assert found.exit_code == 4
    says = [finding["says"].split()[0] for finding in json.loads(found.stdout)]
    assert says == ["server.bind", "database.url", "redis.url"]


def test_the_check_tells_that_a_code_is_one_part(run: CommandLine):
    run.variables["IDP__SERVER__ISSUER"] = "https://account.tamin.ir"
    run.variables["IDP__SERVER__TRUSTED_HOSTS"] = '["account.tamin.ir"]'
    assert str(findings(run)["SMS of a code"]["says"]).startswith("one part")


def test_a_host_that_makes_two_parts_of_a_code_is_a_warning_and_no_fault(run: CommandLine):
    host = "account.department.of.tamin.example"
    run.variables["IDP__SERVER__ISSUER"] = f"https://{host}"
    run.variables["IDP__SERVER__TRUSTED_HOSTS"] = json.dumps([host])
    found = findings(run)["SMS of a code"]
    assert found["well"] is True
    assert "WARNING: 2 parts" in str(found["says"])


def test_broken_settings_are_named_key_by_key_and_no_value_is_shown(run: CommandLine):
    run.write_settings(fresh_secrets().replace("index_key", "index_kee"))
    result = run("check")
    assert result.exit_code == 4
    assert "secrets.index_key" in result.stdout
    assert "secrets.index_kee" in result.stdout
    assert not any(secret in result.stdout for secret in KEY.findall(run.settings.read_text()))


def test_a_secret_of_another_length_is_named(run: CommandLine):
    run.write_settings(re.sub(r'index_key = "[^"]+"', 'index_key = "c2hvcnQ="', fresh_secrets()))
    result = run("check")
    assert result.exit_code == 4
    assert "secrets.index_key" in result.stdout


def test_redis_that_is_away_is_named(run: CommandLine):
    run.variables["IDP__REDIS__URL"] = "redis://127.0.0.1:1/0"
    assert "cannot be reached" in str(findings(run)["redis"]["says"])


def test_an_sms_gateway_that_is_away_is_named(run: CommandLine):
    run.variables |= {
        "IDP__SMS__GATEWAYS": '["kavenegar"]',
        "IDP__SMS__KAVENEGAR__URL": "http://127.0.0.1:1/v1",
        "IDP__SMS__KAVENEGAR__API_KEY": "made-up",
        "IDP__SMS__KAVENEGAR__SENDER": "2000",
        "IDP__PAGES__INBOX": "false",
    }
    assert "cannot be reached" in str(findings(run)["SMS gateway kavenegar"]["says"])


def test_every_registry_that_is_away_is_named(run: CommandLine):
    run.variables["IDP__REGISTRY__KIND"] = "http"
    for number, name in enumerate(("CIVIL", "OWNERSHIP", "COUNCIL"), start=1):
        run.variables[f"IDP__REGISTRY__{name}__URL"] = f"http://127.0.0.1:{number}"
    found = findings(run)
    asked = ("civil registry", "mobile ownership", "medical council")
    assert ["cannot be reached" in str(found[one]["says"]) for one in asked] == [True] * 3


BROKEN_SECRETS = {
    "not base64url": 'password_pepper = "!"',
    "of another length": 'password_pepper = "c2hvcnQ="',
}


@pytest.mark.parametrize("pepper", BROKEN_SECRETS.values(), ids=BROKEN_SECRETS.keys())
def test_every_command_names_a_secret_that_is(run: CommandLine, pepper: str):
    run.write_settings(re.sub(r'password_pepper = "[^"]+"', pepper, fresh_secrets()))
    result = run("clients", "list")
    assert result.exit_code == 4, result.exception
    assert "secrets.password_pepper" in result.stderr


def test_a_runtime_folder_that_cannot_be_made_is_named(run: CommandLine):
    run.variables["IDP__SERVER__RUNTIME_FOLDER"] = "/dev/null/run"
    result = run("clients", "list")
    assert result.exit_code == 4, result.exception
    assert "server.runtime_folder" in result.stderr
    assert "server.runtime_folder" in str(findings(run)["settings"]["says"])


def test_a_database_server_that_is_away_is_named(run: CommandLine):
    run.variables["IDP__DATABASE__URL"] = "postgresql+psycopg://hub@127.0.0.1:1/hub"
    says = str(findings(run)["database"]["says"])
    assert "127.0.0.1:1 cannot be reached" in says
    assert "database.url" in says


def test_a_database_file_that_is_not_there_is_told_how_to_be_made(run: CommandLine):
    run.variables["IDP__DATABASE__URL"] = f"sqlite:///{run.folder}/nowhere/hub.sqlite3"
    says = str(findings(run)["database"]["says"])
    assert "nowhere/hub.sqlite3 is not there: `idp db upgrade`" in says


def test_a_file_that_is_no_database_is_named(run: CommandLine):
    (run.folder / "hub.sqlite3").write_bytes(b"this is no database" * 100)
    assert "hub.sqlite3 and whether it is a database" in str(findings(run)["database"]["says"])


def test_a_database_of_a_newer_version_is_left_as_it_is_and_told(run: CommandLine):
    with closing(sqlite3.connect(run.folder / "hub.sqlite3")) as database, database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    assert "revision 9999" in run.done("db", "upgrade")
    assert "newer than this version" in str(findings(run)["database"]["says"])


def test_what_another_key_sealed_ends_a_command_in_words(run: CommandLine):
    run.done("registry", "import", resources.demo_file("people.csv"))
    before = run.settings.read_text("utf-8")
    other = KEY.findall(fresh_secrets())[0]
    run.settings.write_text(before.replace(KEY.findall(before)[0], other), "utf-8")
    result = run("registry", "lookup", typed="9994863177")
    assert result.exit_code == 4, result.exception
    assert "secrets.sealing_keys" in result.stderr


def test_other_commands_say_which_setting_is_wrong(run: CommandLine):
    run.variables["IDP__SERVER__THREADS"] = "many"
    result = run("clients", "list")
    assert result.exit_code == 4
    assert "server.threads" in result.stderr


def test_other_commands_name_the_check_where_the_database_is_broken(run: CommandLine):
    (run.folder / "hub.sqlite3").write_bytes(b"this is no database" * 100)
    result = run("clients", "list")
    assert result.exit_code == 4, result.exception
    assert "idp check" in result.stderr


def test_commands_on_an_empty_database_say_to_upgrade(bare: CommandLine):
    result = bare("clients", "list")
    assert result.exit_code == 4, result.exception
    assert "idp db upgrade" in result.stderr


@pytest.fixture
def on_postgres(bare: CommandLine, postgres_url: str) -> CommandLine:
    """An administrator whose database is a PostgreSQL."""
    bare.variables["IDP__DATABASE__URL"] = postgres_url
    bare.done("db", "upgrade")
    return bare


def set_database_clock(url: str, by: str) -> None:
    """Put a clock of our own before PostgreSQL's."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql"
            f" AS $$ SELECT pg_catalog.clock_timestamp() + interval '{by}' $$"
        )
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')


def test_an_embedded_database_has_the_machines_clock(run: CommandLine):
    assert findings(run)["clock"]["says"] == "the database is embedded: there is one clock"


def test_a_clock_that_agrees_with_the_databases_is_well(on_postgres: CommandLine):
    assert findings(on_postgres)["clock"]["well"] is True


def test_a_clock_astray_is_told(on_postgres: CommandLine, postgres_url: str):  # F20
    set_database_clock(postgres_url, "1 minute")

    result = on_postgres("check")

    assert result.exit_code == 4
    assert "60 s behind the database" in result.stdout


def test_the_demos_clock_is_not_held_against_the_databases(on_postgres: CommandLine):
    files = [resources.settings_file("development"), on_postgres.settings]
    outside = build_outside(
        load(files, {**on_postgres.variables, "IDP__PAGES__MOVABLE_CLOCK": "true"})
    )
    outside.database.clock_shift().move_to(46 * 3600)

    outside.database.require_agreeing_clocks()

    ahead = outside.database.clock_ahead()
    assert ahead is not None
    assert abs(ahead) < timedelta(seconds=5)
    outside.database.close()


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (SettingsError("server.issuer is missing"), "server.issuer is missing"),
        (DatabaseUnavailable("no connection is free"), "no connection is free"),
        (KeyStoreError("no key signs"), "no key signs"),
        (ClockSkew("90 s behind the database's clock"), "90 s behind the database's clock"),
        (BrokenSeal("unknown key"), "secrets.sealing_keys"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_broken_surroundings_are_told_in_a_sentence(error: Exception, says: str):
    """A traceback would say it to nobody who runs the hub, and the exit code to no supervisor."""

    def open_hub(_settings: Settings) -> NoReturn:
        raise error

    broken = replace(command_tools(), load_settings=lambda _files: None, open_hub=open_hub)
    result = CliRunner().invoke(idp, ["serve"], obj=broken)
    assert (result.exit_code, says in result.stderr) == (4, True)
