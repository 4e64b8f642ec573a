"""Commands use the demo of their folder when no settings are named, and say so."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from idp.app import command_tools
from idp.cli.main import idp
from tests.cli.conftest import CommandLine

ENVIRONMENT = 4
OPEN_TO_OTHERS = 0o770


@pytest.fixture
def folder(run: CommandLine, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a demo, in whose parent commands run."""
    demo = run.folder / "var" / "demo"
    for one in (demo.parent, demo):
        one.mkdir(mode=0o700)
    (demo / "settings").write_text(run.config, "utf-8")
    monkeypatch.chdir(run.folder)
    for name in [one for one in os.environ if one.startswith("IDP_")]:
        monkeypatch.delenv(name)
    return demo


def command(*words: str, **variables: str) -> Result:
    return CliRunner().invoke(idp, words, obj=command_tools(), env=variables)


def test_the_demo_is_found_and_named(folder: Path):
    result = command("clients", "list")
    assert result.exit_code == 0, result.output
    assert "No portal is registered." in result.stdout
    assert "the demo in var/demo" in result.stderr


def test_a_diagnosis_finds_it_too(folder: Path):
    assert "the demo in var/demo" in command("check").stderr


def test_settings_that_are_named_come_first(folder: Path):
    result = command("clients", "list", IDP_CONFIG=str(folder / "nowhere.toml"))
    assert result.exit_code == ENVIRONMENT
    assert "nowhere.toml" in result.stderr


def test_one_variable_with_a_setting_is_enough_to_look_for_no_demo(folder: Path):
    result = command("clients", "list", IDP__SERVER__PROCESSES="1")
    assert result.exit_code == ENVIRONMENT


def test_a_folder_that_others_may_write_to_is_not_trusted(folder: Path):
    folder.chmod(OPEN_TO_OTHERS)
    result = command("clients", "list")
    assert result.exit_code == ENVIRONMENT
    assert "the demo in" not in result.stderr


def test_without_a_demo_the_way_to_one_is_told(folder: Path):
    (folder / "settings").unlink()
    result = command("clients", "list")
    assert result.exit_code == ENVIRONMENT
    assert "secrets.sealing_keys" in result.stderr
    assert "`make demo`" in result.stderr
