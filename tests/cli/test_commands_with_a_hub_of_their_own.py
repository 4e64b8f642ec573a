"""`idp demo` and `idp conformance`, until they serve: what they prepare, print and refuse."""

import fcntl
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from idp.app import command_tools, open_hub
from idp.cli.context import Hub, Tools
from idp.cli.main import idp
from idp.cli.sample_portals import CLIENT_IDS
from idp.domain.people.national_id import NationalId
from idp.settings import load
from tests.free_ports import free_ports

ENVIRONMENT = 4


@dataclass
class Started:
    """Starts a command whose hub serves nothing and ends at once."""

    folder: Path
    port: int
    taken: set[int] = field(default_factory=set)

    @property
    def tools(self) -> Tools:
        def opened(settings: Any) -> Hub:
            return replace(open_hub(settings), serve=lambda: None)

        real = command_tools()
        taken_ports: Callable[..., Any] = lambda ports: sorted(self.taken & set(ports))  # noqa: E731
        return replace(real, open_hub=opened, taken_ports=taken_ports)

    def __call__(self, *words: str) -> Result:
        own = ["--port", str(self.port), "--folder", str(self.folder / "hub")]
        return CliRunner().invoke(idp, [*words, *own], obj=self.tools, env={"IDP_CONFIG": ""})

    def hub(self, config: str) -> Hub:
        return open_hub(load([Path(one) for one in config.split(os.pathsep)], {}))


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Started, Result]:
    started = Started(tmp_path_factory.mktemp("demo"), free_ports())
    return started, started("demo")


@pytest.fixture(scope="module")
def suite(tmp_path_factory) -> tuple[Started, Result]:
    started = Started(tmp_path_factory.mktemp("suite"), free_ports())
    return started, started("conformance")


@pytest.fixture
def started(tmp_path) -> Started:
    return Started(tmp_path, free_ports())


def test_the_demo_tells_every_address(demo):
    started, done = demo
    assert done.exit_code == 0, done.output
    for place in range(1 + len(CLIENT_IDS)):
        assert f"http://127.0.0.1:{started.port + place}/" in done.stdout


def test_the_demo_tells_how_to_register_a_portal_of_ones_own(demo):
    started, done = demo
    assert "clients register clients/portals/my-portal.toml --officer you" in done.stdout
    assert f"PORTAL_ISSUER=http://127.0.0.1:{started.port} " in done.stdout
    assert "clients log my-portal --follow" in done.stdout


def test_the_demos_hub_has_portals_branches_people_and_a_key(demo):
    started, done = demo
    hub = started.hub((started.folder / "hub" / "settings").read_text("utf-8"))
    assert {one.client_id for one in hub.clients.list()} == set(CLIENT_IDS)
    assert hub.branches.are_known()
    person = NationalId.parse(re.search(r"national_id +([0-9]{10})", done.stdout)[1])
    assert hub.registry_people.find(person) is not None
    assert [one.state for one in hub.keys.all()] == ["active", "active"]


def test_commands_elsewhere_are_told_the_settings(demo):
    started, done = demo
    listed = (started.folder / "hub" / "settings").read_text("utf-8")
    assert f"export IDP_CONFIG={listed}" in done.stdout


def test_the_demo_by_the_guide_says_so(started):
    done = started("demo", "--guide")
    assert "the guide to the letter" in done.stdout
    listed = (started.folder / "hub" / "settings").read_text("utf-8")
    assert "guide.toml" in listed


def test_a_suites_owner_is_told_what_its_configuration_needs(suite):
    started, done = suite
    assert done.exit_code == 0, done.output
    lines = done.stdout.replace("user name", "user").splitlines()
    told = dict(line.split(maxsplit=1) for line in lines)
    assert set(told) == {"issuer", "certificate", "user", "password", "IDP_CONFIG"}
    assert told["issuer"] == f"https://localhost:{started.port}"
    assert Path(told["certificate"]).is_file()
    assert [one.state for one in started.hub(told["IDP_CONFIG"]).keys.all()] == ["active", "active"]


def test_the_next_start_of_a_suites_hub_tells_the_same(suite):
    started, done = suite
    assert started("conformance").stdout == done.stdout


@pytest.mark.parametrize("command", ["demo", "conformance"])
def test_a_port_that_is_in_use_is_named(started, command):
    started.taken = {started.port}
    done = started(command)
    assert (done.exit_code, f"port {started.port}" in done.stderr) == (ENVIRONMENT, True)


def test_a_second_hub_in_one_folder_is_refused(started):
    (started.folder / "hub").mkdir(mode=0o700)
    with (started.folder / "hub" / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = started("demo")
    assert (done.exit_code, "A hub runs already" in done.stderr) == (ENVIRONMENT, True)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    done = Started(tmp_path / "file", free_ports())("demo")
    assert (done.exit_code, "Try another --folder" in done.stderr) == (ENVIRONMENT, True)
