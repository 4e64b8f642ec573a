"""``idp audit``: who did what to whom, by ids."""

import click

from idp.cli.context import fail, hub
from idp.cli.tables import json_option, print_record, print_rows
from idp.cli.words import NAME
from idp.ports import AuditEntry


@click.group()
def audit() -> None:
    """Read the audit. It holds ids and reasons, no personal values.

    \b
    Examples:
      idp audit tail -n 20
      idp audit tail --subject my-portal --json
      idp audit verify
    """


@audit.command()
@click.option("-n", "--limit", default=50, show_default=True, type=click.IntRange(1, 10_000),
              help="How many entries.")  # fmt: skip
@click.option("--subject", type=NAME, help="Only entries about this case, account, client or key.")
@json_option
def tail(limit: int, subject: str | None, *, as_json: bool) -> None:
    """Show the newest entries, the newest last."""
    with hub().begin(read_only=True) as work:
        entries = work.audit.tail(limit, subject=subject)
    print_rows([entry_row(entry) for entry in entries], as_json=as_json, empty="No entry.")


@audit.command()
@click.option(
    "--head", type=NAME, help="A digest that was printed or logged before: it must still be there."
)
@json_option
def verify(head: str | None, *, as_json: bool) -> None:
    """Check that no entry was changed, removed or put in since it was written.

    Each entry holds a keyed digest of itself and the one before. The newest ones can be cut off
    without a trace in the table: the log names the newest digest each hour (`audit_head`), and
    --head looks for one of those. Exit code 1 when something does not fit.

    \b
    Examples:
      idp audit verify
      idp audit verify --head 5f1c…
    """
    newest, count, broken, is_there = "", 0, [], head is None
    with hub().begin(read_only=True) as work:
        for link in work.audit.links():
            newest, count = link.chain, count + 1
            is_there = is_there or link.chain == head
            broken += [] if link.fits else [link]
    rows = [{"entry": one.id, **entry_row(one.entry)} for one in broken]
    if as_json:
        found = {"entries": count, "head": newest, "head_found": is_there, "broken": rows}
        print_record(found, as_json=True)
    else:
        print_rows(rows, as_json=False, empty=f"{count} entries follow each other.")
        click.echo(f"head {newest or '-'}")
    if rows:
        fail(f"{len(rows)} entries do not follow the one before them.")
    if not is_there:
        fail("No entry has that head: entries were cut off or written anew.")


def entry_row(entry: AuditEntry) -> dict[str, object]:
    """Return the entry as a row for ``print_rows``."""
    return {
        "at": entry.at.isoformat(timespec="seconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "details": "; ".join(f"{key}={value}" for key, value in entry.details.items()),
    }
