"""A hub to be counted and measured: settings as an operator writes them, keys, portal, citizens."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import make_url

from idp import settings as settings_module
from idp.app.outside import Outside, build_outside
from idp.app.use_cases import build_deps, share
from idp.cli.system import fresh_secrets
from idp.domain.people.account import Credentials
from idp.domain.people.mobile import Mobile
from idp.domain.people.national_id import NationalId
from idp.services.messages.messages import SMS_CODE
from idp.settings import Settings
from idp.store.unit_of_work import UnitOfWork
from idp.web.app import create_web
from tests import factories
from tests.fakes import NOON
from tests.performance.scenarios import Person, Portal, Provider, Scenario
from tests.performance.wire import PostgresTally, Proxy, RedisTally, postgres_socket
from tests.web.hub import CODE

PASSWORD = "bench-password"
REDIRECT_URI = "https://portal.tamin.example/callback"
PATIENT = "socket_timeout=10&socket_connect_timeout=10"
"""On a busy machine a proxy may answer late; a hub that gave Redis up would say less to it."""
ALGORITHMS = ("RS256", "ES256")
SETTINGS = """\
[server]
environment = "development"  # http on loopback; all else is as in production
issuer = "http://127.0.0.1:{port}"
trusted_hosts = ["127.0.0.1"]
trusted_proxies = 1
bind = "127.0.0.1:{port}"
processes = {processes}
runtime_folder = "{folder}/run-{port}"
{server}
[database]
url = "{database}"
[redis]
url = "{redis}"
[keys]
folder = "{folder}/keys"
[signin]
new_device_code = false
[sms]
gateways = ["magfa"]
[sms.magfa]
url = "http://127.0.0.1:1/"
user = "nobody"
password = "nobody"
sender = "1"
# All is counted as in production, but for these limits, which are out of reach.
[limits]
turns_from = 1000000000
wrong_passwords_by_account = {{ work_from = 1000000000, per_seconds = 86400, harder_every = 10 }}
wrong_passwords_by_network = {{ work_from = 1000000000, per_seconds = 300, harder_every = 60 }}
accounts_of_a_password = 1000000000
accounts_of_a_password_by_network = 1000000000
password_rush = 1000000000
codes_by_network = {{ work_from = 1000000000, per_seconds = 3600, harder_every = 100 }}
garbage_by_network = {{ count = 1000000000, per_seconds = 60 }}
"""
CLIENT = {
    "client_name": "سامانه آزمایشی",
    "first_party": True,
    "redirect_uris": [REDIRECT_URI],
    "token_endpoint_auth_method": "client_secret_basic",
    "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
    "service_scope": ["records.read"],
    "scope": ["openid", "profile", "email", "phone", "offline_access"],
    "contacts": ["portal@tamin.example"],
}
CLIENTS: dict[str, dict[str, Any]] = {
    "portal": {},
    "portal-es256": {"id_token_signed_response_alg": "ES256"},
}


@dataclass(frozen=True)
class Place:
    """Where a hub's files and rows are. Hubs of one place share keys, portal and citizens."""

    folder: Path
    database: str
    redis: str

    def write_settings(self, port: int, *, processes: int = 2, server: str = "") -> list[Path]:
        """Write the settings of a hub at this port; ``server`` are more lines of its section."""
        own, secrets = self.folder / f"hub-{port}.toml", self.folder / "secrets.toml"
        values = {"folder": self.folder, "database": self.database, "redis": self.redis}
        own.write_text(
            SETTINGS.format(port=port, processes=processes, server=server, **values), "utf-8"
        )
        if not secrets.exists():
            secrets.touch(mode=0o600)
            secrets.write_text(fresh_secrets(), "utf-8")
        return [own, secrets]

    def settings(self, port: int) -> Settings:
        return settings_module.load(self.write_settings(port), {})


