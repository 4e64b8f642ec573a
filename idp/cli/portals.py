"""``idp portals try``: what does a portal do when the hub, or somebody else, answers wrongly?"""

from pathlib import Path
from typing import Any

import click

from idp.cli.tables import json_option
from idp.cli.words import NAME, WORDS

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group()
def portals() -> None:
    """Try portals: each must survive what a hostile or unlucky network does.

    \b
    Examples:
      idp portals try clients/my-portal.toml
      idp portals try --list
    """


def _list(ctx: click.Context, _option: click.Parameter, is_wanted: bool) -> None:  # noqa: FBT001 (click calls it)
    """Print the cases and end the command."""
    if not is_wanted:
        return
    from idp.cli.portal_trial import list_cases  # noqa: PLC0415 (no other command loads the tester)

    list_cases()
    ctx.exit()


@portals.command("try")
@click.argument("file", type=_FILE)
@click.option("--start", type=WORDS, metavar="URL",
              help="Where a sign-in begins; default: initiate_login_uri, client_uri.")  # fmt: skip
@click.option("--signed-in", type=WORDS, metavar="URL",
              help="A page that differs for who is signed in; default: learned.")  # fmt: skip
@click.option("--marker", type=WORDS, metavar="TEXT",
              help="Words that only a signed-in page has; default: learned.")  # fmt: skip
@click.option(
    "--only", type=NAME, multiple=True, metavar="CASE", help="Play this case; may be repeated."
)
@click.option("--list", is_flag=True, is_eager=True, expose_value=False, callback=_list,
              help="List the cases, and end.")  # fmt: skip
@click.option("--port", default=8400, show_default=True, type=click.IntRange(1024, 65535),
              help="The tester's hub, on loopback.")  # fmt: skip
@click.option("--folder", default="var/tester", show_default=True, type=_FOLDER,
              help="Its files; with it the client secret stays the same.")  # fmt: skip
@click.option("--patience", default=20, show_default=True, type=click.IntRange(1, 120),
              help="Seconds that a citizen waits for a page.")  # fmt: skip
@click.option("--wait", default=120, show_default=True, type=click.IntRange(0, 3600),
              help="Seconds to wait for the portal to start.")  # fmt: skip
@click.option("--api", type=WORDS, metavar="URL",
              help="Try an API: an operation for a GET with an access token.")  # fmt: skip
@click.option("--browser", is_flag=True, help="Come with Chromium: for portals in JavaScript.")
@click.option("--strict", is_flag=True, help="Failed advice refuses the portal too.")
@click.option("--prepare", is_flag=True, help="Print the portal's configuration, and end.")
@json_option
def try_portal(file: Path, **given: Any) -> None:  # noqa: ANN401 (click gives them)
    """Play attacks and accidents with the portal of FILE, and report what it did.

    Runs a hub of its own on loopback, prints the issuer, client id and secret that the portal's
    configuration needs, waits until the portal answers, and comes as a citizen. Nothing reaches the
    real hub. Exit codes: 0 accepted, 1 refused, 2 wrong use, 4 nothing could be tried.

    \b
    Examples:
      idp portals try clients/my-portal.toml --prepare
      idp portals try clients/my-portal.toml --start http://localhost:3000/login
      idp portals try clients/my-portal.toml --only state-wrong --only alg-none
      idp portals try clients/my-portal.toml --json > report.json
      idp portals try clients/my-api.toml --api http://localhost:3000/records
    """
    from idp.cli.portal_trial import Options, is_accepted_portal  # noqa: PLC0415 (as above)

    if not is_accepted_portal(file, Options(**given)):
        raise SystemExit(1)
