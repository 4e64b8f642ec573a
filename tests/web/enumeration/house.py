"""A hub at which every try finds the counters as strangers have left them: empty, or burnt."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, create_engine, text
from werkzeug.test import TestResponse

from tests.fakes import NOON
from tests.web.enumeration.comparison import seen
from tests.web.enumeration.strangers import Flow, Took, measure
from tests.web.hub import Hub

PASSING = (
    "counters", "ephemeral", "jobs", "step_ones", "recoveries", "codes", "once", "sessions",
    "known_devices", "pending_sign_ins", "session_visits",
)  # fmt: skip
"""Tables that a try fills."""


@dataclass
class House:
    """A hub, the national IDs that are tried at it by kind, and what each try begins with."""

    hub: Hub
    url: str
    ids: Mapping[str, Sequence[str]]
    seen: Callable[[TestResponse], str] = seen
    _kept: tuple[str, ...] = field(default=(), init=False)

    def __post_init__(self) -> None:
        self._engine = create_engine(self.url)

    def keep(self) -> None:
        """Let every try begin with the counters, devices and sessions of now.

        Of what may vanish counts and stamps: what was kept for a browser is no business of others.
        """
        self._kept = ("counters", "ephemeral", "known_devices", "sessions")
        with self._engine.begin() as connection:
            for table in self._kept:
                rows = f"SELECT * FROM {table}"
                counts = " WHERE coalesce(value, '') = ''" if table == "ephemeral" else ""
                connection.execute(text(f"CREATE TABLE kept_{table} AS {rows}{counts}"))

    def measure(self, flow: Flow, national_id: str) -> list[tuple[str, Took]]:
        """Return what each answer of the flow shows, and how long it took."""
        with self._engine.begin() as connection:
            self._begin_again(connection)
        self.hub.clock.now = NOON
        return [(self.seen(one), took) for one, took in measure(self.hub, flow, national_id)]

    def _begin_again(self, connection: Connection) -> None:
        for table in PASSING:
            connection.execute(text(f"DELETE FROM {table}"))
        for table in self._kept:
            connection.execute(text(f"INSERT INTO {table} SELECT * FROM kept_{table}"))
