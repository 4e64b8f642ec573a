"""What a trial is made of, before anything runs."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from idp.domain.clients.client import Client


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The portal, how long its citizen waits, and with what browser the citizen comes."""

    client: Client
    start: str
    port: int
    user_name: str
    password: str = field(repr=False)
    patience: timedelta
    log: Path
    """Where the hub's log goes: refusals stand in it."""
    api: str = ""
    """The address of an operation of an API, which is tried in place of a portal."""
    uses_chromium: bool = False
    """Else the citizen comes by plain HTTP, without scripts."""
