"""``idp maintenance``: closes the pages of a machine for a while, and opens them again."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from idp.cli.context import EXIT_ENVIRONMENT, fail, tools
from idp.ports import Maintenance, MaintenanceSign

LONGEST_MINUTES = 7 * 24 * 60


@click.group()
def maintenance() -> None:
    """Close the pages for upkeep: citizens read when to come back, portals get 503.

    For this machine alone, whose web processes share server.runtime_folder; neither database nor
    web processes need to run. Workers go on: stop them by themselves.

    \b
    Examples:
      idp maintenance begin --minutes 30
      idp maintenance end
    """


@maintenance.command()
@click.option("--minutes", type=click.IntRange(1, LONGEST_MINUTES),
              help="How long it will take; the page says until when.")  # fmt: skip
def begin(minutes: int | None) -> None:
    """Close the pages at once; again, to say another time."""
    until = None if minutes is None else tools().clock() + timedelta(minutes=minutes)
    with _naming_the_folder():
        _sign().hang_out(Maintenance(until))
    click.echo("The pages are closed until `idp maintenance end`.")


@maintenance.command()
def end() -> None:
    """Open the pages at once."""
    with _naming_the_folder():
        were_closed = _sign().take_in()
    click.echo("The pages are open." if were_closed else "The pages were open already.")


@maintenance.command()
def show() -> None:
    """Say whether the pages are closed, and until when that is expected to last."""
    found = _sign().now()
    if found is None:
        click.echo("The pages are open.")
    elif found.until is None:
        click.echo("The pages are closed.")
    else:
        click.echo(f"The pages are closed, expected until {found.until.isoformat(' ', 'seconds')}.")


@maintenance.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def write(folder: Path) -> None:
    """Write the pages that a proxy shows by itself, and what they are made of, into FOLDER.

    They say that no hub answers, or that cookies are more than a request holds. Run it again with
    each new version: the pages follow the hub's names and colours.

    \b
    Examples:
      idp maintenance write /var/lib/tamin-account/pages
    """
    try:
        for path, content in tools().kept_pages(tools().settings()):
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror}", EXIT_ENVIRONMENT)
    click.echo(f"The pages lie in {folder}.")


@contextmanager
def _naming_the_folder() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fail(f"server.runtime_folder cannot be written: {error.strerror}", EXIT_ENVIRONMENT)


def _sign() -> MaintenanceSign:
    return tools().maintenance(tools().settings())
