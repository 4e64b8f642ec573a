"""Checks of keys that are valid alone and contradict each other, and of addresses."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import SplitResult

from pydantic import SecretStr

from idp.settings.addresses import WEB, address, is_loopback, listens_here_alone, parts
from idp.settings.colours import READABLE, WHITE, Colour
from idp.settings.production import of_production
from idp.settings.redis_address import redis_address
from idp.settings.secret_keys import key_problems
from idp.settings.sections import Brand, CivilEndpoint, Endpoint, Kavenegar, Magfa, Settings

LARGEST_PORT = 65535
SECONDS_A_DAY = 86_400
OWN_PORTS = {"http": 80, "https": 443}
DARK_GROUND = Colour("#152123")
"""``--surface`` of the dark theme in hub.css."""
MARKS = frozenset({".svg", ".png"})
LARGEST_MARK = 64 * 1024
POSTGRESQL = frozenset({"postgresql", "postgresql+psycopg"})
_MAIL_ADDRESS = re.compile(r"[^\s@<>]+@[^\s@<>]+")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
_BIND = re.compile(r"unix:/.+|(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):([0-9]{1,5})")


def contradictions(settings: Settings) -> Iterator[str]:
    """Yield one sentence for each problem, beginning with the key; no value is shown."""
    yield from _bind(settings)
    yield from _server(settings)
    yield from _hosts(settings)
    yield from _tls(settings)
    yield from _conformance(settings)
    yield from _database_and_redis(settings)
    yield from _secrets(settings)
    yield from _outside_services(settings)
    yield from _not_found_codes(settings.registry.civil)
    yield from _mail(settings)
    yield from _lease(settings)
    yield from _pages(settings)
    yield from _brand(settings.brand)
    yield from _orders(settings)
    if not settings.is_development:
        yield from of_production(settings)


def _bind(settings: Settings) -> Iterator[str]:
    """Yield a wrong bind address; in development only loopback: its pages show SMS (OP11)."""
    bind = _BIND.fullmatch(settings.server.bind)
    if bind is None or int(bind[1] or 0) > LARGEST_PORT:
        yield "server.bind must be host:port or unix:/path"
    elif settings.is_development and not listens_here_alone(settings.server.bind):
        yield "server.bind must be on loopback while server.environment is 'development'"
    if settings.metrics.bind and not _is_port(settings.metrics.bind):
        yield "metrics.bind must be host:port"
    elif settings.metrics.bind and settings.metrics.bind == settings.server.bind:
        yield "metrics.bind must be another port than server.bind"
    if settings.traces.endpoint and address(settings.traces.endpoint, WEB) is None:
        yield "traces.endpoint must be an address such as http://127.0.0.1:4318/v1/traces"


def _is_port(bind: str) -> bool:
    found = _BIND.fullmatch(bind)
    return found is not None and found[1] is not None and int(found[1]) <= LARGEST_PORT


def _server(settings: Settings) -> Iterator[str]:
    issuer = address(settings.server.issuer, WEB)
    if issuer is None:
        yield "server.issuer must be an address such as https://account.tamin.ir"
        return
    if issuer.query or issuer.fragment or settings.server.issuer.endswith("/"):
        yield "server.issuer must have no query, fragment or final slash (OIDC Discovery 3)"
    if issuer.path.strip("/") or issuer.username is not None:
        yield "server.issuer must be scheme and host alone: pages and cookies are for the root"
    at_home = settings.is_development and is_loopback(issuer.hostname or "")
    if issuer.scheme != "https" and not at_home:
        yield "server.issuer must be https (http only on loopback in development)"
    if issuer.hostname not in settings.server.trusted_hosts:
        yield "server.trusted_hosts must name the issuer's host"
    yield from _issuer_spelling(settings.server.issuer, issuer)


def _issuer_spelling(text: str, issuer: SplitResult) -> Iterator[str]:
    """Require the issuer's one spelling in ``Origin`` and ``Host`` (RFC 6454 6.2).

    Werkzeug cuts trusted hosts at the first colon: with an IPv6 address every request is refused.
    """
    host = issuer.hostname or ""
    if ":" in host:
        yield "server.issuer must have a name or an IPv4 address: IPv6 addresses are not answered"
        return
    if not _HOST.fullmatch(host):
        yield "server.issuer must have its host in ASCII, as punycode: letters, digits, '-' and '.'"
    port = "" if issuer.port in {None, OWN_PORTS[issuer.scheme]} else f":{issuer.port}"
    spelt = f"{text.partition(':')[0]}://{issuer.netloc.rpartition('@')[2]}"
    if spelt != f"{issuer.scheme}://{host}{port}":
        yield (
            "server.issuer must be written as browsers write it: small letters, and a port only "
            "where it is not the scheme's own"
        )


def _hosts(settings: Settings) -> Iterator[str]:
    """Refuse patterns: a request could name a foreign host (attack OP12)."""
    for name in settings.server.trusted_hosts:
        if not name or name.startswith(".") or set("*:") & set(name):
            yield "server.trusted_hosts must name each host in full: no '*', port or dot in front"


def _tls(settings: Settings) -> Iterator[str]:
    server = settings.server
    if bool(server.tls_certificate) != bool(server.tls_key):
        yield "server.tls_certificate and server.tls_key go together"
    for name in ("tls_certificate", "tls_key"):
        file = getattr(server, name)
        if file and not Path(file).is_file():
            yield f"server.{name} must name a file that is there"


def _conformance(settings: Settings) -> Iterator[str]:
    """Permit the suite's test mode only where no citizen can connect."""
    issuer = address(settings.server.issuer, WEB)
    at_home = settings.is_development and issuer is not None and is_loopback(issuer.hostname or "")
    if settings.conformance.is_on and not at_home:
        yield (
            "conformance.user_name is for server.environment = 'development' with an issuer on"
            " loopback only"
        )


