"""``idp clients``: the registrations of portals."""

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import click

from idp.cli.client_log import LATEST, print_log, row_of
from idp.cli.context import EXIT_NOT_FOUND, EXIT_USAGE, fail, hub
from idp.cli.tables import json_option, print_record, print_rows
from idp.cli.words import NAME, WORDS, officer_option
from idp.domain.clients.client import Client
from idp.domain.clients.problems import InvalidClientMetadata
from idp.ports import ClientChanged
from idp.services.clients.manage_clients import (
    Change,
    ChangeKind,
    ClientExists,
    HasNoSecret,
    PlanChanged,
    Registered,
    StateIsSo,
    UnknownClient,
)

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group()
def clients() -> None:
    """Register portals and change their registrations.

    A portal is one reviewed file, clients/<client_id>.toml, whose members
    docs/integrate/client-file.md lists.

    \b
    Examples:
      idp clients register clients/my-portal.toml
      idp clients diff clients/
      idp clients apply clients/ --prune
      idp clients rotate-secret my-portal --keep-old-hours 0
      idp clients show my-portal --log
      idp clients log my-portal --follow
      idp clients suspend my-portal --reason "secret in a public log"
    """


@clients.command()
@click.argument("file", type=_FILE)
@officer_option
@json_option
def register(file: Path, officer: str, *, as_json: bool) -> None:
    """Register the portal that FILE describes and print its secret, once."""
    try:
        done = hub().clients.register(read_client_file(file), officer=officer)
    except InvalidClientMetadata as error:
        fail(_explain(file, error), EXIT_USAGE)
    except ClientExists as error:
        fail(f"{error} is registered already; use `idp clients update {file}`.")
    print_registered([done], as_json=as_json)


@clients.command()
@click.argument("file", type=_FILE)
@officer_option
def update(file: Path, officer: str) -> None:
    """Replace the registration by what FILE says; secrets and state stay."""
    try:
        client = hub().clients.update(read_client_file(file), officer=officer)
    except InvalidClientMetadata as error:
        fail(_explain(file, error), EXIT_USAGE)
    except UnknownClient as error:
        _unknown(error)
    click.echo(f"{client.client_id} is updated (version {client.version}).")


@clients.command(name="list")
@json_option
def list_clients(*, as_json: bool) -> None:
    """List the registered portals."""
    print_rows(
        [
            {
                "client_id": c.client_id,
                "name": c.name,
                "state": c.state.value,
                "authentication": c.auth_method.value,
                "first_party": c.first_party,
                "came_by": _came_by(c),
            }
            for c in hub().clients.list()
        ],
        as_json=as_json,
        empty="No portal is registered.",
    )


@clients.command()
@click.argument("client_id", type=NAME)
@click.option("--log", "with_log", is_flag=True,
              help="Also the latest refusals, with their reasons.")  # fmt: skip
@json_option
def show(client_id: str, *, with_log: bool, as_json: bool) -> None:
    """Show one registration; secrets are never shown again."""
    opened = hub()
    try:
        client = opened.clients.find(client_id)
    except UnknownClient as error:
        _unknown(error)
    live = [secret for secret in client.secrets if secret.is_live(opened.clock())]
    lines = opened.refusals.of(client_id)
    log = {"log": [row_of(one) for one in lines[-LATEST:]]} if with_log and as_json else {}
    print_record({**_record(client), "secrets": len(live), **log}, as_json=as_json)
    if as_json:
        return
    refused = sum(one.count for one in lines)
    if with_log:
        click.echo()
        print_log(lines[-LATEST:], as_json=False)
    elif refused:
        click.echo(f"{refused} refused requests within seven days: `idp clients log {client_id}`.")


@clients.command("rotate-secret")
@click.argument("client_id", type=NAME)
@click.option("--keep-old-hours", default=24, show_default=True, type=click.IntRange(0, 720),
              help="How long the old secret still works.")  # fmt: skip
@officer_option
@json_option
def rotate_secret(client_id: str, keep_old_hours: int, officer: str, *, as_json: bool) -> None:
    """Give the portal a new secret and print it, once."""
    try:
        done = hub().clients.rotate_secret(
            client_id, officer=officer, keep_old=timedelta(hours=keep_old_hours)
        )
    except UnknownClient as error:
        _unknown(error)
    except HasNoSecret:
        fail(f"{client_id} has no secret: it authenticates by a key, or not at all.")
    print_registered([done], as_json=as_json)


@clients.command()
@click.argument("client_id", type=NAME)
@click.option("--reason", required=True, type=WORDS, help="Why, for the audit.")
@officer_option
def suspend(client_id: str, reason: str, officer: str) -> None:
    """Refuse the portal everywhere at once; its codes and tokens die."""
    try:
        hub().clients.suspend(client_id, officer=officer, reason=reason)
    except UnknownClient as error:
        _unknown(error)
    except StateIsSo:
        fail(f"{client_id} is suspended already.")
    click.echo(f"{client_id} is suspended.")


@clients.command()
@click.argument("client_id", type=NAME)
@click.option("--reason", required=True, type=WORDS, help="Why, for the audit.")
@officer_option
def resume(client_id: str, reason: str, officer: str) -> None:
    """Let a suspended portal work again; dead tokens stay dead."""
    try:
        hub().clients.resume(client_id, officer=officer, reason=reason)
    except UnknownClient as error:
        _unknown(error)
    except StateIsSo:
        fail(f"{client_id} is not suspended.")
    click.echo(f"{client_id} works again.")


