"""What may stand in the files of this repository."""

import re
import subprocess
import tomllib

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory

from tests.architecture.sources import ROOT, sources, text_files

MIGRATIONS = ROOT / "idp" / "store" / "migrations"
PLACE_OF_ONE_MACHINE = re.compile(r"(?<![\w.<])/(?:root|work|home/\w+|Users/\w+)/|\.\./" + "shared")
KEY = re.compile(r"\s*#?\s*([\w.-]+)\s*=")


def texts() -> list[tuple[str, str]]:
    return [
        (path.relative_to(ROOT).as_posix(), path.read_text("utf-8", "replace"))
        for path in text_files()
    ]


def test_no_file_names_a_place_of_one_machine():
    found = [name for name, text in texts() if PLACE_OF_ONE_MACHINE.search(text)]
    assert found == []


def test_git_keeps_no_key():
    kept = subprocess.run(
        ["git", "-c", f"safe.directory={ROOT}", "ls-files", "keys"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    assert set(kept) <= {"keys/README.md", "keys/.gitignore"}


def test_no_file_holds_a_private_key():
    begin = re.compile("-----BEGIN " + r"[A-Z ]*PRIVATE KEY-----\s+[A-Za-z0-9+/=]{32}")
    assert [name for name, text in texts() if begin.search(text)] == []


def test_migrations_have_one_head():
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_every_setting_says_what_it_means():
    text = (ROOT / "config" / "default.toml").read_text("utf-8")
    assert undocumented_keys(text) == []


def test_every_setting_is_read():
    code = "\n".join(
        [source.text for source in sources() if not source.is_below("idp/settings/__init__")]
        + [path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html")]
    )
    keys = all_keys(tomllib.loads((ROOT / "config" / "default.toml").read_text("utf-8")))
    unread = [key for key in keys if not re.search(rf"\.{key.rpartition('.')[2]}\b", code)]
    assert unread == []


@pytest.mark.parametrize("name", ["development.toml", "guide.toml"])
def test_other_settings_files_know_no_further_keys(name):
    default = set(all_keys(tomllib.loads((ROOT / "config" / "default.toml").read_text("utf-8"))))
    other = set(all_keys(tomllib.loads((ROOT / "config" / name).read_text("utf-8"))))
    assert other - default == set()


def undocumented_keys(text: str) -> list[str]:
    """Return keys with no comment, neither on their line nor above their run of lines."""
    silent, explained = [], False
    for line in text.splitlines():
        if KEY.match(line) and not line.lstrip().startswith("#"):
            if not explained and "#" not in line:
                silent.append(line)
        elif line.strip() not in {"]", "}"}:
            explained = line.lstrip().startswith("#")
    return silent


def all_keys(table: dict[str, object], above: str = "") -> list[str]:
    keys = []
    for name, value in table.items():
        keys += all_keys(value, f"{above}{name}.") if isinstance(value, dict) else [above + name]
    return keys


def test_a_key_without_a_comment_is_found():
    assert undocumented_keys("# why\na = 1\n\nb = 2\nc = 3 # seconds\n") == ["b = 2"]
