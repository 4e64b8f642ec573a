"""What README and docs tell people to type works as it stands there."""

import re
import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest

from idp.web.server import Threads
from tests.cli.conftest import CommandLine

ROOT = Path(__file__).resolve().parents[2]
GUIDES = ROOT / "docs" / "integrate"
MAKE = re.compile(r"(?:`|^    )make ([a-z]+)", re.MULTILINE)


@pytest.fixture
def administrator(tmp_path: Path) -> CommandLine:
    found = CommandLine(tmp_path)
    found.write_settings()
    return found


def test_the_make_targets_of_the_readme_are_there():
    targets = set(MAKE.findall((ROOT / "README.md").read_text("utf-8")))
    assert targets >= {"demo", "test", "check"}
    for target in targets:
        planned = subprocess.run(
            ["make", "--dry-run", target], cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert planned.returncode == 0, planned.stderr


def test_the_steps_of_an_installation_lead_to_a_hub_that_is_well(administrator: CommandLine):
    administrator.done("db", "upgrade")
    kid = administrator.done("keys", "new").split()[0]
    administrator.done("keys", "promote", kid)
    administrator.done("clients", "apply", ROOT / "clients")
    assert "issuer" in administrator.done("check")


@pytest.mark.parametrize("name", ["guide.md", "guide.fa.md"])
def test_the_client_file_of_the_document_registers(administrator: CommandLine, name: str):
    document = (GUIDES / name).read_text("utf-8")
    example = re.search(r"```toml\n(.+?)```", document, re.DOTALL)
    assert example
    client_id = tomllib.loads(example[1])["client_id"]
    file = administrator.portals / f"{client_id}.toml"
    file.write_text(example[1], "utf-8")
    administrator.done("db", "upgrade")
    done = administrator.read("clients", "register", file, "--officer", "you@organisation")
    assert done[0]["client_secret"]


def test_the_document_in_persian_has_the_same_client_file():
    examples = [
        tomllib.loads(
            re.search(r"```toml\n(.+?)```", (GUIDES / name).read_text("utf-8"), re.DOTALL)[1]
        )
        for name in ("guide.md", "guide.fa.md")
    ]
    assert examples[0] == examples[1]


def test_gunicorn_takes_its_options_from_the_settings(
    administrator: CommandLine, monkeypatch: pytest.MonkeyPatch
):
    files = [ROOT / "config" / "development.toml", administrator.settings]
    monkeypatch.setenv("IDP_CONFIG", ":".join(map(str, files)))
    options = runpy.run_path(str(ROOT / "config" / "gunicorn.conf.py"))
    assert options["bind"] == "127.0.0.1:8000"
    assert options["worker_class"] is Threads
