"""Keys rotate every 0.6 s in several processes while portals verify tokens: fault F23.

``make rotation`` runs two hundred rotations.
"""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing.connection import Client, Connection
from pathlib import Path

import pytest

from idp.domain.clients.public_jwk import PublicJwk
from idp.protocol.jose.jws import import_public, verify
from tests.architecture.sources import ROOT
from tests.fault.rotating_node import ALG, CACHE, fast_clock, make_ring

ROTATIONS = int(os.environ.get("IDP_TEST_ROTATIONS", "2"))
PROCESSES, PORTALS = 3, 3
PATIENCE = 30 + 10 * ROTATIONS


@dataclass
class Portal:
    """Keeps the key set for as long as it may, and never asks before."""

    nodes: list[Connection]
    seed: int
    keys: dict[str, object] = field(default_factory=dict)
    fetched_at: datetime | None = None
    signers: set[str] = field(default_factory=set)
    verified: int = 0

    def verify_until(self, deadline: float) -> None:
        """Verify each token while it lives, until as many keys have signed as wanted."""
        randomness, alive = random.Random(self.seed), []
        while len(self.signers) <= ROTATIONS and time.monotonic() < deadline:
            alive.append(self._ask(randomness.choice(self.nodes), "token"))
            self._refresh(randomness.choice(self.nodes))
            alive = [(dies_at, token) for dies_at, token in alive if fast_clock() < dies_at]
            for _, token in alive:
                self.signers.add(verify(token, self._find, (ALG,)).header["kid"])
                self.verified += 1
            time.sleep(0.01)

    def _refresh(self, node: Connection) -> None:
        now = fast_clock()
        if self.fetched_at is None or now - self.fetched_at >= CACHE:
            self.fetched_at = now
            listed = json.loads(self._ask(node, "keys"))["keys"]
            self.keys = {jwk["kid"]: import_public(PublicJwk.parse(jwk)) for jwk in listed}

    def _ask(self, node: Connection, what: str):
        node.send(what)
        return node.recv()

    def _find(self, kid, _alg):
        return self.keys.get(kid)


@pytest.fixture
def nodes(tmp_path: Path, migrated_postgres_url: str) -> Iterator[list[str]]:
    """Processes of one hub; the addresses at which they answer."""
    ring = make_ring(tmp_path / "keys")
    ring.promote(ring.new(ALG).kid)
    names = [f"node-{number}" for number in range(PROCESSES)]
    command = [sys.executable, "-m", "tests.fault.rotating_node", tmp_path, migrated_postgres_url]
    with (tmp_path / "log").open("wb") as log:
        running = [
            subprocess.Popen([*command, name], cwd=ROOT, stdout=log, stderr=log) for name in names
        ]
        yield [str(tmp_path / name) for name in names]
        for process in running:
            process.kill()
            process.wait()


def connected(address: str) -> Connection:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if Path(address).exists():
            return Client(address)
        time.sleep(0.05)
    pytest.fail(f"{address} does not answer")


def test_no_verification_fails_while_several_processes_rotate(nodes, tmp_path):
    portals = [Portal([connected(one) for one in nodes], seed) for seed in range(PORTALS)]
    deadline = time.monotonic() + PATIENCE

    with ThreadPoolExecutor(PORTALS) as pool:
        for portal in [pool.submit(one.verify_until, deadline) for one in portals]:
            portal.result()

    print({"verified": sum(one.verified for one in portals)})
    assert min(len(one.signers) for one in portals) > ROTATIONS
    assert "alarm" not in (tmp_path / "log").read_text("utf-8")
