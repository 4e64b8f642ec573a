"""``idp registry``: people for the embedded registry."""

from pathlib import Path

import pytest

from idp import resources
from tests.cli.conftest import CommandLine

KNOWN = "9994863177"


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """The demo's people in a file of one's own."""
    file = tmp_path / "people.csv"
    file.write_bytes(resources.demo_file("people.csv").read_bytes())
    return file


def test_people_are_loaded_and_found(run: CommandLine, people: Path):
    assert "16 people" in run.done("registry", "import", people)
    assert run.read("registry", "lookup", typed=KNOWN)["name"] == "محمد رضا احمدی‌نژاد"


def test_a_member_of_the_council_is_shown_masked(run: CommandLine, people: Path):
    run.done("registry", "import", people)
    shown = run.read("registry", "lookup", typed="9995123487")
    assert (shown["council_number"], shown["profession"], shown["council"]) == (
        "***65",
        "general_practitioner",
        "found",
    )


def test_a_file_without_physicians_needs_none_of_their_columns(run: CommandLine, people: Path):
    lines = [line.split(",")[:14] for line in people.read_text("utf-8").splitlines()]
    people.write_text("\n".join(",".join(cells) for cells in lines), "utf-8")
    assert "16 people" in run.done("registry", "import", people)
    assert run.read("registry", "lookup", typed="9995123487")["profession"] is None


def test_a_second_import_replaces(run: CommandLine, people: Path):
    run.done("registry", "import", people)
    people.write_text(people.read_text("utf-8").replace("محمد رضا", "محمدرضا"), "utf-8")
    run.done("registry", "import", people)
    assert run.read("registry", "lookup", typed=KNOWN)["name"].startswith("محمدرضا")


def test_a_file_with_a_byte_order_mark_is_read(run: CommandLine, people: Path):
    people.write_bytes(b"\xef\xbb\xbf" + people.read_bytes())
    run.done("registry", "import", people)


def test_bad_lines_are_named_and_nothing_is_imported(run: CommandLine, people: Path):
    lines = people.read_text("utf-8").splitlines()
    lines[2] = lines[2].replace("9999872001", "1234567890")
    lines[4] = lines[4].replace("1375/12/30", "1374/12/30")
    people.write_text("\n".join(lines), "utf-8")
    refused = run("registry", "import", people)
    assert refused.exit_code == 2
    assert "people.csv:3: national_id" in refused.stderr
    assert "people.csv:5: birth_date" in refused.stderr
    assert "Nothing was imported." in refused.stderr
    assert run("registry", "lookup", typed=KNOWN).exit_code == 3


def test_a_missing_column_is_named(run: CommandLine, people: Path):
    people.write_text(people.read_text("utf-8").replace(",serial,", ",cereal,"), "utf-8")
    refused = run("registry", "import", people)
    assert refused.exit_code == 2
    assert "lacks serial" in refused.stderr


def test_a_file_in_another_encoding_is_refused(run: CommandLine, people: Path):
    people.write_bytes(people.read_text("utf-8").encode("utf-16"))
    assert "is not UTF-8" in run("registry", "import", people).stderr


def test_who_is_unknown_is_exit_code_3(run: CommandLine):
    assert run("registry", "lookup", typed=KNOWN).exit_code == 3


def test_what_is_no_national_id_is_exit_code_2(run: CommandLine):
    assert run("registry", "lookup", typed="1234567890").exit_code == 2


def test_a_field_without_end_is_refused_in_words(run: CommandLine, people: Path):
    people.write_text(people.read_text("utf-8") + '"' + "x" * 200_000, "utf-8")
    refused = run("registry", "import", people)
    assert refused.exit_code == 2, refused.exception
    assert "is not CSV" in refused.stderr


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        (",true,09129129929,", ",perhaps,09129129929,", "alive (not_a_flag)"),
        (",found,match,", ",lost,match,", "civil (unknown)"),
    ],
)
def test_a_word_that_is_none_of_the_choices_is_named(
    run: CommandLine, people: Path, right: str, wrong: str, said: str
):
    people.write_text(people.read_text("utf-8").replace(right, wrong, 1), "utf-8")
    refused = run("registry", "import", people)
    assert refused.exit_code == 2
    assert f"people.csv:2: {said}" in refused.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (",98/765,general_practitioner,found", "council_number (characters)"),
        (",98765,wizard,found", "profession (unknown)"),
        (",98765,,found", "profession (empty)"),
        (",98765,general_practitioner,lost", "council (unknown)"),
    ],
)
def test_a_wrong_word_about_a_physician_is_named(
    run: CommandLine, people: Path, wrong: str, said: str
):
    right = ",98765,general_practitioner,found"
    people.write_text(people.read_text("utf-8").replace(right, wrong), "utf-8")
    refused = run("registry", "import", people)
    assert refused.exit_code == 2
    assert said in refused.stderr
