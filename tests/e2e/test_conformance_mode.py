"""`idp conformance`: a hub over TLS on this machine, for a conformance suite."""

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from tests.deploy.deployment import free_port
from tests.e2e.demo import IDP, ROOT, eventually
from tests.e2e.walk import Walk

pytestmark = pytest.mark.slow


class Suite:
    """Somebody who runs a suite against the hub."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.said = folder / "said.txt"

    def start(self) -> "subprocess.Popen[bytes]":
        command = [IDP, "conformance", "--port", str(self.port), "--folder", self.folder / "hub"]
        with self.said.open("wb") as said, (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(command, stdout=said, stderr=log, cwd=self.folder)
        eventually(lambda: self._answers() or None, what=f"a hub: {self.folder}", seconds=60)
        return process

    def told(self, name: str) -> str:
        return re.search(rf"^{name} +(.+)$", self.said.read_text("utf-8"), re.MULTILINE)[1]

    def walk(self) -> Walk:
        walk = Walk()
        walk.session.verify = self.told("certificate")
        walk.session.trust_env = False
        return walk

    def _answers(self) -> bool:
        with suppress(requests.RequestException, TypeError):
            return self.walk().session.get(f"{self.issuer}/alive", timeout=5).ok
        return False


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Suite]:
    somebody = Suite(tmp_path_factory.mktemp("suite"))
    process = somebody.start()
    yield somebody
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=30)


def test_the_metadata_comes_over_tls_with_this_issuer(suite: Suite):
    path = "/.well-known/openid-configuration"
    metadata = suite.walk().session.get(f"{suite.issuer}{path}", timeout=20).json()
    assert metadata["issuer"] == suite.told("issuer") == suite.issuer
    endpoints = [value for name, value in metadata.items() if name.endswith(("_endpoint", "_uri"))]
    assert all(address.startswith(f"{suite.issuer}/") for address in endpoints)


def test_the_test_citizen_signs_in_with_name_and_password_alone(suite: Suite):
    walk = suite.walk()
    walk.open(f"{suite.issuer}/login")
    walk.submit({"username": suite.told("user name"), "password": suite.told("password")})
    assert walk.path == "/account"


def test_other_commands_work_on_it(suite: Suite):
    done = subprocess.run(
        [IDP, "clients", "register", ROOT / "clients" / "insurance-records.toml"],
        env={"IDP_CONFIG": suite.told("IDP_CONFIG"), "IDP_OFFICER": "suite"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "insurance-records" in done.stdout


def test_its_password_is_the_same_at_the_next_start(suite: Suite):
    assert (suite.folder / "hub" / "password").read_text("utf-8") == suite.told("password")
