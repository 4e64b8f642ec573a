"""What `idp demo` and `idp conformance` share: each runs a hub in a folder of its own."""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from idp.cli.context import EXIT_ENVIRONMENT, Hub, fail, tools
from idp.cli.system import fresh_secrets
from idp.private_files import private_folder


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Lock the folder: a second hub in it would replace the client secrets of the first."""
    try:
        private_folder(folder)
        lock = (folder / "lock").open("w")
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}. Try another --folder.", EXIT_ENVIRONMENT)
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(
                f"A hub runs already in {folder}: stop it with Ctrl+C, or start another with"
                " --folder and --port (`make demo FOLDER=var/other PORT=9000`).",
                EXIT_ENVIRONMENT,
            )
        yield


def need_ports(ports: Iterable[int]) -> None:
    """End the command where one of the ports is in use."""
    taken = tools().taken_ports(ports)
    if taken:
        numbers = ", ".join(map(str, taken))
        fail(
            f"In use already: port {numbers}. Choose another with --port (`make demo PORT=9000`).",
            EXIT_ENVIRONMENT,
        )


def secrets_in(folder: Path) -> Path:
    """Return the folder's file of secrets, made when missing; make its folder of keys too."""
    private_folder(folder / "keys")
    secrets = folder / "secrets.toml"
    if not secrets.exists():
        with os.fdopen(os.open(secrets, os.O_WRONLY | os.O_CREAT, 0o600), "w") as opened:
            opened.write(fresh_secrets() + "\n")
    return secrets


def make_signing_keys(hub: Hub) -> None:
    """Promote a key of each algorithm that the defaults sign with, when none of it signs.

    One that a stopped start has left is promoted, else a new one.
    """
    for alg in ("RS256", "ES256"):
        keys = [one for one in hub.keys.all() if one.alg == alg]
        if any(one.state == "active" for one in keys):
            continue
        left = [one.kid for one in keys if one.state == "next"]
        hub.keys.promote(left[0] if left else hub.keys.new(alg).kid)
