"""``idp db``, ``secrets``, ``check``: also where the hub cannot start."""

import json
import re
import tomllib

from idp.cli.system import fresh_secrets
from tests.cli.conftest import CommandLine

KEY = re.compile(r'key = "([^"]+)"')


def findings(run: CommandLine) -> dict[str, dict[str, object]]:
    rows = json.loads(run("check", "--json").stdout)
    return {row["subject"]: row for row in rows}


def test_a_database_is_migrated_once_and_again_without_harm(bare: CommandLine):
    assert "empty" in bare.done("db", "current")
    first, second = bare.done("db", "upgrade"), bare.done("db", "upgrade")
    assert first == second
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


def test_missing_keys_are_told_how_to_be_made(bare: CommandLine):
    bare.done("db", "upgrade")
    assert bare("check").exit_code == 4
    assert "idp keys" in str(findings(bare)["signing keys"]["says"])


def test_one_broken_part_hides_no_other(run: CommandLine):
    (run.folder / "hub.sqlite3").write_bytes(b"this is no database" * 100)
    found = findings(run)
    assert found["database"]["well"] is False
    assert found["signing keys"]["well"] is True


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
