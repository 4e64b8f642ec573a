"""``idp demo``: the hub, its worker, sample portals and an SMS inbox on this machine, to try."""

import csv
import json
import os
import shlex
import sys
from pathlib import Path

import click

from idp import resources
from idp.cli import sample_portals as samples
from idp.cli.branches import read_branches
from idp.cli.context import Hub, fail, tools
from idp.cli.own_folder import alone_in, make_signing_keys, need_ports, secrets_in
from idp.cli.registry import read_people
from idp.settings import CONFIG_VARIABLE as CONFIG
from idp.settings import Settings

DEFAULT_FOLDER = "var/demo"
SETTINGS_LIST = "settings"
"""The file that lists a demo's settings files as IDP_CONFIG does, for commands beside it."""

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--guide", is_flag=True, help="The guide to the letter: config/guide.toml.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1024, 65531),
    help="The hub's port; the sample portals and the API take the next four.",
)
@click.option("--folder", default=DEFAULT_FOLDER, show_default=True, type=FOLDER, help="Its files.")
def demo(port: int, folder: Path, *, guide: bool) -> None:
    """Run the hub, its worker, three portals, an API and the SMS inbox page on this machine.

    No Redis, PostgreSQL or root is needed. Remove the folder to start afresh.

    \b
    Examples:
      idp demo
      idp demo --guide --port 9000 --folder var/guide
    """
    with alone_in(folder.resolve()):
        need_ports(range(port, port + 1 + len(samples.CLIENT_IDS)))
        files = _settings_files(folder.resolve(), port, guide=guide)
        settings = tools().settings(files)
        tools().upgrade_database(settings, lambda _: None)
        hub = tools().hub(files)
        secrets = _prepare(hub, port)
        with samples.running(secrets, settings, port):
            click.echo(_welcome(settings, port, guide=guide))
            click.echo(_for_developers(folder.resolve(), settings.server.issuer))
            hub.serve()


def _settings_files(folder: Path, port: int, *, guide: bool) -> list[Path]:
    own, secrets = folder / "demo.toml", secrets_in(folder)
    own.write_text(_own_settings(folder, port), "utf-8")
    mode = [resources.settings_file("guide")] if guide else []
    files = [resources.settings_file("development"), *mode, secrets, own]
    (folder / SETTINGS_LIST).write_text(os.pathsep.join(map(str, files)), "utf-8")
    return files


def _own_settings(folder: Path, port: int) -> str:
    """Return the demo's own settings as TOML, whose strings escape as JSON's do."""
    address = f"127.0.0.1:{port}"
    database = f"sqlite:///{folder / 'hub.sqlite3'}"
    return "\n".join(
        (
            "[server]",
            f'issuer = "http://{address}"',
            f'bind = "{address}"',
            f"runtime_folder = {json.dumps(str(folder / 'run'))}",
            "[database]",
            f"url = {json.dumps(database)}",
            "[keys]",
            f"folder = {json.dumps(str(folder / 'keys'))}",
        )
    )


def _prepare(hub: Hub, port: int) -> dict[str, str]:
    """Fill registry and branches, make keys, register the portals; return their secrets."""
    people, errors = read_people(resources.demo_file("people.csv"))
    branches, more_errors = read_branches(resources.demo_file("branches.csv"))
    if errors or more_errors:
        fail("\n".join([*errors, *more_errors]))
    hub.registry_people.load(people)
    hub.branches.replace(branches, officer=samples.OFFICER)
    make_signing_keys(hub)
    return samples.register_samples(hub, port)


def _welcome(settings: Settings, port: int, *, guide: bool) -> str:
    with resources.demo_file("people.csv").open(encoding="utf-8") as opened:
        person = next(csv.DictReader(opened))
    mode = "the guide to the letter" if guide else "the default: a code proves the phone"
    values = "\n".join(f"      {name:15} {value}" for name, value in person.items() if value)
    return f"""
  The hub runs ({mode}).

    a portal           http://127.0.0.1:{port + 1}/      «سوابق بیمه»
    another portal     http://127.0.0.1:{port + 2}/      «نسخه الکترونیک»
    one without server http://127.0.0.1:{port + 3}/      «برآورد مستمری»
    its API            http://127.0.0.1:{port + 4}/contributions
    the hub            {settings.server.issuer}/
    every SMS          {settings.server.issuer}/dev/inbox
    help, branches     {settings.server.issuer}/help, {settings.server.issuer}/branches

  To try: open a portal, choose «ثبت نام», and register as this person of the registry
  (any password such as Bahar#1405x, any question):

{values}

  The code and the result arrive in the SMS page. Ctrl+C stops everything.
"""


def _for_developers(folder: Path, issuer: str) -> str:
    """Return how to register a portal of one's own, in commands that work as they stand."""
    file = samples.checkout() / "clients" / "portals" / "my-portal.toml"
    idp = shlex.quote(sys.argv[0])
    beside = Path(sys.argv[0]).with_name("python")
    python = shlex.quote(str(beside) if beside.exists() else sys.executable)
    named = "" if _is_found(folder) else f"    export IDP_CONFIG={shlex.quote(_listed(folder))}\n"
    return f"""
  A portal of your own, in a second terminal of this folder (docs/integrate/develop.md):

{named}    {idp} clients register {_short(file)} --officer you
    PORTAL_ISSUER={issuer} {python} -m clients.portals my-portal

  The first prints a client secret, the second asks for it and serves http://localhost:3000/ until
  your portal does; any port of localhost will do. Was a request refused? This says why:

    {idp} clients log my-portal --follow
"""


def _is_found(folder: Path) -> bool:
    """Return whether commands in this working folder find the demo without IDP_CONFIG."""
    return folder == Path(DEFAULT_FOLDER).resolve() and CONFIG not in os.environ


def _listed(folder: Path) -> str:
    return (folder / SETTINGS_LIST).read_text("utf-8")


def _short(file: Path) -> str:
    """Return the path from the working folder where that is shorter."""
    here = Path.cwd()
    return shlex.quote(str(file.relative_to(here) if file.is_relative_to(here) else file))