def _database_and_redis(settings: Settings) -> Iterator[str]:
    if not _is_database(settings.database.url):
        yield (
            "database.url must be sqlite:///path/of/a/file or"
            " postgresql+psycopg://user@host:port/database"
        )
    if settings.redis.url and not _is_redis(settings.redis.url):
        yield (
            "redis.url must be redis://host:port/number, redis+sentinel://host,host/primary/number,"
            " redis+cluster://host,host or the same with rediss, or empty"
        )


def _is_redis(url: str) -> bool:
    try:
        redis_address(url)
    except ValueError:
        return False
    return True


def _is_database(url: str) -> bool:
    if url.startswith("sqlite:///"):
        return url.removeprefix("sqlite:///") not in {"", ":memory:"}
    # PostgreSQL's host may be in the query instead: the folder of its socket.
    return parts(url, POSTGRESQL) is not None


def _secrets(settings: Settings) -> Iterator[str]:
    for name in ("sealing_keys", "lookup_keys", "password_peppers"):
        for key_id in _doubles([key.id for key in getattr(settings.secrets, name)]):
            yield f"secrets.{name}: two keys have the id {key_id!r}"
    yield from key_problems(settings)


def _outside_services(settings: Settings) -> Iterator[str]:
    if settings.registry.kind == "http":
        for name in ("civil", "ownership"):
            endpoint: Endpoint = getattr(settings.registry, name)
            yield from _needed(f"registry.{name}", endpoint, (), "registry.kind is 'http'")
        if settings.registration.physicians:
            why = "registry.kind is 'http' and registration.physicians is on"
            yield from _needed("registry.council", settings.registry.council, (), why)
    sms = settings.sms
    for name, credentials in (
        ("magfa", ("user", "password", "sender")),
        ("kavenegar", ("api_key", "sender")),
    ):
        if name in sms.gateways:
            why = f"sms.gateways names '{name}'"
            yield from _needed(f"sms.{name}", getattr(sms, name), credentials, why)
    for name in _doubles(sms.gateways):
        yield f"sms.gateways names {name!r} twice"


def _not_found_codes(civil: CivilEndpoint) -> Iterator[str]:
    if civil.not_found_codes and civil.dialect == "zohal":
        yield "registry.civil.not_found_codes: 'zohal' has none, it answers that nothing matched"
    if civil.dialect == "uid" and "0" in civil.not_found_codes:
        yield "registry.civil.not_found_codes: 0 is success in 'uid'"


