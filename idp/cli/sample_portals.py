"""The sample portals that `idp demo` registers and runs; they are in the checkout only."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from idp import resources
from idp.cli import clients as client_files
from idp.cli.context import Hub, fail
from idp.domain.clients.client import SECRET_METHODS
from idp.settings import Settings

OFFICER = "demo"
CLOCK_MOVES = int(timedelta(days=400).total_seconds())
"""Seconds that the hub's clock, which the demo can move, may be ahead of the portals' clocks."""

CLIENT_IDS = ("insurance-records", "electronic-copy", "pension-estimate", "contributions-api")
"""Each has the port after the one before it; the files in ``clients`` say 8001 to 8004."""

TOGETHER = (("insurance-records",), ("electronic-copy",), ("pension-estimate", "contributions-api"))
"""Which of them share a process: each costs 40 MB."""

_PORT = re.compile(r":800([1-4])/")


def register_samples(hub: Hub, port: int) -> dict[str, str]:
    """Register the portals at the ports after ``port``; return the secrets of those with one."""
    return {client_id: _register(hub, client_id, port) for client_id in CLIENT_IDS}


def _register(hub: Hub, client_id: str, port: int) -> str:
    file = checkout() / "clients" / f"{client_id}.toml"
    metadata = client_files.read_client_file(file)
    moved = {name: _moved(value, port) for name, value in metadata.items()}
    client = hub.clients.parse(moved)
    hub.clients.apply([client], prune=False, officer=OFFICER)
    if client.auth_method not in SECRET_METHODS:
        return ""
    done = hub.clients.rotate_secret(client_id, officer=OFFICER, keep_old=timedelta(0))
    return done.secret or ""


def _moved(value: object, port: int) -> object:
    if isinstance(value, list):
        return [_moved(one, port) for one in value]
    if isinstance(value, str):
        return _PORT.sub(lambda found: f":{port + int(found[1])}/", value)
    return value


def checkout() -> Path:
    """Return the checkout's root; end the command where the hub came as a package."""
    root = resources.PACKAGE.parent
    if not (root / "clients" / "portals").is_dir():
        fail("The sample portals are in the checkout only: run `make demo` there.")
    return root


@contextmanager
def running(secrets: Mapping[str, str], settings: Settings, port: int) -> Iterator[None]:
    """Run the portals until the block ends."""
    processes = [
        subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", "clients.portals", *together],
            cwd=checkout(),
            env=os.environ
            | {
                "PORTAL_ISSUER": settings.server.issuer,
                "PORTAL_CLIENT_SECRET": secrets[together[-1]],
                "PORTAL_PORT": str(port + 1 + CLIENT_IDS.index(together[0])),
                "PORTAL_LEEWAY": str(CLOCK_MOVES),
                "PORTAL_ENDS_WITH_PARENT": "yes",
            },
            # Ctrl+C is for the hub, which then ends the portals.
            start_new_session=True,
        )
        for together in TOGETHER
    ]
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=10)
