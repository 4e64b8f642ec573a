"""``idp clients invite`` and what follows: clients that register themselves (RFC 7591)."""

from datetime import timedelta

import click

from idp.cli.context import EXIT_NOT_FOUND, fail, hub
from idp.cli.tables import json_option, print_record, print_rows
from idp.cli.words import NAME, WORDS, officer_option
from idp.domain.clients.invitation import Invitation
from idp.domain.clients.scopes import KNOWN_SCOPES, OPENID
from idp.services.clients.invite_clients import UnknownInvitation
from idp.services.clients.manage_clients import CameByFile, UnknownClient


@click.command()
@click.argument("invited", type=WORDS)
@click.option("--days", default=7, show_default=True, type=click.IntRange(1, 90),
              help="How long the invitation lasts.")  # fmt: skip
@click.option("--uses", default=1, show_default=True, type=click.IntRange(1, 100),
              help="How many clients may be registered with it.")  # fmt: skip
@officer_option
@json_option
def invite(invited: str, days: int, uses: int, officer: str, *, as_json: bool) -> None:
    """Let INVITED (who that is, in words) register a client; prints the token, once.

    \b
    Example:
      idp clients invite "clinic portal, team North" --days 3
    """
    opened = hub()
    done = opened.invitations.invite(
        invited, lasts=timedelta(days=days), uses=uses, officer=officer
    )
    record = {
        "invitation": done.invitation.id,
        "initial_access_token": done.token,
        "expires_at": done.invitation.expires_at,
        "registration_endpoint": opened.registration_endpoint,
    }
    print_record(record, as_json=as_json)
    if not as_json:
        click.echo("Keep the token now: it is not shown again.", err=True)
    if opened.settings.openid.registration == "off":
        click.echo("It cannot be used while openid.registration is 'off'.", err=True)


@click.command()
@json_option
def invitations(*, as_json: bool) -> None:
    """List the invitations; tokens are never shown again."""
    rows = [_row(one) for one in hub().invitations.list()]
    print_rows(rows, as_json=as_json, empty="Nobody is invited.")


@click.command("take-back")
@click.argument("invitation", type=NAME)
@officer_option
def take_back(invitation: str, officer: str) -> None:
    """Make the token of INVITATION worthless; clients that came by it stay."""
    try:
        hub().invitations.take_back(invitation, officer=officer)
    except UnknownInvitation:
        fail(f"No invitation {invitation}; `idp clients invitations` shows them.", EXIT_NOT_FOUND)
    click.echo(f"{invitation} is taken back.")


@click.command()
@click.argument("client_id", type=NAME)
@click.option("--scope", "scopes", multiple=True, type=click.Choice(KNOWN_SCOPES),
              help="A scope that it may ask for; give it several times for several.")  # fmt: skip
@officer_option
def grant(client_id: str, scopes: tuple[str, ...], officer: str) -> None:
    """Set what a client that registered itself may ask for, openid and each --scope.

    From then on only administrators change it; it can still read and remove itself.

    \b
    Example:
      idp clients grant 2f1c… --scope profile --scope phone
    """
    try:
        client = hub().clients.grant(client_id, frozenset({OPENID, *scopes}), officer=officer)
    except UnknownClient:
        fail(f"No portal {client_id} is registered.", EXIT_NOT_FOUND)
    except CameByFile:
        fail(f"{client_id} has a file: change `scope` there, then `idp clients update`.")
    click.echo(f"{client_id} may ask for {', '.join(sorted(client.scopes))}.")


def _row(invitation: Invitation) -> dict[str, object]:
    return {
        "invitation": invitation.id,
        "invited": invitation.invited,
        "officer": invitation.officer,
        "uses_left": invitation.uses_left,
        "expires_at": invitation.expires_at,
    }


COMMANDS = (invite, invitations, take_back, grant)
"""What `idp clients` has for clients that register themselves."""
