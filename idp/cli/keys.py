"""``idp keys``: the signing keys and their life (next, active, retired)."""

from collections.abc import Callable
from datetime import datetime

import click

from idp.cli.context import EXIT_NOT_FOUND, fail, hub, officer_option
from idp.cli.tables import json_option, print_rows
from idp.ports import AuditEntry, SigningKeyFile
from idp.protocol.keys import KeyRefused, KeyRing, UnknownKey

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RSA-OAEP-256", "ECDH-ES")


@click.group()
def keys() -> None:
    """Make, promote and retire signing keys.

    A key is published as `next` before it signs, at least twice the time that portals may keep the
    key set; a retired key stays published until the last token that it signed is dead.

    \b
    Examples:
      idp keys new
      idp keys new --alg ES256
      idp keys promote KID
      idp keys retire KID
    """


@keys.command(name="list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List the keys and what may be done with them."""
    rows = [_row(key) for key in hub().keys.all()]
    print_rows(rows, as_json=as_json, empty="There is no key: `idp keys new`.")


@keys.command()
@click.option("--alg", type=click.Choice(ALGORITHMS), default="RS256", show_default=True,
              help="RS256 is what every portal understands; others are by client.")  # fmt: skip
@officer_option
def new(alg: str, officer: str) -> None:
    """Make a key and publish it as `next`."""
    key = _do(lambda ring: ring.new(alg), officer, "keys.made")
    click.echo(
        f"{key.kid} ({key.alg}) is published as next; `idp keys promote {key.kid}` makes it sign."
    )


@keys.command()
@click.argument("kid")
@click.option("--now", "at_once", is_flag=True, help="Do not wait until portals know it (a leak).")
@officer_option
def promote(kid: str, officer: str, *, at_once: bool) -> None:
    """Let a published key sign; the one that signed until now stays published until `retire`."""
    key = _do(lambda ring: ring.promote(kid, at_once=at_once), officer, "keys.promoted")
    click.echo(f"{key.kid} ({key.alg}) signs from now on.")


@keys.command()
@click.argument("kid")
@click.option("--now", "at_once", is_flag=True, help="Even if tokens that it signed live (a leak).")
@officer_option
def retire(kid: str, officer: str, *, at_once: bool) -> None:
    """Take a key out of the published set for good."""
    key = _do(lambda ring: ring.retire(kid, at_once=at_once), officer, "keys.retired")
    click.echo(f"{key.kid} ({key.alg}) is retired.")


def _do(act: Callable[[KeyRing], SigningKeyFile], officer: str, action: str) -> SigningKeyFile:
    opened = hub()
    try:
        key = act(opened.keys)
    except UnknownKey as error:
        fail(str(error), EXIT_NOT_FOUND)
    except KeyRefused as error:
        fail(str(error))
    with opened.begin() as work:
        work.audit.add(AuditEntry(at=opened.clock(), actor=officer, action=action, subject=key.kid))
    return key


def _row(key: SigningKeyFile) -> dict[str, object]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "state": key.state,
        "made": _moment(key.created_at),
        "promoted": _moment(key.promoted_at),
        "retired": _moment(key.retired_at),
    }


def _moment(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None
