"""Somebody who runs a conformance suite against a hub of this machine."""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import requests

from tests.deploy.deployment import free_port
from tests.e2e.demo import IDP, eventually
from tests.e2e.walk import Walk


class Suite:
    """Somebody who runs a suite against the hub."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.said = folder / "said.txt"

    def start(self, trusted: Path | None = None) -> "subprocess.Popen[bytes]":
        """Start the hub; it trusts the certificates in ``trusted`` when it fetches."""
        environment = {**os.environ, **({"SSL_CERT_FILE": str(trusted)} if trusted else {})}
        command = [IDP, "conformance", "--port", str(self.port), "--folder", self.folder / "hub"]
        with self.said.open("wb") as said, (self.folder / "log").open("ab") as log:
            process = subprocess.Popen(
                command, stdout=said, stderr=log, cwd=self.folder, env=environment
            )
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


@contextmanager
def running_suite(folder: Path, trusted: Path | None = None) -> Iterator[Suite]:
    """Run the hub as long as somebody needs it."""
    somebody = Suite(folder)
    process = somebody.start(trusted)
    try:
        yield somebody
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
