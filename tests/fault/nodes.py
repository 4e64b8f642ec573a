"""Nodes of the hub, each `idp serve` in a process of its own, on one database."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.sources import ROOT
from tests.free_ports import free_port
from tests.performance.hub import Place
from tests.simulators.postgres import eventually

PATIENCE = 30.0
DISCOVERY, JWKS, ALIVE = "/.well-known/openid-configuration", "/oauth2/jwks", "/alive"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Answer:
    """What a node said, and how long it took."""

    status: int
    headers: dict[str, str]
    text: str
    seconds: float

    @property
    def json(self) -> object:
        return json.loads(self.text)


@dataclass(frozen=True)
class Node:
    """A running node."""

    port: int
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def ask(self, path: str, form: str | None = None, **headers: str) -> Answer:
        """Ask for a page, or send a form to it."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        begun = time.monotonic()
        try:
            line.request("GET" if form is None else "POST", path, form, FORM | headers)
            answer = line.getresponse()
            text = answer.read().decode()
        finally:
            line.close()
        return Answer(answer.status, dict(answer.headers), text, time.monotonic() - begun)

    def status(self, path: str) -> int:
        """Return the status of a page; 0 when nobody answers."""
        with suppress(OSError, http.client.HTTPException):
            return self.ask(path).status
        return 0


@contextmanager
def node(place: Place, *, code: Path = ROOT, **variables: str) -> Iterator[Node]:
    """Run a node with more settings in ``variables``; ``code`` has the package."""
    port = free_port()
    files = place.write_settings(port, processes=1)
    environment = {
        **os.environ,
        "PYTHONPATH": str(code),
        "IDP_CONFIG": os.pathsep.join(map(str, files)),
        **variables,
    }
    log = place.folder / f"node-{port}.log"
    command = [sys.executable, "-c", "from idp.start import main; main()", "serve"]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, cwd=code, env=environment, stdout=output, stderr=output
        ) as process,
    ):
        made = Node(port, log, process)
        try:
            eventually(lambda: made.status(ALIVE) == 200, f"no node: {log}")
            yield made
        finally:
            process.send_signal(signal.SIGTERM)
