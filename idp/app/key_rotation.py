"""Builds what rotates the signing keys, and what reports them to the other processes."""

import os
import socket
from datetime import timedelta
from threading import Event, Thread

from idp.app.outside import Outside
from idp.protocol.jose.signing_keys import LOOK_EVERY
from idp.protocol.key_rotation import KeyReporter, KeyRotation, RotationSchedule


def build_key_rotation(outside: Outside) -> KeyRotation:
    """Return the rotation of the signing keys, by the schedule of the settings."""
    section = outside.settings.keys
    schedule = RotationSchedule(
        every=timedelta(days=section.rotate_every_days),
        publish_ahead=timedelta(seconds=section.publish_ahead_seconds),
    )
    return KeyRotation(outside.begin, outside.clock, outside.keys, schedule)


def start_key_reporter(outside: Outside) -> None:
    """Report the keys of this process from now on, in a thread that ends with it."""
    here = f"{socket.gethostname()}:{os.getpid()}"
    reporter = KeyReporter(outside.begin, outside.keys, here)
    args = (Event().wait, LOOK_EVERY.total_seconds())
    Thread(target=reporter.run_until, args=args, name="key-reporter", daemon=True).start()