@dataclass(frozen=True)
class House:
    """The portal and the citizens of a place, on migrated tables."""

    outside: Outside
    secrets: dict[str, str]
    """Of each client."""
    people: int
    _newcomers: Iterator[int] = field(default_factory=lambda: count(1_000_000))

    def provider(self, issuer: str, client_id: str = "portal") -> Provider:
        portal = Portal(issuer, client_id, self.secrets[client_id], REDIRECT_URI)
        return Provider(portal, take_code=self.take_code)

    def person(self, scenario: Scenario, number: int = 0) -> Person:
        """Return one of the citizens who have an account, or somebody who has none yet."""
        return self.newcomer() if scenario.is_for_newcomers else self.citizen(number)

    def citizen(self, number: int) -> Person:
        """Return one of the citizens who have an account."""
        assert number < self.people
        return _person(number)

    def newcomer(self) -> Person:
        """Return somebody who has no account yet."""
        return _person(next(self._newcomers))

    def take_code(self, mobile: str) -> str:
        """Return the code that waits for the mobile, as the worker would take it."""
        with self.outside.begin() as work:
            while job := work.outbox.claim(
                "tests", self.outside.clock(), lease=timedelta(minutes=1), kinds=(SMS_CODE,)
            ):
                work.outbox.finish(job, self.outside.clock())
                if job.sms is not None and job.sms.to == Mobile.parse(mobile):
                    found = CODE.search(job.sms.text)
                    assert found
                    return found[1]
        raise LookupError(f"no code waits for {mobile}")


@contextmanager
def furnished(place: Place, *, people: int = 8) -> Iterator[House]:
    """Furnish the place: signing keys, one portal, citizens with an account."""
    outside = build_outside(place.settings(port=1))  # as at every port, but for the issuer
    try:
        for algorithm in ALGORITHMS:
            outside.keys.promote(outside.keys.new(algorithm).kid)
        hashed = outside.hashing.hash(PASSWORD)
        with outside.begin() as work:
            for number in range(people):
                _add_account(work, number, hashed)
        yield House(outside, {name: _register(outside, name) for name in CLIENTS}, people)
    finally:
        outside.database.close()


@contextmanager
def application(settings: Settings) -> Iterator[Flask]:
    """The hub's WSGI application in this process."""
    outside = build_outside(settings)
    try:
        yield create_web(build_deps(outside))
    finally:
        outside.database.close()


@dataclass(frozen=True)
class Wires:
    """The proxies before PostgreSQL and Redis."""

    postgres: Proxy
    redis: Proxy


@contextmanager
def overheard(place: Place) -> Iterator[tuple[Place, Wires]]:
    """Yield the place as a hub sees it through proxies, and the proxies."""
    database, redis = make_url(place.database), urlsplit(place.redis)
    wires = Wires(
        Proxy(postgres_socket(str(database.query["host"])), PostgresTally()),
        Proxy((redis.hostname or "", redis.port or 6379), RedisTally()),
    )
    with (
        tempfile.TemporaryDirectory(prefix="idp-wire-") as folder,  # a socket's path is short
        wires.postgres.listening(postgres_socket(folder)),
        wires.redis.listening(("127.0.0.1", 0)) as (host, port),
    ):
        url = database.update_query_dict({"host": folder}).render_as_string(hide_password=False)
        yield Place(place.folder, url, f"redis://{host}:{port}{redis.path}?{PATIENT}"), wires


def _register(outside: Outside, client_id: str) -> str:
    described = {"client_id": client_id, **CLIENT, **CLIENTS[client_id]}
    secret = share(outside).clients.register(described, officer="tests").secret
    assert secret
    return secret


def _person(number: int) -> Person:
    return Person(_national_id(number), PASSWORD, f"0912{number:07}")


def _national_id(number: int) -> str:
    return factories.with_check_digit(f"{1_000_001 + number * 37:09}")


def _add_account(work: UnitOfWork, number: int, hashed: str) -> None:
    person = factories.person(national_id=NationalId(_national_id(number)))
    credentials = Credentials(hashed, hashed, factories.QUESTION, NOON)
    mobile = Mobile.parse(f"0912{number:07}")
    work.accounts.add(
        factories.account(
            f"account-{number}",
            national_id=person.national_id,
            mobile=mobile,
            person=person,
            credentials=credentials,
        )
    )