def _mail(settings: Settings) -> Iterator[str]:
    mail = settings.mail
    if mail.host and not _MAIL_ADDRESS.search(mail.sender):
        yield "mail.sender must hold an address when mail.host is set"
    if mail.host and mail.inbox:
        yield "mail.inbox shows mails in place of sending them: leave mail.host empty"
    if mail.security == "none" and mail.host and not is_loopback(mail.host):
        yield "mail.security 'none' is for a server on this machine only"


def _lease(settings: Settings) -> Iterator[str]:
    """Require a lease longer than a job: else a second worker begins it again, without harm."""
    registry = settings.registry
    asked = (registry.civil, registry.ownership, registry.council)
    longest = sum(one.timeout_seconds * one.tries for one in asked)
    if registry.kind == "http" and settings.worker.lease_seconds <= longest:
        yield f"worker.lease_seconds must exceed {longest:g}, what all registries may take"


def _needed(
    place: str, section: Endpoint | Magfa | Kavenegar, credentials: Sequence[str], why: str
) -> Iterator[str]:
    if not section.url:
        yield f"{place}.url is needed when {why}"
    elif address(section.url, WEB) is None:
        yield f"{place}.url must be an address that begins with https:// or http://"
    for name in credentials:
        value = getattr(section, name)
        if not (value.get_secret_value() if isinstance(value, SecretStr) else value):
            yield f"{place}.{name} is needed when {why}"


def _pages(settings: Settings) -> Iterator[str]:
    pages = settings.pages
    if pages.inbox and "inbox" not in settings.sms.gateways:
        yield "pages.inbox shows what the gateway 'inbox' got: sms.gateways must name it"
    if pages.footer_url and address(pages.footer_url, WEB) is None:
        yield "pages.footer_url must be an address that begins with https:// or http://"


def _brand(brand: Brand) -> Iterator[str]:
    for key, colour, ground in (
        ("colour", brand.colour, WHITE),
        ("colour_dark", brand.colour_dark, DARK_GROUND),
    ):
        if colour.contrast(ground) < READABLE:
            yield f"brand.{key} cannot be read on {ground}: its contrast must be {READABLE}"
    mark = Path(brand.mark)
    if brand.mark and (mark.suffix not in MARKS or not mark.is_file()):
        yield "brand.mark must name an SVG or PNG file that is there"
    elif brand.mark and mark.stat().st_size > LARGEST_MARK:
        yield f"brand.mark must have at most {LARGEST_MARK // 1024} KiB"


def _orders(settings: Settings) -> Iterator[str]:
    pairs = (
        ("signin.session_idle_seconds", "signin.session_absolute_seconds"),
        ("tokens.refresh_idle_seconds", "tokens.refresh_absolute_seconds"),
        ("registration.per_day", "registration.per_month"),
        ("protection.codes_per_hour_and_prefix", "protection.codes_per_hour"),
    )
    for smaller, larger in pairs:
        if _value(settings, smaller) > _value(settings, larger):
            yield f"{smaller} must not exceed {larger}"
    pkcs11 = settings.keys.pkcs11
    if pkcs11.module and not (pkcs11.token and pkcs11.pin.get_secret_value()):
        yield "keys.pkcs11.module needs keys.pkcs11.token and keys.pkcs11.pin"
    every = settings.keys.rotate_every_days * SECONDS_A_DAY
    if 0 < every <= settings.keys.publish_ahead_seconds:
        yield "keys.rotate_every_days must be longer than keys.publish_ahead_seconds"
    if settings.registration.min_age >= settings.registration.max_age:
        yield "registration.min_age must be below registration.max_age"
    if "IR" in settings.registration.countries_not_offered:
        yield "registration.countries_not_offered must leave IR: most citizens live there"


def _value(settings: Settings, key: str) -> int:
    section, name = key.split(".")
    number: int = getattr(getattr(settings, section), name)
    return number


def _doubles(names: Sequence[str]) -> list[str]:
    return [name for name, count in Counter(names).items() if count > 1]
