"""``idp audit``: who did what to whom, by ids."""

import click

from idp.cli.context import hub
from idp.cli.tables import json_option, print_rows
from idp.ports import AuditEntry


@click.group()
def audit() -> None:
    """Read the audit. It holds ids and reasons, no personal values.

    \b
    Examples:
      idp audit tail -n 20
      idp audit tail --subject my-portal --json
    """


@audit.command()
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000),
              help="How many entries.")  # fmt: skip
@click.option("--subject", help="Only entries about this case, account, client or key.")
@json_option
def tail(limit: int, subject: str | None, *, as_json: bool) -> None:
    """Show the newest entries, the newest last."""
    with hub().begin(read_only=True) as work:
        entries = work.audit.tail(limit, subject=subject)
    print_rows([entry_row(entry) for entry in entries], as_json=as_json, empty="No entry.")


def entry_row(entry: AuditEntry) -> dict[str, object]:
    """Return the entry as a row for ``print_rows``."""
    return {
        "at": entry.at.isoformat(timespec="seconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": "; ".join(f"{key}={value}" for key, value in entry.details.items()),
    }
