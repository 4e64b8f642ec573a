"""``idp db``, ``check``, ``secrets``, ``serve``: setting the hub up and running it."""

import secrets as randomness
from base64 import urlsafe_b64encode
from collections.abc import Sequence

import click

from idp.cli.context import EXIT_ENVIRONMENT, Finding, hub, tools
from idp.cli.progress import TerminalProgress
from idp.cli.tables import json_option, print_rows
from idp.services.upkeep.growth import OWNERS


@click.group()
def db() -> None:
    """Migrate the database, as a step of its own before a new version starts.

    \b
    Examples:
      idp db current
      idp db upgrade
      idp db sizes
      idp db restored
    """


@db.command(name="upgrade")
def upgrade_database() -> None:
    """Bring the database to this version's revision; safe to run again.

    The version before keeps running meanwhile. A table that is in use is tried again for a minute.
    """
    revision = tools().upgrade_database(tools().settings(), click.echo)
    click.echo(f"The database is at revision {revision}.")


@db.command()
def current() -> None:
    """Show the database's revision."""
    revision = tools().database_revision(tools().settings())
    click.echo(revision or "empty: run `idp db upgrade`")


@db.command()
@json_option
def sizes(*, as_json: bool) -> None:
    """Show how large each table is, the largest first, and who keeps it from growing.

    Rows are PostgreSQL's estimate (of its last ANALYZE). OLDEST is the row that goes first, where
    an index knows it: one that is long over its time means that no worker cleans up.
    """
    rows = [
        {
            "table": one.table,
            "rows": one.rows,
            "bytes": one.bytes,
            "index_bytes": one.index_bytes,
            "oldest": one.oldest and one.oldest.isoformat(timespec="seconds"),
            "owner": OWNERS[one.table],
        }
        for one in hub().table_sizes()
    ]
    print_rows(rows, as_json=as_json)


@db.command()
def restored() -> None:
    """End every right after the database was restored by other means than `idp restore`.

    After a base backup with its WAL, or a snapshot of the disk: before a hub starts again. All
    sessions, grants, codes, flows and known devices end, as docs/operate/backup.md says.
    """
    tools().backups(tools().settings()).end_rights(TerminalProgress())
    click.echo("Nothing of before the restore gives a right any more. Start the hub.")


@click.group()
def upgrade() -> None:
    """Look at what an upgrade would do, before it is done.

    \b
    Examples:
      idp upgrade check
    """


@upgrade.command(name="check")
@json_option
def check_upgrade(*, as_json: bool) -> None:
    """Say whether this version may be put beside the one that runs; nothing is changed.

    Run it with the new version's package and the settings in use. It looks at settings that this
    version does not know, at the database's revision and what each pending migration does to the
    version before, at long transactions, keys and free disk. Exit code 4 when anything is wrong.

    \b
    Examples:
      idp upgrade check
      idp upgrade check --json
    """
    _show(tools().check_upgrade(), as_json=as_json)


@click.command()
@click.option("--production", is_flag=True, help="Add the check-list of production.")
@json_option
def check(*, production: bool, as_json: bool) -> None:
    """Look at settings, database, clock, Redis, keys, gateways: what is wrong and what to do.

    Works when the hub cannot start. With --production, it adds what a hub needs before citizens
    use it: issuer, proxies, a database that loses no commit and is archived, registries, gateways,
    keys of this year, workers that run. Exit code 4 when anything is wrong.

    \b
    Examples:
      idp check
      idp check --production
      idp check --json
    """
    _show(tools().check(production), as_json=as_json)


def _show(findings: Sequence[Finding], *, as_json: bool) -> None:
    rows = [{"subject": f.subject, "well": f.well, "says": f.says} for f in findings]
    print_rows(rows, as_json=as_json)
    if not all(finding.well for finding in findings):
        raise SystemExit(EXIT_ENVIRONMENT)


@click.command()
def secrets() -> None:
    """Print a fresh set of secrets as settings; keep them in a file that only the hub may read.

    \b
    Examples:
      idp secrets > secrets.toml
    """
    click.echo(fresh_secrets())


def fresh_password() -> str:
    """Return a newly made password of 144 bits."""
    return randomness.token_urlsafe(18)


def fresh_secrets() -> str:
    """Return the TOML text of newly made secrets: 32 random bytes each, base64url."""
    keys = [urlsafe_b64encode(randomness.token_bytes(32)).decode() for _ in range(4)]
    return (
        "[secrets]\n"
        f'sealing_keys = [{{ id = "k1", key = "{keys[0]}" }}]\n'
        f'index_key = "{keys[1]}"\n'
        f'password_pepper = "{keys[2]}"\n\n'
        "[keys]\n"
        f'key_encryption_key = "{keys[3]}"'
    )


@click.command()
def serve() -> None:
    """Serve the pages and the protocol until told to stop (`server.wsgi_server`).

    Starts only with whole settings, a migrated database and a key that signs.

    \b
    Examples:
      IDP_CONFIG=/etc/tamin-account/hub.toml:/etc/tamin-account/secrets.toml idp serve
    """
    tools().hub().serve()
