"""One process of a hub whose keys rotate at four hundred times the speed of the clock."""

import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection, Listener
from pathlib import Path

from idp.adapters.key_store import FolderKeyStore
from idp.ports import DatabaseUnavailable
from idp.protocol.jose.jws import sign
from idp.protocol.jose.signing_keys import KeyRing
from idp.protocol.jwks import KeySet
from idp.protocol.key_rotation import KeyReporter, KeyRotation, RotationSchedule
from idp.store.database import Database
from tests.fakes import PlainVault

SPEED = 400
ALG = "ES256"
KEK = b"k" * 32
CACHE, LIFE = timedelta(minutes=2), timedelta(minutes=1)
SCHEDULE = RotationSchedule(every=timedelta(minutes=3), publish_ahead=timedelta(seconds=1))
"""So late that the next key is due before portals can know it: it has to wait for them."""


def fast_clock() -> datetime:
    """Return a time that all processes of the machine share and that goes fast."""
    seconds = time.time()
    begin = seconds - seconds % 86_400
    return datetime.fromtimestamp(begin, UTC) + timedelta(seconds=(seconds - begin) * SPEED)


def make_ring(folder: Path) -> KeyRing:
    store = FolderKeyStore(folder, KEK)
    return KeyRing(store, fast_clock, may_sign=lambda: None, jwks_cache=CACHE, longest_token=LIFE)


def rotate_for_ever(reporter: KeyReporter, rotation: KeyRotation) -> None:
    while True:
        with suppress(DatabaseUnavailable):
            reporter.run()
            rotation.run()
        time.sleep(0.02)


def serve(connection: Connection, ring: KeyRing) -> None:
    """Answer a portal: its key set, or a new token with the time at which it dies."""
    keys = KeySet(ring)
    with suppress(EOFError, OSError):
        while True:
            if connection.recv() == "keys":
                connection.send(keys.document().content)
            else:
                dies_at = fast_clock() + LIFE
                connection.send((dies_at, sign({}, ring.signer(ALG), typ="JWT")))


def main(folder: str, url: str, name: str) -> None:
    ring = make_ring(Path(folder) / "keys")
    begin = Database(url, PlainVault()).begin
    work = (
        KeyReporter(begin, ring, name),
        KeyRotation(begin, fast_clock, ring, SCHEDULE),
    )
    work[0].run()
    threading.Thread(target=rotate_for_ever, args=work, daemon=True).start()
    with Listener(str(Path(folder) / name)) as listener:
        while True:
            threading.Thread(target=serve, args=(listener.accept(), ring), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
