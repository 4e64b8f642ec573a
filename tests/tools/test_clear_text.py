"""The search for values of people in clear finds them, in every form that files have."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.clear_text import findings, kinds_in
from tests.e2e import people

ID, PHONE = "9994863177", "09129129929"


@pytest.fixture
def folder():
    """One that is gone before the search after the run, which would find what these tests write."""
    with TemporaryDirectory() as made:
        yield Path(made)


@pytest.mark.parametrize(
    ("text", "kind"),
    [(f"x{ID}y", "national ID"), (PHONE, "phone"), (f"+98{PHONE[1:]}", "phone")],
)
def test_a_value_is_found_in_the_middle(text, kind):
    assert kinds_in(text.encode()) == {kind}


@pytest.mark.parametrize("text", [people.ANSWER, json.dumps(people.ANSWER)])
def test_an_answer_is_found_as_text_and_in_JSON(text):
    assert kinds_in(f"$argon2id$ {text}".encode()) == {"answer"}


def test_the_quick_hashing_of_a_test_is_no_finding():
    assert kinds_in(people.person("ok_male").password.encode()) == set()


def test_a_password_beside_a_real_hash_is_one():
    assert kinds_in(f"$argon2id$ {people.person('ok_male').password}".encode()) == {"password"}


def test_a_row_is_found_in_the_file_of_a_database(folder):
    with closing(sqlite3.connect(folder / "x.sqlite3")) as connection, connection:
        connection.execute("CREATE TABLE x (y)")
        connection.execute("INSERT INTO x VALUES (?)", [ID])

    assert list(findings(folder)) == ["x.sqlite3: national ID"]


def test_a_log_in_a_folder_below_is_read(folder):
    (folder / "hub").mkdir()
    (folder / "hub" / "web.log").write_text(f'{{"id": "{ID}"}}')

    assert list(findings(folder)) == ["hub/web.log: national ID"]


def test_other_files_and_clean_ones_are_no_findings(folder):
    (folder / "people.csv").write_text(ID)
    (folder / "web.log").write_text("1234567890")

    assert list(findings(folder)) == []
