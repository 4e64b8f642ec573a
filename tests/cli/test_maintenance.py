"""``idp maintenance``: needs neither database nor server."""

from datetime import UTC, datetime, timedelta

import pytest

from idp.adapters.maintenance_file import NAME, MaintenanceFile
from tests.cli.conftest import CommandLine


def sign(run: CommandLine) -> MaintenanceFile:
    return MaintenanceFile(run.folder / "run")


def test_pages_are_closed_without_a_database(bare: CommandLine):
    bare.done("maintenance", "begin")
    assert sign(bare).now() is not None


def test_the_end_is_counted_from_now(bare: CommandLine):
    bare.done("maintenance", "begin", "--minutes", "30")
    until = sign(bare).now().until
    assert timedelta(minutes=29) < until - datetime.now(UTC) <= timedelta(minutes=30)


def test_a_second_beginning_says_another_end(bare: CommandLine):
    bare.done("maintenance", "begin", "--minutes", "30")
    bare.done("maintenance", "begin")
    assert sign(bare).now().until is None


def test_pages_are_opened_again(bare: CommandLine):
    bare.done("maintenance", "begin")
    assert "open" in bare.done("maintenance", "end")
    assert sign(bare).now() is None


def test_ending_twice_does_no_harm(bare: CommandLine):
    assert "already" in bare.done("maintenance", "end")


@pytest.mark.parametrize(
    ("begun", "said"),
    [([], "open"), ([()], "closed."), ([("--minutes", "5")], "expected until")],
    ids=["open", "closed", "with an end"],
)
def test_it_says_how_things_are(bare: CommandLine, begun, said):
    for more in begun:
        bare.done("maintenance", "begin", *more)
    assert said in bare.done("maintenance", "show")


@pytest.mark.parametrize("minutes", ["0", "-1", "x", "99999999"])
def test_minutes_are_bounded(bare: CommandLine, minutes):
    assert bare("maintenance", "begin", "--minutes", minutes).exit_code == 2


@pytest.mark.parametrize("step", ["begin", "end"])
def test_a_folder_that_is_none_is_named(bare: CommandLine, step):
    (bare.folder / "run").write_text("a file")
    result = bare("maintenance", step)
    assert result.exit_code == 4
    assert "server.runtime_folder" in result.stderr


def test_a_folder_that_is_none_closes_nothing(bare: CommandLine):
    (bare.folder / "run").write_text("a file")
    assert "open" in bare.done("maintenance", "show")


def test_a_folder_for_the_proxy_that_is_none_is_named(bare: CommandLine):
    (bare.folder / "pages").write_text("a file")
    result = bare("maintenance", "write", bare.folder / "pages" / "of-ours")
    assert result.exit_code == 4
    assert "cannot be written" in result.stderr


@pytest.mark.parametrize("content", ["", "soon", "\x00"])
def test_a_file_put_there_by_hand_closes_too(bare: CommandLine, content):
    (bare.folder / "run").mkdir(mode=0o700)
    (bare.folder / "run" / NAME).write_text(content)
    assert "closed." in bare.done("maintenance", "show")


@pytest.fixture
def written(bare: CommandLine):
    bare.done("maintenance", "write", bare.folder / "pages")
    return bare.folder / "pages"


@pytest.mark.parametrize(
    ("language", "words"), [("fa", "به‌روزرسانی"), ("en", "We are updating the service")]
)
def test_the_page_for_the_proxy_is_in_both_languages(written, language, words):
    assert words in (written / f"maintenance.{language}.html").read_text("utf-8")


def test_the_page_for_the_proxy_brings_what_it_is_made_of(written):
    assert (written / "static" / "hub.css").stat().st_size > 10_000
    assert (written / "static" / "fonts" / "vazirmatn.woff2").exists()


def test_the_page_for_the_proxy_has_no_switch(written):
    assert "language=" not in (written / "maintenance.fa.html").read_text("utf-8")
