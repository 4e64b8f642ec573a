"""``idp keys``: the signing keys and their life (next, active, retired)."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import click

from idp.cli.context import EXIT_NOT_FOUND, fail, hub
from idp.cli.progress import TerminalProgress
from idp.cli.tables import json_option, print_rows
from idp.cli.words import NAME, officer_option
from idp.ports import AuditEntry, KeyReport, SigningKeyFile
from idp.protocol.jose.key_reports import KeyRefused
from idp.protocol.jose.signing_keys import KeyRing, UnknownKey

ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA", "RSA-OAEP-256", "ECDH-ES")
Act = Callable[[KeyRing, Sequence[KeyReport]], SigningKeyFile]


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
      idp keys rotate
      idp keys reseal --check
      idp keys peppers
    """


@keys.command(name="list")
@json_option
def list_keys(*, as_json: bool) -> None:
    """List the keys; SIGNS says which one of its algorithm signs now."""
    ring = hub().keys
    signing = ring.signing()
    rows = [{**_row(key), "signs": key.kid in signing} for key in ring.all()]
    print_rows(rows, as_json=as_json, empty="There is no key: `idp keys new`.")


@keys.command()
@click.option("--alg", type=click.Choice(ALGORITHMS), default="RS256", show_default=True,
              help="RS256 is what every portal understands; others are by client.")  # fmt: skip
@click.option("--now", "at_once", is_flag=True, help="Even if the folder lost the hub's keys.")
@officer_option
def new(alg: str, officer: str, *, at_once: bool) -> None:
    """Make a key and publish it as `next`."""
    key = _do(lambda ring, _: ring.new(alg), officer, "made", at_once=at_once)
    click.echo(
        f"{key.kid} ({key.alg}) is published as next; `idp keys promote {key.kid}` makes it sign."
    )


@keys.command()
@click.argument("kid", type=NAME)
@click.option("--now", "at_once", is_flag=True, help="Do not wait until portals know it (a leak).")
@officer_option
def promote(kid: str, officer: str, *, at_once: bool) -> None:
    """Let a published key sign; the one that signed until now stays published until `retire`."""

    def act(ring: KeyRing, reports: Sequence[KeyReport]) -> SigningKeyFile:
        return ring.promote(kid, at_once=at_once, reports=reports)

    key = _do(act, officer, "promoted", at_once=at_once)
    click.echo(f"{key.kid} ({key.alg}) signs from now on.")


@keys.command()
@click.argument("kid", type=NAME)
@click.option("--now", "at_once", is_flag=True, help="Even if tokens that it signed live (a leak).")
@officer_option
def retire(kid: str, officer: str, *, at_once: bool) -> None:
    """Take a key out of the published set for good."""

    def act(ring: KeyRing, reports: Sequence[KeyReport]) -> SigningKeyFile:
        return ring.retire(kid, at_once=at_once, reports=reports)

    key = _do(act, officer, "retired", at_once=at_once)
    click.echo(f"{key.kid} ({key.alg}) is retired.")


@keys.command()
@officer_option
def rotate(officer: str) -> None:
    """Publish the next key of each algorithm, promote it, retire the earlier one: what may be now.

    Prints each step, and until when another has to wait; run it again then. Three runs are one
    rotation, and a fourth begins the next. The workers do the same by themselves when
    keys.rotate_every_days is set.

    \b
    Examples:
      idp keys rotate
    """
    with _refusing():
        rotation = hub().key_rotation.rotate(officer, by_hand=True)
    for step in rotation.steps:
        click.echo(f"{step.kid} {step.alg}: {step.action}".replace(" :", ":"))
    for wait in rotation.waits:
        click.echo(f"waiting: {wait}")
    if not rotation.steps and not rotation.waits:
        fail("No key signs yet: `idp keys new`, then `idp keys promote KID`.")


def _do(act: Act, officer: str, action: str, *, at_once: bool = False) -> SigningKeyFile:
    """Change one key, alone among all commands and workers, and audit it."""
    opened, done = hub(), list[SigningKeyFile]()
    with _refusing():
        opened.key_rotation.change(
            lambda reports: done.append(act(opened.keys, reports)),
            lambda: [(action, key.kid) for key in done],
            officer,
            forced=at_once,
        )
    return done[0]


@contextmanager
def _refusing() -> Iterator[None]:
    """End the command with what a rule says."""
    try:
        yield
    except UnknownKey as error:
        fail(str(error), EXIT_NOT_FOUND)
    except KeyRefused as error:
        fail(str(error))


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


@keys.command()
@click.option("--check", is_flag=True, help="Only count what is under older keys; write nothing.")
@officer_option
@json_option
def reseal(officer: str, *, check: bool, as_json: bool) -> None:
    """Bring personal values under the newest of secrets.sealing_keys and secrets.lookup_keys.

    The hub goes on meanwhile. Exit code 1 while something is left: with --check rows under older
    keys, else rows that no key opens. Then the older keys may leave the settings.

    \b
    Examples:
      idp keys reseal
      idp keys reseal --check
    """
    opened = hub()
    with TerminalProgress().step("looking at rows") as advance:
        found = list(opened.reseal(not check, advance))
    rows = [
        {
            "table": one.table,
            "rows": one.rows,
            "older": one.older,
            "unreadable": one.unreadable,
            "in_the_way": one.in_the_way,
        }
        for one in found
    ]
    print_rows(rows, as_json=as_json)
    if not check:
        with opened.begin() as work:
            changed = str(sum(one.older for one in found))
            work.audit.add(
                AuditEntry(
                    at=opened.clock(),
                    actor=officer,
                    action="keys.resealed",
                    subject="rows",
                    details={"changed": changed},
                )
            )
    if any(one.unreadable or one.in_the_way or (check and one.older) for one in found):
        fail("Something is left; see docs/operate/keys.md before an older key goes.")


@keys.command()
@json_option
def peppers(*, as_json: bool) -> None:
    """Count the passwords and answers that each pepper of the settings made, newest first.

    A password is hashed with the newest at its next sign-in, an answer at its next recovery. With a
    pepper that leaves the settings, what it made fits no more; exit code 1 when there is such.

    \b
    Examples:
      idp keys peppers
    """
    uses = hub().pepper_uses()
    rows = [
        {"pepper": use.pepper or "unknown", "passwords": use.passwords, "answers": use.answers}
        for use in uses
    ]
    print_rows(rows, as_json=as_json)
    if any(use.pepper is None for use in uses):
        fail(
            "Some were made with a pepper that the settings do not name, and fit nothing: put it"
            " back into secrets.password_peppers."
        )
