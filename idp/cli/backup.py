"""``idp backup``, ``backup-key``, ``restore``: the database as an encrypted file, and back."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from idp.cli.context import EXIT_ENVIRONMENT, EXIT_USAGE, fail, tools
from idp.cli.progress import TerminalProgress
from idp.cli.words import DatabaseAddress
from idp.ports import (
    BrokenBackup,
    DatabaseInUse,
    DatabaseNotEmpty,
    DatabaseToolMissing,
    DrillFailed,
)

FILE = click.Path(dir_okay=False, path_type=Path)
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    """Write the database into a new FILE, encrypted to backup.public_key, while the hub goes on.

    Not inside: the settings with their secrets, the signing keys, and what gives a right for a
    short while (codes, refresh tokens, known devices, flows under way). Keep the secrets and the
    private key of the backups in another place: without them the file is worth nothing.

    \b
    Examples:
      idp backup /srv/backups/hub-2026-03-21.age
    """
    with _naming_what_failed():
        manifest, size = tools().backups(tools().settings()).back_up(file, TerminalProgress())
    rows = sum(manifest.rows.values())
    click.echo(f"{file}: {size:,} bytes, {rows:,} rows at revision {manifest.revision}.")


@click.command("backup-key")
@click.argument("file", type=FILE)
def backup_key(file: Path) -> None:
    """Make the key of the backups: the private part into a new FILE, the public one printed.

    The public part is a setting. Move FILE off this machine, to where the secrets are kept: with
    it, backups can be read.

    \b
    Examples:
      idp backup-key backup.key
    """
    with _naming_what_failed():
        public = tools().make_backup_key(file)
    click.echo(f'[backup]\npublic_key = "{public}"')


@click.command()
@click.argument("file", type=READABLE)
@click.option("--key", "key_file", type=READABLE, required=True,
              help="The private key of the backups, a file of mode 0600.")  # fmt: skip
@click.option("--replace", is_flag=True, help="Drop what the database has now.")
@click.option("--drill", is_flag=True, help="Prove the backup in a scratch database instead.")
@click.option("--scratch", type=DatabaseAddress(), metavar="URL",
              help="For the drill: an empty database to use, instead of a new one.")  # fmt: skip
def restore(file: Path, key_file: Path, scratch: str | None, *, replace: bool, drill: bool) -> None:
    """Restore a backup into the database of the settings, while no hub runs.

    The whole file is verified first. A database with tables is refused, unless --replace is given.
    An older revision is migrated. In the end all sessions, grants, codes, flows and known devices
    end, and messages that may have been sent are not sent again: see docs/operate/backup.md.

    With --drill nothing of the hub is touched: the backup is restored into a scratch database, its
    audit is verified, an account is opened and a test person signs in. Exit code 4 when a step
    fails.

    \b
    Examples:
      idp restore /srv/backups/hub-2026-03-21.age --key /media/safe/backup.key
      idp restore /srv/backups/hub-2026-03-21.age --key /media/safe/backup.key --drill
    """
    if scratch is not None and not drill:
        fail("--scratch is for --drill.", EXIT_USAGE)
    backups, progress = tools().backups(tools().settings()), TerminalProgress()
    with _naming_what_failed():
        if drill:
            for step in backups.drill(file, key_file, scratch, progress):
                click.echo(f"ok  {step}")
            return
        manifest = backups.restore(file, key_file, progress, replace=replace)
    click.echo(f"The database is as it was at {manifest.made_at.isoformat(' ', 'seconds')}.")
    click.echo("Everybody signs in anew. What happened since then is lost: see the document.")


@contextmanager
def _naming_what_failed() -> Iterator[None]:
    try:
        yield
    except BrokenBackup as error:
        fail(f"The backup cannot be used: {error}.", EXIT_ENVIRONMENT)
    except DatabaseToolMissing as error:
        fail(f"{error}.", EXIT_ENVIRONMENT)
    except DatabaseNotEmpty as error:
        fail(f"The database is not empty ({error}): --replace drops what it has.")
    except DatabaseInUse:
        fail("Others are connected to the database: stop every web process and worker first.")
    except DrillFailed as error:
        fail(f"FAILED  {error}", EXIT_ENVIRONMENT)
    except OSError as error:
        fail(f"{error.filename or error}: {error.strerror or 'refused'}", EXIT_ENVIRONMENT)
