"""``idp branches``: the list that citizens search."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import CommandLine

HEADER = "name,province,city,address,phone,hours\n"
YAZD = "شعبه یک,یزد,یزد,خیابان امام,035-36220000,۷ تا ۱۴\n"
QOM = "شعبه قم,قم,قم,خیابان امام,,\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two branches in a file."""
    written = tmp_path / "branches.csv"
    written.write_text(HEADER + YAZD + QOM, "utf-8")
    return written


def names(run: CommandLine, *arguments: str) -> list[str]:
    return [one["name"] for one in run.read("branches", "list", *arguments)]


def test_branches_are_imported_and_listed(run: CommandLine, file: Path):
    assert "2 branches were imported; 0 were there before." in run.done("branches", "import", file)
    assert names(run) == ["شعبه یک", "شعبه قم"]


def test_a_province_alone_is_listed_in_any_spelling(run: CommandLine, file: Path):
    run.done("branches", "import", file)
    assert names(run, "--province", "استان يزد") == ["شعبه یک"]


def test_an_unknown_province_is_exit_code_3(run: CommandLine):
    assert run("branches", "list", "--province", "توران").exit_code == 3


def test_a_second_import_replaces_the_whole_list(run: CommandLine, file: Path):
    run.done("branches", "import", file)
    file.write_text(HEADER + QOM, "utf-8")
    assert "1 branches were imported; 2 were there before." in run.done("branches", "import", file)
    assert names(run) == ["شعبه قم"]


def test_the_audit_names_the_officer(run: CommandLine, file: Path):
    run.done("branches", "import", file)
    assert "branches.replaced" in run.done("audit", "tail")


def test_a_json_list_is_read_as_well(run: CommandLine, tmp_path: Path):
    file = tmp_path / "branches.json"
    one = {"name": "شعبه قم", "province": "قم", "city": "قم", "address": "خیابان", "phone": None}
    file.write_text(json.dumps([one]), "utf-8")
    run.done("branches", "import", file)
    assert names(run) == ["شعبه قم"]


def test_bad_rows_are_named_by_line_and_nothing_is_imported(run: CommandLine, file: Path):
    run.done("branches", "import", file)
    bad = "شعبه دو,توران,یزد,خیابان,,\n" + "شعبه سه,یزد,,خیابان,,\n" + YAZD
    file.write_text(HEADER + YAZD + bad, "utf-8")
    refused = run("branches", "import", file)
    assert refused.exit_code == 2
    assert "branches.csv:3: province is not one of the 31 provinces" in refused.stderr
    assert "branches.csv:4: city is empty" in refused.stderr
    assert "branches.csv:5: the same branch as in line 2" in refused.stderr
    assert "Nothing was imported." in refused.stderr
    assert names(run) == ["شعبه یک", "شعبه قم"]


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("b.csv", b"name,province\n", "the header lacks city, address, phone, hours"),
        ("b.csv", HEADER.encode(), "has no branch"),
        ("b.csv", b"", "the header lacks name"),
        ("b.csv", HEADER.encode() + b'"x', "is not CSV"),
        ("b.csv", HEADER.encode("utf-16"), "is not UTF-8"),
        ("b.json", b"{", "is not JSON"),
        ("b.json", b"{}", "must be a list of objects"),
        ("b.json", b"[1]", "must be a list of objects"),
        ("b.json", b"[]", "has no branch"),
        ("b.json", b"[" * 100_000, "is not JSON"),
        ("b.json", b"[{}]", "b.json:1: name is empty"),
    ],
)
def test_another_file_is_refused_with_the_reason(run: CommandLine, tmp_path, name, content, why):
    file = tmp_path / name
    file.write_bytes(content)
    refused = run("branches", "import", file)
    assert refused.exit_code == 2
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_file_with_a_byte_order_mark_is_read(run: CommandLine, file: Path):
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    run.done("branches", "import", file)
