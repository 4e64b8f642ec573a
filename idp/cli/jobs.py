"""``idp jobs``: what became of the worker's jobs."""

from typing import Any

import click

from idp.cli.context import hub
from idp.cli.tables import json_option, print_rows
from idp.cli.words import NAME
from idp.domain.messages.dead_letter import DeadLetter


@click.group()
def jobs() -> None:
    """Look at the worker's jobs that failed for good.

    \b
    Examples:
      idp jobs dead-letters
      idp jobs dead-letters --kind sms --json
    """


@jobs.command("dead-letters")
@click.option("--kind", type=NAME, help="Only jobs of this kind (sms, mail, check_case, …).")
@click.option("-n", "--limit", default=100, show_default=True, type=click.IntRange(1, 10_000),
              help="How many jobs.")  # fmt: skip
@json_option
def dead_letters(kind: str | None, limit: int, *, as_json: bool) -> None:
    """List jobs that nobody tries again, the newest first; no message and no address is shown.

    subject is the id of a case, an account, a session or a flow of a citizen. reason is why
    the last try failed; expired: no gateway took the message while it was of use. Logout tokens are
    sent again by `idp logout retry`, checks of cases are tried again by the worker itself.
    """
    found = hub().dead_letters.latest(kind=kind, limit=limit)
    print_rows([_row(one) for one in found], as_json=as_json, empty="No dead letter.")


def _row(letter: DeadLetter) -> dict[str, Any]:
    return {
        "job": letter.id,
        "kind": letter.kind,
        "subject": letter.subject,
        "reason": letter.reason,
        "tries": letter.tries,
        "put_at": letter.created_at.isoformat(timespec="seconds"),
        "ended_at": letter.ended_at.isoformat(timespec="seconds"),
    }
