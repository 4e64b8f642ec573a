"""``idp demo``: the hub, its worker, two portals and an SMS inbox on this machine, to try."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import click

from idp import resources
from idp.cli import clients as client_files
from idp.cli.branches import read_branches
from idp.cli.context import Hub, fail, tools
from idp.cli.own_folder import alone_in, make_signing_key, need_ports, secrets_in
from idp.cli.registry import read_people
from idp.settings import Settings

OFFICER = "demo"
CLOCK_MOVES = int(timedelta(days=400).total_seconds())
"""Seconds that the hub's clock, which the demo can move, may be ahead of the portals' clocks."""
PORTALS = ("insurance-records", "electronic-copy")
FOLDER = click.Path(file_okay=False, path_type=Path)


@click.command()
@click.option("--guide", is_flag=True, help="The guide to the letter: config/guide.toml.")
@click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1024, 65533),
    help="The hub's port; the two portals take the next two.",
)
@click.option("--folder", default="var/demo", show_default=True, type=FOLDER, help="Its files.")
def demo(port: int, folder: Path, *, guide: bool) -> None:
    """Run the hub, its worker, two portals and the SMS inbox page on this machine.

    No Redis, PostgreSQL or root is needed. Remove the folder to start afresh.

    \b
    Examples:
      idp demo
      idp demo --guide --port 9000 --folder var/guide
    """
    with alone_in(folder.resolve()):
        need_ports(range(port, port + 3))
        files = _settings_files(folder.resolve(), port, guide=guide)
        settings = tools().settings(files)
        tools().upgrade_database(settings)
        hub = tools().hub(files)
        secrets = _prepare(hub, port)
        with _portals(secrets, settings, port):
            click.echo(_welcome(settings, port, guide=guide))
            hub.serve()


def _settings_files(folder: Path, port: int, *, guide: bool) -> list[Path]:
    own, secrets = folder / "demo.toml", secrets_in(folder)
    own.write_text(_own_settings(folder, port), "utf-8")
    mode = [resources.settings_file("guide")] if guide else []
    return [resources.settings_file("development"), *mode, secrets, own]


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
    """Fill registry and branches, make keys, register the portals; return each portal's secret."""
    people, errors = read_people(resources.demo_file("people.csv"))
    branches, more_errors = read_branches(resources.demo_file("branches.csv"))
    if errors or more_errors:
        fail("\n".join([*errors, *more_errors]))
    hub.registry_people.load(people)
    hub.branches.replace(branches, officer=OFFICER)
    make_signing_key(hub)
    return {
        client_id: _register(hub, client_id, port + n) for n, client_id in enumerate(PORTALS, 1)
    }


def _register(hub: Hub, client_id: str, port: int) -> str:
    file = _checkout() / "clients" / f"{client_id}.toml"
    standard = 8000 + 1 + PORTALS.index(client_id)
    metadata = client_files.read_client_file(file)
    moved = {
        name: [uri.replace(f":{standard}/", f":{port}/") for uri in value]
        if isinstance(value, list)
        else value.replace(f":{standard}/", f":{port}/")
        if isinstance(value, str)
        else value
        for name, value in metadata.items()
    }
    hub.clients.apply([hub.clients.parse(moved)], prune=False, officer=OFFICER)
    done = hub.clients.rotate_secret(client_id, officer=OFFICER, keep_old=timedelta(0))
    return done.secret or ""


def _checkout() -> Path:
    root = resources.PACKAGE.parent
    if not (root / "clients" / "portals").is_dir():
        fail("The sample portals are in the checkout only: run `make demo` there.")
    return root


@contextmanager
def _portals(secrets: dict[str, str], settings: Settings, port: int) -> Iterator[None]:
    running = [
        subprocess.Popen(  # noqa: S603 (our own interpreter and module)
            [sys.executable, "-m", "clients.portals", client_id],
            cwd=_checkout(),
            env=os.environ
            | {
                "PORTAL_ISSUER": settings.server.issuer,
                "PORTAL_CLIENT_SECRET": secret,
                "PORTAL_PORT": str(port + n),
                "PORTAL_LEEWAY": str(CLOCK_MOVES),
                "PORTAL_ENDS_WITH_PARENT": "yes",
            },
            # Ctrl+C is for the hub, which then ends the portals.
            start_new_session=True,
        )
        for n, (client_id, secret) in enumerate(secrets.items(), 1)
    ]
    try:
        yield
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait(timeout=10)


def _welcome(settings: Settings, port: int, *, guide: bool) -> str:
    with resources.demo_file("people.csv").open(encoding="utf-8") as opened:
        person = next(csv.DictReader(opened))
    mode = "the guide to the letter" if guide else "the default: a code proves the phone"
    values = "\n".join(f"      {name:15} {value}" for name, value in person.items() if value)
    return f"""
  The hub runs ({mode}).

    a portal           http://127.0.0.1:{port + 1}/      «سوابق بیمه»
    another portal     http://127.0.0.1:{port + 2}/      «نسخه الکترونیک»
    the hub            {settings.server.issuer}/
    every SMS          {settings.server.issuer}/dev/inbox
    help, branches     {settings.server.issuer}/help, {settings.server.issuer}/branches

  To try: open a portal, choose «ثبت نام», and register as this person of the registry
  (any password such as Bahar#1405x, any question):

{values}

  The code and the result arrive in the SMS page. Ctrl+C stops everything.
"""
