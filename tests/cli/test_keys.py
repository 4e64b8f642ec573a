"""``idp keys``: next, active, retired."""

import re
from base64 import urlsafe_b64encode

import pytest

from idp.app import open_hub
from idp.app.outside import build_outside
from idp.ports import PasswordHashing
from idp.settings import load
from tests import factories
from tests.cli.conftest import CommandLine


def states(run: CommandLine) -> list[tuple[str, str]]:
    return [(row["alg"], row["state"]) for row in run.read("keys", "list")]


def test_the_list_says_which_key_signs(run: CommandLine):
    run.done("keys", "new")
    run.done("keys", "new", "--alg", "ES256")

    signs = {(row["alg"], row["state"]): row["signs"] for row in run.read("keys", "list")}
    assert signs == {
        ("RS256", "active"): True,
        ("RS256", "next"): False,
        ("ES256", "next"): False,
    }


def kid_of(run: CommandLine, state: str) -> str:
    return next(str(row["kid"]) for row in run.read("keys", "list") if row["state"] == state)


def test_the_first_key_signs_at_once(run: CommandLine):
    assert states(run) == [("RS256", "active")]


@pytest.mark.parametrize("alg", ["PS256", "ES256", "EdDSA"])
def test_a_new_key_is_published_as_next(run: CommandLine, alg: str):
    said = run.done("keys", "new", "--alg", alg)
    assert (alg, "next") in states(run)
    assert f"idp keys promote {kid_of(run, 'next')}" in said


def test_a_key_waits_until_portals_know_it(run: CommandLine):
    run.done("keys", "new")
    refused = run("keys", "promote", kid_of(run, "next"))
    assert refused.exit_code == 1
    assert "may not know" in refused.stderr


def test_a_leak_does_not_wait(run: CommandLine):
    run.done("keys", "new")
    old = kid_of(run, "active")
    run.done("keys", "promote", kid_of(run, "next"), "--now")
    assert run("keys", "retire", old).exit_code == 1  # its tokens may live
    run.done("keys", "retire", old, "--now")
    assert sorted(states(run)) == [("RS256", "active"), ("RS256", "retired")]


def test_the_key_that_signs_is_not_retired(run: CommandLine):
    refused = run("keys", "retire", kid_of(run, "active"), "--now")
    assert refused.exit_code == 1
    assert "promote another" in refused.stderr


def test_rotating_publishes_the_next_key_and_then_says_until_when_it_waits(run: CommandLine):
    assert "RS256: made" in run.done("keys", "rotate")
    assert "waiting: portals may not know" in run.done("keys", "rotate")
    assert sorted(states(run)) == [("RS256", "active"), ("RS256", "next")]


def test_without_a_key_there_is_nothing_to_rotate(bare: CommandLine):
    bare.done("db", "upgrade")
    (bare.folder / "keys").mkdir(mode=0o700)
    refused = bare("keys", "rotate")
    assert refused.exit_code == 1
    assert "idp keys new" in refused.stderr


def test_a_folder_that_lacks_the_keys_of_the_hub_changes_nothing(run: CommandLine):
    (run.folder / "keys").rename(run.folder / "elsewhere")
    (run.folder / "keys").mkdir(mode=0o700)
    refused = run("keys", "new")
    assert refused.exit_code == 1
    assert "one folder" in refused.stderr


def test_after_all_keys_are_lost_a_new_one_signs_at_once(run: CommandLine):
    (run.folder / "keys").rename(run.folder / "lost")
    run.done("keys", "new", "--now")
    run.done("keys", "promote", kid_of(run, "next"), "--now")
    assert states(run) == [("RS256", "active")]


def test_an_unknown_key_is_not_found_and_told_the_way_on(run: CommandLine):
    refused = run("keys", "promote", "nobody")
    assert refused.exit_code == 3
    assert "idp keys list" in refused.stderr


def test_a_damaged_key_file_ends_the_command_with_what_to_do(run: CommandLine):
    next((run.folder / "keys").glob("*.json")).write_text("{", "utf-8")
    listed = run("keys", "list")
    assert listed.exit_code == 4
    assert "restore it from a backup" in listed.stderr


def test_every_step_is_audited(run: CommandLine):
    actions = [row["action"] for row in run.read("audit", "tail")]
    assert actions == ["keys.made", "keys.promoted"]


def test_a_missing_folder_is_told_how_to_be_made(bare: CommandLine):
    bare.done("db", "upgrade")
    listed = bare("keys", "list")
    assert listed.exit_code == 4
    assert "idp keys new" in listed.stderr


