"""``idp seed``: accounts for rehearsals, as many as the organisation will have."""

import click

from idp.cli.context import fail, hub
from idp.cli.progress import TerminalProgress
from idp.cli.words import typed
from idp.services.upkeep.seed import MOST, OthersThere


@click.command()
@click.option("--accounts", type=click.IntRange(1, MOST), required=True,
              help="How many seeded accounts there are in the end.")  # fmt: skip
@click.option("--password", "with_password", is_flag=True,
              help="Ask for one password that opens all of them.")  # fmt: skip
@click.option("--rehearsal", is_flag=True,
              help="Outside development: this database is for a rehearsal.")  # fmt: skip
def seed(accounts: int, *, with_password: bool, rehearsal: bool) -> None:
    """Fill a database with accounts of nobody, to rehearse with: whole, encrypted, quickly.

    Their national IDs (900… to 998…) and mobiles (0940…) belong to nobody. Without --password no
    one can sign in. Outside development it needs --rehearsal, and always a database without other
    accounts. Run it again to go on, or to have more.

    \b
    Examples:
      idp seed --accounts 2000000
      idp seed --accounts 1000 --password
    """
    opened = hub()
    if not (opened.settings.is_development or rehearsal):
        fail("This is no development: --rehearsal says that the database is for a rehearsal.")
    password = typed("Password of all", hidden=True, twice=True) if with_password else None
    try:
        written = opened.seed.run(accounts, password, TerminalProgress())
    except OthersThere:
        fail("There are accounts of others: seeds go into a database of their own.")
    click.echo(f"{written:,} accounts were written.")
