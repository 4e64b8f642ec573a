"""``idp logout``: the deliveries of back-channel logout, and retrying those given up."""

from typing import Any

import click

from idp.cli.context import EXIT_NOT_FOUND, fail, hub
from idp.cli.tables import json_option, print_rows
from idp.cli.words import NAME, officer_option
from idp.domain.messages.delivery import Delivery, DeliveryState


@click.group()
def logout() -> None:
    """Look at the logout notices that portals get in the back channel, and send them again.

    \b
    Examples:
      idp logout deliveries --state given_up
      idp logout deliveries --client insurance-records --json
      idp logout retry insurance-records
    """


@logout.command()
@click.option("--client", "client_id", type=NAME, help="Only those for this client id.")
@click.option("--state", type=click.Choice([state.value for state in DeliveryState]),
              help="Only deliveries in this state.")  # fmt: skip
@click.option("-n", "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000),
              help="How many deliveries.")  # fmt: skip
@json_option
def deliveries(client_id: str | None, state: str | None, limit: int, *, as_json: bool) -> None:
    """List logout notices, the newest first, without whom they are about.

    waiting: not tried yet. failed: the portal did not take it, next_try says when it is asked
    again. delivered: the portal took it. given_up: six tries within an hour failed. not_sent: the
    portal has no backchannel_logout_uri. tries counts what was sent, last_error says why the
    latest failure was one: a status of HTTP, unreachable, or cannot_sign (our keys).
    """
    found = hub().logout_deliveries.list(
        client_id=client_id, state=DeliveryState(state) if state else None, limit=limit
    )
    print_rows([_row(one) for one in found], as_json=as_json, empty="No delivery.")


@logout.command()
@click.argument("client_id", type=NAME)
@officer_option
def retry(client_id: str, officer: str) -> None:
    """Send again everything that was given up for CLIENT_ID, when the portal is back."""
    count = hub().logout_deliveries.retry(client_id, officer)
    if not count:
        fail("Nothing was given up for this client.", EXIT_NOT_FOUND)
    click.echo(f"{count} deliveries will be tried again now.")


def _row(delivery: Delivery) -> dict[str, Any]:
    times = {
        name: at and at.isoformat(timespec="seconds")
        for name, at in (("next_try", delivery.next_try), ("ended_at", delivery.ended_at))
    }
    return {
        "delivery": delivery.id,
        "client_id": delivery.client_id,
        "state": delivery.state.value,
        "put_at": delivery.created_at.isoformat(timespec="seconds"),
        "tries": delivery.tries,
        "last_error": delivery.last_error,
        **times,
    }