def test_no_key_at_all_is_said_in_words(bare: CommandLine):
    bare.done("db", "upgrade")
    (bare.folder / "keys").mkdir(mode=0o700)
    assert bare.done("keys", "list") == "There is no key: `idp keys new`.\n"


def test_resealing_tells_each_table_and_is_audited(run: CommandLine):
    tables = {row["table"]: row["older"] for row in run.read("keys", "reseal")}
    assert tables["accounts"] == 0
    assert "keys.resealed" in run.done("audit", "tail")


def test_checking_writes_nothing_to_the_audit(run: CommandLine):
    run.done("keys", "reseal", "--check")
    assert "keys.resealed" not in run.done("audit", "tail")


@pytest.fixture
def two_keys(run: CommandLine) -> CommandLine:
    """An administrator with a person under the older of two sealing keys."""
    put_a_device(run)
    first = re.search(r"sealing_keys = \[(\{.*?\})\]", run.settings.read_text("utf-8"))
    assert first
    new = '{ id = "k2", key = "' + urlsafe_b64encode(b"2" * 32).decode() + '" }'
    text = run.settings.read_text("utf-8").replace(first[1], f"{new}, {first[1]}")
    run.settings.write_text(text, "utf-8")
    return run


def put_a_device(run: CommandLine) -> None:
    opened = open_hub(load(environment={"IDP_CONFIG": run.config}))
    with opened.begin() as work:
        work.devices.save(factories.known_device())


def test_what_is_older_ends_a_check_with_1(two_keys: CommandLine):
    assert two_keys("keys", "reseal", "--check").exit_code == 1
    two_keys.done("keys", "reseal")
    two_keys.done("keys", "reseal", "--check")


def test_what_no_key_opens_ends_with_1(run: CommandLine):
    put_a_device(run)
    run.settings.write_text(run.settings.read_text("utf-8").replace('id = "k1"', 'id = "k9"'))
    left = run("keys", "reseal")
    assert left.exit_code == 1
    assert "docs/operate/keys.md" in left.stderr


NEW_PEPPER = '{ id = "2", key = "' + urlsafe_b64encode(b"2" * 32).decode() + '" }'


def with_peppers(run: CommandLine, peppers: str) -> None:
    text = run.settings.read_text("utf-8")
    text = text.replace("password_pepper =", f"password_peppers = [{peppers}]\npassword_pepper =")
    run.settings.write_text(text, "utf-8")


def hashing(run: CommandLine) -> PasswordHashing:
    return build_outside(load(environment={"IDP_CONFIG": run.config})).hashing


def test_the_first_pepper_stands_behind_the_new_ones(run: CommandLine):
    with_peppers(run, NEW_PEPPER)
    nothing = {"passwords": 0, "answers": 0}
    assert run.read("keys", "peppers") == [{"pepper": "2", **nothing}, {"pepper": "1", **nothing}]


def test_a_password_outlives_a_new_pepper_and_is_due_for_it(run: CommandLine):
    stored = hashing(run).hash("Sabz1234xyz")
    with_peppers(run, NEW_PEPPER)
    after = hashing(run)
    assert after.verify("Sabz1234xyz", stored)
    assert after.needs_rehash(stored)
    assert not after.needs_rehash(after.hash("Sabz1234xyz"))


def test_a_pepper_that_stands_second_is_known_before_it_hashes(run: CommandLine):
    before = hashing(run)
    first = re.search(r'password_pepper = "(.*?)"', run.settings.read_text("utf-8"))
    assert first
    with_peppers(run, f'{{ id = "1", key = "{first[1]}" }}, {NEW_PEPPER}')
    stored = hashing(run).hash("Sabz1234xyz")
    assert before.verify("Sabz1234xyz", stored)


def test_what_no_pepper_of_the_settings_made_ends_with_1(run: CommandLine):
    with open_hub(load(environment={"IDP_CONFIG": run.config})).begin() as work:
        work.accounts.add(factories.account())
    refused = run("keys", "peppers")
    assert refused.exit_code == 1
    assert "unknown" in refused.stdout
    assert "put it back into secrets.password_peppers" in refused.stderr


def test_a_peppers_id_stands_once(run: CommandLine):
    with_peppers(run, f"{NEW_PEPPER}, {NEW_PEPPER}")
    refused = run("keys", "peppers")
    assert refused.exit_code == 4
    assert "secrets.password_peppers" in refused.stderr
