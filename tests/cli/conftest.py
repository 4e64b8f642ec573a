"""The ``idp`` command on a database of its own."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idp import resources, settings
from idp.app import command_tools, open_hub
from idp.cli.context import Hub
from idp.cli.main import idp
from idp.cli.system import fresh_secrets

PORTAL = """\
client_id = "{client_id}"
client_name = "سامانه آزمایشی"
redirect_uris = ["https://{client_id}.tamin.example/callback"]
scope = ["openid", "profile"]
"""


@dataclass
class CommandLine:
    """Runs ``idp`` as an administrator does whose settings lie in a folder."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> Path:
        """The administrator's own settings file."""
        return self.folder / "own.toml"

    @property
    def portals(self) -> Path:
        """A folder of client files."""
        found = self.folder / "clients"
        found.mkdir(exist_ok=True)
        return found

    @property
    def config(self) -> str:
        """The files that make up the settings."""
        return f"{resources.settings_file('development')}:{self.settings}"

    def hub(self) -> Hub:
        """Return the hub of the administrator's commands."""
        files = [resources.settings_file("development"), self.settings]
        return open_hub(settings.load(files, {}))

    def write_settings(self, secrets: str | None = None) -> None:
        """Write settings whose database and keys lie in the folder."""
        self.settings.write_text(
            f"""{secrets or fresh_secrets()}
folder = "{self.folder / "keys"}"
[server]
runtime_folder = "{self.folder / "run"}"
[database]
url = "sqlite:///{self.folder / "hub.sqlite3"}"
""",
            "utf-8",
        )

    def __call__(self, *arguments: object, typed: str | None = None) -> Result:
        """Run a command; ``typed`` is what the administrator answers to its questions."""
        environment: Mapping[str, str | None] = {
            "IDP_CONFIG": self.config,
            "IDP_OFFICER": "o-17",
            **self.variables,
        }
        words = [str(one) for one in arguments]
        return CliRunner().invoke(idp, words, obj=command_tools(), env=environment, input=typed)

    def done(self, *arguments: object, typed: str | None = None) -> str:
        """Run a command that must succeed; return what it printed."""
        result = self(*arguments, typed=typed)
        assert result.exit_code == 0, (result.stdout, result.stderr, result.exception)
        return result.stdout

    def read(self, *arguments: object, typed: str | None = None) -> Any:
        """Run a command with ``--json``, which must succeed; return the document."""
        return json.loads(self.done(*arguments, "--json", typed=typed))

    def portal(self, client_id: str, more: str = "") -> Path:
        """Write a client file and return its path."""
        file = self.portals / f"{client_id}.toml"
        file.write_text(PORTAL.format(client_id=client_id) + more, "utf-8")
        return file


@pytest.fixture
def bare(tmp_path: Path) -> CommandLine:
    """An administrator with settings, and nothing else yet."""
    command_line = CommandLine(tmp_path)
    command_line.write_settings()
    return command_line


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> CommandLine:
    """Whom ``run`` copies: to migrate and to make a key takes half a second."""
    command_line = CommandLine(tmp_path_factory.mktemp("furnished"))
    command_line.write_settings()
    command_line.done("db", "upgrade")
    made = command_line.done("keys", "new")
    command_line.done("keys", "promote", made.split()[0])
    return command_line


@pytest.fixture
def run(tmp_path: Path, furnished: CommandLine) -> CommandLine:
    """An administrator with a migrated database and a signing key."""
    folder = tmp_path / "administrator"
    shutil.copytree(furnished.folder, folder)
    command_line = CommandLine(folder)
    own = furnished.settings.read_text("utf-8")
    command_line.settings.write_text(own.replace(str(furnished.folder), str(folder)), "utf-8")
    return command_line
