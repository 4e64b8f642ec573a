"""The hub and the tools that commands use.

``idp.app`` builds them; a command opens the hub only when it needs one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, TypeVar

import click

from idp.ports import (
    Backups,
    BrokenSeal,
    Clock,
    ClockSkew,
    DatabaseUnavailable,
    KeyStoreError,
    MaintenanceSign,
    Operator,
    PepperUse,
    RegistryPeople,
    Resealed,
    TableSize,
)
from idp.protocol.jose.signing_keys import KeyRing
from idp.protocol.key_rotation import KeyRotation
from idp.services.branches.branches import Branches
from idp.services.clients.invite_clients import InviteClients
from idp.services.clients.manage_clients import ManageClients
from idp.services.clients.read_refusals import ReadRefusals
from idp.services.desk.citizens import Citizens
from idp.services.desk.desk import Desk
from idp.services.messages.read_dead_letters import ReadDeadLetters
from idp.services.sign_out.logout_deliveries import LogoutDeliveries
from idp.services.upkeep.seed import Seed
from idp.settings import Settings, SettingsError
from idp.store.unit_of_work import Begin

if TYPE_CHECKING:
    from idp.tester.plan import Plan
    from idp.tester.trial import Trial

EXIT_REFUSED = 1
EXIT_USAGE = 2
EXIT_NOT_FOUND = 3
EXIT_ENVIRONMENT = 4

Command = TypeVar("Command", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hub:
    """The built use cases that commands call."""

    settings: Settings
    begin: Begin
    clock: Clock
    pause: Callable[[timedelta], None]
    clients: ManageClients
    refusals: ReadRefusals
    invitations: InviteClients
    registration_endpoint: str
    keys: KeyRing
    key_rotation: KeyRotation
    branches: Branches
    desk: Desk
    citizens: Citizens
    registry_people: RegistryPeople
    reseal: Callable[[bool, Callable[[int], None]], Iterable[Resealed]]
    """Seals rows under older keys with the newest (True), or only counts them (False).

    The second argument is told how many rows were looked at.
    """
    pepper_uses: Callable[[], Sequence[PepperUse]]
    """Counts the hashes that each pepper of the settings made."""
    anchor_audit: Callable[[], None]
    """Writes the audit's newest head to the anchor file, outside of the database."""
    logout_deliveries: LogoutDeliveries
    dead_letters: ReadDeadLetters
    seed: Seed
    table_sizes: Callable[[], Sequence[TableSize]]
    end_all_sessions: Callable[..., Mapping[str, int]]
    """Ends the sessions of everybody (``EndAllSessions.run``); returns how many rows by table."""
    run_worker: Callable[[Callable[[], bool]], None]
    """Runs the jobs until the function returns True."""
    put_suite_citizen: Callable[[str], None]
    """Writes the citizen of a conformance suite, with this password."""
    serve: Callable[[], None]
    """Serves the pages until the process is told to stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of ``idp check``: what was looked at, whether it is well, and what to do if not."""

    subject: str
    well: bool
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """How commands reach the hub; nothing is opened before it is asked for."""

    load_settings: Callable[[Sequence[Path]], Settings]
    """Reads the settings, with these files last."""
    open_hub: Callable[[Settings], Hub]
    upgrade_database: Callable[[Settings, Callable[[str], None]], str | None]
    """Runs the migrations, and tells each; returns the revision."""
    database_revision: Callable[[Settings], str | None]
    clock: Clock
    """The machine's own clock, not the one that the demo moves."""
    operator: Operator
    """The operating system's user; the audit has it beside the typed name of the officer."""
    maintenance: Callable[[Settings], MaintenanceSign]
    kept_pages: Callable[[Settings], Iterable[tuple[str, bytes]]]
    """What a proxy shows while no hub answers: path and content of each file."""
    check: Callable[[bool], Sequence[Finding]]
    """Looks at every part; True adds the check-list of production."""
    check_upgrade: Callable[[], Sequence[Finding]]
    """Says whether this version may be put beside the one that runs."""
    make_certificate: Callable[[Path, Path], None]
    """Writes a self-signed certificate for loopback, and its key."""
    taken_ports: Callable[[Iterable[int]], Sequence[int]]
    """Returns those of the ports that are in use on this machine."""
    backups: Callable[[Settings], Backups]
    make_backup_key: Callable[[Path], str]
    """Writes a private key into a new file; returns the public one."""
    portal_trial: Callable[[Settings, "Plan"], AbstractContextManager["Trial"]]
    """Serves a hub that answers wrongly on purpose, beside a portal that is tried."""

    def settings(self, files: Sequence[Path] = ()) -> Settings:
        """Return the settings. Raises SettingsError."""
        return self.load_settings(files)

    def hub(self, files: Sequence[Path] = ()) -> Hub:
        """Return the hub. Raises SettingsError, DatabaseUnavailable, KeyStoreError."""
        return self.open_hub(self.settings(files))


@contextmanager
def telling_what_is_broken() -> Iterator[None]:
    """End the command with a message and exit code 4 for broken settings, database, keys, clock."""
    try:
        yield
    except SettingsError as error:
        fail(f"The settings are broken:\n{error}", EXIT_ENVIRONMENT)
    except DatabaseUnavailable as error:
        fail(f"The database cannot be used: {error}. `idp check` looks closer.", EXIT_ENVIRONMENT)
    except KeyStoreError as error:
        fail(f"The signing keys cannot be used: {error}", EXIT_ENVIRONMENT)
    except ClockSkew as error:
        fail(f"Nothing can be signed: {error}. Set both machines' clocks by NTP.", EXIT_ENVIRONMENT)
    except BrokenSeal:
        fail(
            "What is stored does not open: secrets.sealing_keys lacks the key that sealed it.",
            EXIT_ENVIRONMENT,
        )


def fail(text: str, code: int = EXIT_REFUSED) -> NoReturn:
    """End the command with ``text`` on standard error and the exit code."""
    click.echo(text, err=True)
    raise SystemExit(code)


def tools() -> Tools:
    """Return the tools of the running command."""
    found = click.get_current_context().find_object(Tools)
    if found is None:
        raise RuntimeError("the commands were started without tools")
    return found


def hub() -> Hub:
    """Return the hub of the running command; the audit is anchored when the command ends."""
    opened = tools().hub()
    click.get_current_context().find_root().call_on_close(partial(_anchor, opened))
    return opened


def _anchor(opened: Hub) -> None:
    with suppress(DatabaseUnavailable):  # the worker anchors within a minute
        opened.anchor_audit()
