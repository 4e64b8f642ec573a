"""The trial of a portal by ``idp portals try``: a hub of its own, the cases, the report."""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click

from idp import resources
from idp.cli.clients import read_client_file
from idp.cli.context import EXIT_ENVIRONMENT, EXIT_USAGE, Hub, fail, tools
from idp.cli.own_folder import alone_in, make_signing_keys, need_ports, secrets_in
from idp.cli.system import fresh_password
from idp.cli.tables import print_rows, printable
from idp.domain.clients.client import SECRET_METHODS, Client
from idp.domain.clients.problems import InvalidClientMetadata
from idp.protocol.jose.signing_keys import ACTIVE
from idp.services.sign_in.suite_citizen import NATIONAL_ID
from idp.tester.api import caller_of
from idp.tester.browser import BrowserMissing, PortalAway
from idp.tester.case import Case, Result
from idp.tester.catalogue import API_CASES, CASES, chosen
from idp.tester.plan import Plan
from idp.tester.report import Summary, document_of, row_of, text_of
from idp.tester.run import play
from idp.tester.signed_in import NotLearned
from idp.tester.start import default_start, find_start, learn_signed_in
from idp.tester.trial import Trial
from idp.tester.verdict import Undecidable

OFFICER = "tester"
LOOK_EVERY = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What the command line says beside the file."""

    api: str | None
    start: str | None
    signed_in: str | None
    marker: str | None
    only: Sequence[str]
    port: int
    folder: Path
    patience: int
    wait: int
    browser: bool
    strict: bool
    prepare: bool
    as_json: bool


def list_cases() -> None:
    """Print id, weight and title of every case."""
    rows = [row_of(case) for case in (*CASES, *API_CASES)]
    short = [{name: row[name] for name in ("id", "weight", "title")} for row in rows]
    print_rows(short, as_json=False)


def is_accepted_portal(file: Path, options: Options) -> bool:
    """Try the portal of the client file, print the report, and return whether it is accepted.

    True also where only the preparation was asked for. Ends the command where nothing can be tried.
    """
    cases = _chosen(options.only, API_CASES if options.api else CASES)
    folder = options.folder.resolve()
    with alone_in(folder):
        need_ports([options.port])
        results = _tried(file, folder, options, cases)
    return results is None or Summary(results).is_accepted(strict=options.strict)


def _chosen(only: Sequence[str], cases: Sequence[Case]) -> Sequence[Case]:
    try:
        return chosen(only, cases)
    except KeyError as error:
        fail(f"There is no case {error}; `idp portals try --list` lists them.", EXIT_USAGE)


def _tried(
    file: Path, folder: Path, options: Options, cases: Sequence[Case]
) -> Sequence[Result] | None:
    """Return the results, or None where only the preparation was asked for."""
    files = _settings_files(folder, options.port)
    settings = tools().settings(files)
    tools().upgrade_database(settings, lambda _: None)
    hub = tools().hub(files)
    client = _client(hub, file)
    _need_what_is_tried(client, options)
    secret = _prepare(hub, client, folder)
    password = fresh_password()
    hub.put_suite_citizen(password)
    _tell(settings.server.issuer, client, secret, to_stderr=options.as_json)
    if options.prepare:
        return None
    plan = _plan(client, password, settings.server.issuer, options)
    try:
        with tools().portal_trial(settings, plan) as trial:
            return _play(trial, options, cases)
    except BrowserMissing as error:
        fail(f"Nothing could be tried: {error}", EXIT_ENVIRONMENT)


def _settings_files(folder: Path, port: int) -> list[Path]:
    own = folder / "tester.toml"
    lines = (
        "[server]",
        f'issuer = "http://127.0.0.1:{port}"',
        f'bind = "127.0.0.1:{port}"',
        f"runtime_folder = {json.dumps(str(folder / 'run'))}",
        "[database]",
        f"url = {json.dumps('sqlite:///' + str(folder / 'hub.sqlite3'))}",
        "[keys]",
        f"folder = {json.dumps(str(folder / 'keys'))}",
        # The tester's citizen has no phone.
        "[signin]",
        "new_device_code = false",
        "[protection]",
        "proof_of_work = false",
        "network_limits = false",
    )
    own.write_text("\n".join(lines) + "\n", "utf-8")
    return [resources.settings_file("development"), secrets_in(folder), own]


def _client(hub: Hub, file: Path) -> Client:
    """Return the file's client; the tester's citizen is asked for no consent."""
    try:
        return hub.clients.parse({**read_client_file(file), "first_party": True})
    except InvalidClientMetadata as error:
        told = "\n".join(f"{file}: {one.member} {one.why}" for one in error.problems)
        fail(told, EXIT_USAGE)


def _need_what_is_tried(client: Client, options: Options) -> None:
    """End the command where the file is none of a portal, or with --api none of an API."""
    if options.api and not client.introspection_audience:
        fail(
            f"{client.client_id} has no introspection_audience: the name of the API is not known.",
            EXIT_USAGE,
        )
    if not options.api and not client.redirect_uris:
        fail(
            f"{client.client_id} has no redirect_uris: citizens do not sign in there. An API is"
            " tried with --api.",
            EXIT_USAGE,
        )


def _prepare(hub: Hub, client: Client, folder: Path) -> str:
    """Register the client, make keys; return its secret, the same at each run in this folder."""
    make_signing_keys(hub)
    _retire_old_keys(hub)
    if client.id_token_signed_response_alg not in hub.keys.algorithms():
        made = hub.keys.new(client.id_token_signed_response_alg)
        hub.keys.promote(made.kid)
    callers = [hub.clients.parse(caller_of(one)) for one in client.introspection_audience[:1]]
    hub.clients.apply([client, *callers], prune=True, officer=OFFICER)
    if client.auth_method not in SECRET_METHODS:
        return ""
    return _secret(hub, client.client_id, folder / "client_secret.json")


def _retire_old_keys(hub: Hub) -> None:
    """Leave only the keys that sign: each run that rotates them adds one."""
    for key in hub.keys.all():
        if key.state == ACTIVE and key.kid not in hub.keys.signing():
            hub.keys.retire(key.kid, at_once=True)


def _secret(hub: Hub, client_id: str, file: Path) -> str:
    known = json.loads(file.read_text("utf-8")) if file.exists() else {}
    if client_id not in known:
        done = hub.clients.rotate_secret(client_id, officer=OFFICER, keep_old=timedelta(0))
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as opened:
            # The database keeps the portal of this run alone (`prune`).
            json.dump({client_id: done.secret}, opened)
        return done.secret or ""
    return str(known[client_id])


def _tell(issuer: str, client: Client, secret: str, *, to_stderr: bool) -> None:
    lines = [f"issuer         {issuer}", f"client_id      {client.client_id}"]
    lines += [f"client_secret  {secret}"] if secret else []
    click.echo("\n".join(lines) + "\n", err=to_stderr)


def _plan(client: Client, password: str, issuer: str, options: Options) -> Plan:
    return Plan(
        client=client,
        start=options.api or options.start or default_start(client, issuer),
        api=options.api or "",
        port=options.port,
        user_name=NATIONAL_ID.value,
        password=password,
        patience=timedelta(seconds=options.patience),
        log=options.folder / "hub.log",
        uses_chromium=options.browser,
    )


def _play(trial: Trial, options: Options, cases: Sequence[Case]) -> Sequence[Result]:
    _wait(trial, options.wait)
    learned = "" if options.api else _learn(trial, options)
    if learned and not options.as_json:
        click.echo(printable(f"Signed in means: {learned}.") + "\n")
    results = list(_shown(trial, cases, quiet=options.as_json))
    if options.as_json:
        document = document_of(trial.client.client_id, learned, results)
        click.echo(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        click.echo(f"\n{Summary(results).sentence()}.")
    return results


def _shown(trial: Trial, cases: Sequence[Case], *, quiet: bool) -> Iterator[Result]:
    for result in play(trial, cases):
        if not quiet:
            click.echo(printable(text_of(result), keep="\n"))
        yield result


def _learn(trial: Trial, options: Options) -> str:
    """Sign in rightly; return how a signed-in page is told from another."""
    try:
        find_start(trial)
        trial.signed_in = learn_signed_in(trial, options.signed_in or "", options.marker or "")
    except (Undecidable, NotLearned, PortalAway) as error:
        fail(f"Nothing could be tried: {error}", EXIT_ENVIRONMENT)
    return trial.signed_in.how


def _wait(trial: Trial, seconds: int) -> None:
    until = trial.clock() + timedelta(seconds=seconds)
    told = False
    while True:
        try:
            trial.new_browser().open(trial.start)
        except PortalAway as error:
            if trial.clock() >= until:
                fail(
                    f"Nothing could be tried: the portal does not answer ({error}).",
                    EXIT_ENVIRONMENT,
                )
            if not told:
                click.echo(f"Waiting for the portal at {trial.start} ...", err=True)
            told = True
            trial.pause(LOOK_EVERY)
        else:
            return