@clients.command()
@click.argument("client_id", type=NAME)
@officer_option
@click.confirmation_option(prompt="Remove the portal and revoke all it holds?")
def remove(client_id: str, officer: str) -> None:
    """Remove the registration and revoke what the portal holds."""
    try:
        hub().clients.remove(client_id, officer=officer)
    except UnknownClient as error:
        _unknown(error)
    click.echo(f"{client_id} is removed.")


@clients.command()
@click.argument("folder", type=_FOLDER)
@click.option("--prune", is_flag=True, help="Also remove portals that have no file; asks first.")
@click.option("--yes", is_flag=True, help="Do not ask before removing.")
@officer_option
@json_option
def apply(folder: Path, officer: str, *, prune: bool, yes: bool, as_json: bool) -> None:
    """Make the registrations equal the files of FOLDER; a second time changes nothing.

    The plan is shown first. Secrets of new portals are printed, once.
    """
    manage, wanted = hub().clients, _read_folder(folder)
    plan = manage.plan(wanted, prune=prune)
    if not as_json:
        _print_plan(plan)
    if not yes and any(change.kind is ChangeKind.REMOVE for change in plan):
        click.confirm("Remove these portals and revoke all they hold?", abort=True)
    try:
        done = manage.apply(wanted, prune=prune, officer=officer, shown=plan)
    except (PlanChanged, ClientExists, ClientChanged):
        fail("Somebody else changed portals meanwhile; nothing was done. Look at the new plan.")
    print_registered(done, as_json=as_json)


@clients.command()
@click.argument("folder", type=_FOLDER)
@click.option("--prune", is_flag=True, help="Count portals without a file as to be removed.")
@json_option
def diff(folder: Path, *, prune: bool, as_json: bool) -> None:
    """Show what `apply` would change. Exit code 1 when there is something to change."""
    plan = hub().clients.plan(_read_folder(folder), prune=prune)
    if as_json:
        print_rows([_change_row(change) for change in plan], as_json=True)
    else:
        _print_plan(plan)
    if any(change.kind is not ChangeKind.NOTHING for change in plan):
        raise SystemExit(1)


def read_client_file(file: Path) -> dict[str, Any]:
    """Return the file's table; ends the command for a file that is not TOML or misnamed."""
    try:
        metadata = tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fail(f"{file}: is not TOML ({error})", EXIT_USAGE)
    except RecursionError:
        fail(f"{file}: is nested too deeply", EXIT_USAGE)
    if metadata.get("client_id") != file.stem:
        fail(f"{file}: client_id must be the file's name, {file.stem!r}", EXIT_USAGE)
    return _with_logo(file, metadata)


def _with_logo(file: Path, metadata: dict[str, Any]) -> dict[str, Any]:
    """Replace the logo's file name, which must be of the same folder, by the file's content."""
    name = metadata.get("logo")
    if not isinstance(name, str):
        return metadata
    picture = file.parent / name
    if picture.parent != file.parent or not picture.is_file():
        fail(f"{file}: logo must name a file in the same folder, not {name!r}", EXIT_USAGE)
    return {**metadata, "logo": picture.read_bytes()}


def print_registered(done: Sequence[Registered], *, as_json: bool) -> None:
    """Print new registrations with their secrets, which are never shown again."""
    rows = [{"client_id": r.client.client_id, "client_secret": r.secret} for r in done]
    print_rows(rows, as_json=as_json, empty="No new portal.")
    if not as_json and any(r.secret for r in done):
        click.echo("Keep the secret now: it is not shown again.", err=True)


def _read_folder(folder: Path) -> list[Client]:
    manage, wanted = hub().clients, []
    for file in sorted(folder.glob("*.toml")):
        try:
            wanted.append(manage.parse(read_client_file(file)))
        except InvalidClientMetadata as error:
            fail(_explain(file, error), EXIT_USAGE)
    if not wanted:
        fail(f"{folder} has no client file (*.toml).", EXIT_USAGE)
    return wanted


def _print_plan(plan: Sequence[Change]) -> None:
    signs = {
        ChangeKind.ADD: "+",
        ChangeKind.UPDATE: "~",
        ChangeKind.REMOVE: "-",
        ChangeKind.NOTHING: " ",
    }
    for change in plan:
        click.echo(f"{signs[change.kind]} {change.client_id}")
        for member, (old, new) in change.members.items():
            click.echo(f"    {member}: {old} -> {new}")


def _change_row(change: Change) -> dict[str, Any]:
    return {
        "client_id": change.client_id,
        "change": change.kind.value,
        "members": dict(change.members),
    }


def _record(client: Client) -> dict[str, Any]:
    hidden = {"secrets", "jwks", "logo", "registration"}
    record = {
        name: getattr(client, name)
        for name in Client.__dataclass_fields__
        if name not in hidden and getattr(client, name) not in (None, (), frozenset())
    }
    return {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in record.items()
    } | {"keys": len((client.jwks or {}).get("keys", ())), "came_by": _came_by(client)}


def _came_by(client: Client) -> str:
    """Return how the client was registered: by file, invitation or itself; and if reviewed."""
    if client.registration is None:
        return "file"
    by = client.registration.invitation
    came = f"invitation {by}" if by else "itself"
    return f"{came}, reviewed" if client.registration.is_reviewed else came


def _explain(file: Path, error: InvalidClientMetadata) -> str:
    return "\n".join(f"{file}: {problem.member} {problem.why}" for problem in error.problems)


def _unknown(error: UnknownClient) -> NoReturn:
    fail(f"No portal {error} is registered; `idp clients list` shows them.", EXIT_NOT_FOUND)
