"""``idp worker``: runs the jobs of the outbox."""

import signal
from threading import Event
from types import FrameType

import click

from idp.cli.context import hub


@click.command()
def worker() -> None:
    """Check cases, send messages, tell portals, clean up; until told to stop.

    Start as many as wanted, on any machine that reaches the database: each job is run by one of
    them. On SIGTERM or Ctrl-C the jobs in hand are brought to their end. A worker that is killed
    loses nothing; its jobs are taken up again when their lease (worker.lease_seconds) has run out.

    \b
    Examples:
      IDP_CONFIG=/etc/tamin-account/hub.toml:/etc/tamin-account/secrets.toml idp worker
    """
    stop = Event()

    def told(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, told)
    signal.signal(signal.SIGINT, told)
    hub().run_worker(stop.is_set)
