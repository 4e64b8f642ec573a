"""``idp conformance`` in a process of its own: the hub that clients of other hands sign in at."""

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from tests.e2e.demo import IDP, eventually
from tests.e2e.toml import toml_of
from tests.e2e.walk import Walk
from tests.free_ports import free_port


class Suite:
    """A hub over TLS on loopback, and what its owner knows of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.issuer = f"https://localhost:{self.port}"
        self.said, self.log = folder / "said.txt", folder / "log"
        self.secrets: set[str] = set()

    @property
    def certificate(self) -> Path:
        """The certificate that signs itself: of the hub, and of every portal beside it."""
        return self.folder / "hub" / "certificate.pem"

    @property
    def key(self) -> Path:
        """The key of the certificate."""
        return self.folder / "hub" / "key.pem"

    @property
    def trust(self) -> dict[str, str]:
        """The variables by which programs trust the certificate."""
        names = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS")
        return dict.fromkeys(names, str(self.certificate))

    def start(self) -> "subprocess.Popen[bytes]":
        """Start it and wait until it answers."""
        command = [IDP, "conformance", "--port", str(self.port), "--folder", self.folder / "hub"]
        with self.said.open("wb") as said, self.log.open("ab") as log:
            process = subprocess.Popen(
                command, stdout=said, stderr=log, cwd=self.folder, env={**os.environ, **self.trust}
            )
        eventually(lambda: self._answers() or None, what=f"a hub: {self.folder}", seconds=60)
        return process

    def told(self, name: str) -> str:
        """Return what it told its owner at its start."""
        return re.search(rf"^{name} +(.+)$", self.said.read_text("utf-8"), re.MULTILINE)[1]

    def idp(self, *words: object) -> str:
        """Run a command that works on it, which must succeed; return what it printed."""
        done = subprocess.run(
            [IDP, *map(str, words)],
            env={"IDP_CONFIG": self.told("IDP_CONFIG"), "IDP_OFFICER": "suite"},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def register(self, client_id: str, **metadata: Any) -> str:
        """Register a first-party portal by a file; return its secret."""
        file = self.folder / f"{client_id}.toml"
        whole = {"client_id": client_id, "client_name": client_id, "first_party": True, **metadata}
        file.write_text(toml_of(whole), "utf-8")
        return self.register_file(file)

    def register_file(self, file: Path) -> str:
        """Register a portal by its file; return its secret."""
        (done,) = json.loads(self.idp("clients", "register", file, "--json"))
        secret: str = done["client_secret"]
        self.secrets |= {secret} if secret else set()
        return secret

    def walk(self) -> Walk:
        """Return a browser without a screen that trusts the certificate."""
        walk = Walk()
        walk.session.verify = str(self.certificate)
        walk.session.trust_env = False
        return walk

    def sign_in(self, walk: Walk, address: str) -> Walk:
        """Open an address that asks who comes, and sign the test citizen in where it is asked."""
        return self.answer(walk.open(address))

    def answer(self, walk: Walk) -> Walk:
        """Sign the test citizen in if the page asks who comes."""
        self.secrets.add(self.told("password"))
        if walk.here.startswith(f"{self.issuer}/login"):
            walk.submit({"username": self.told("user name"), "password": self.told("password")})
        return walk

    def _answers(self) -> bool:
        with suppress(requests.RequestException, OSError, TypeError):
            return self.walk().session.get(f"{self.issuer}/alive", timeout=5).ok
        return False


@contextmanager
def running_suite(folder: Path) -> Iterator[Suite]:
    """Yield a running hub; afterwards it must stop, and its log must hold no secret."""
    suite = Suite(folder)
    process = suite.start()
    try:
        yield suite
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
    written = suite.log.read_text("utf-8", "replace")
    assert [secret for secret in suite.secrets if secret in written] == []
