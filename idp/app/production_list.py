"""``idp check --production``: what a hub needs before citizens use it, one line each."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from urllib.parse import urlsplit

from idp.app.outside import Outside
from idp.services.upkeep.clean_up import CLEAN_UP
from idp.settings import Settings
from idp.settings.addresses import database_leaves_the_machine, is_loopback
from idp.settings.production import of_production
from idp.store.upkeep.server_facts import ServerFacts

OLDEST_KEY = timedelta(days=365)
OLDEST_ARCHIVE = timedelta(days=1)
OLDEST_SIGN_OF_WORKERS = timedelta(hours=2)
"""A worker that runs puts the job ``clean_up`` once an hour."""
NEVER_LOSES = frozenset({"on", "local", "remote_write", "remote_apply"})
"""The values of ``synchronous_commit`` with which a commit waits for a disk."""

Probe = Callable[[], str]


class Unwell(Exception):
    """A part does not work; the text says what to do."""


def production_list(settings: Settings, outside: Outside) -> Iterator[tuple[str, Probe]]:
    """Yield a name and a probe for each line; a probe returns what is well or raises Unwell."""
    yield "settings", partial(_settings, settings)
    yield "issuer", partial(_issuer, settings)
    yield "proxies", partial(_proxies, settings)
    yield "database", partial(_database, settings)
    yield "commits", partial(_of_server, outside, _commits)
    yield "database TLS", partial(_of_server, outside, partial(_database_tls, settings))
    yield "archive", partial(_of_server, outside, partial(_archive, outside))
    yield "Redis", partial(_redis, settings)
    yield "registries", partial(_registries, settings)
    yield "SMS gateways", partial(_gateways, settings)
    yield "age of the keys", partial(_age_of_keys, outside)
    yield "audit anchor", partial(_anchor, settings)
    yield "support line", partial(_support, settings)
    yield "workers", partial(_workers, outside)


def _settings(settings: Settings) -> str:
    problems = list(of_production(settings))
    if settings.is_development:
        problems.insert(0, "server.environment is 'development': set it to 'production'")
    if problems:
        raise Unwell("; ".join(problems))
    accepted = ", ".join(settings.server.insecure)
    return f"production, with the exceptions {accepted}" if accepted else "production"


def _issuer(settings: Settings) -> str:
    issuer = settings.server.issuer
    if urlsplit(issuer).scheme != "https" or is_loopback(urlsplit(issuer).hostname or ""):
        raise Unwell(
            "server.issuer must be the https address that citizens reach; without https cookies"
            " are neither Secure nor bound to the host"
        )
    return f"{issuer}; cookies are Secure and have the prefix __Host-"


def _proxies(settings: Settings) -> str:
    count = settings.server.trusted_proxies
    if not count:
        raise Unwell("server.trusted_proxies must count the proxies that append X-Forwarded-For")
    return f"{count} in front"


def _database(settings: Settings) -> str:
    if urlsplit(settings.database.url).scheme == "sqlite":
        raise Unwell("SQLite serves one machine: database.url must name a PostgreSQL")
    return "PostgreSQL"


def _of_server(outside: Outside, look: Callable[[ServerFacts], str]) -> str:
    facts = outside.database.server_facts()
    if facts is None:
        raise Unwell("not known: the database is no PostgreSQL")
    return look(facts)


def _commits(facts: ServerFacts) -> str:
    """Check that an acknowledged commit survives a crash (docs/operate/reliability.md)."""
    mode = facts.settings.get("synchronous_commit", "")
    if mode not in NEVER_LOSES:
        raise Unwell(f"synchronous_commit is {mode!r}: a crash loses what citizens were told")
    for name in ("fsync", "full_page_writes"):
        if facts.settings.get(name) != "on":
            raise Unwell(f"{name} is off: a crash of the machine may destroy the database")
    standbys = "" if mode == "local" else facts.settings.get("synchronous_standby_names")
    kept = f"and wait for {standbys}" if standbys else "on one machine: a standby would be behind"
    return f"synchronous_commit {mode}; commits are on the disk {kept}"


def _database_tls(settings: Settings, facts: ServerFacts) -> str:
    if facts.is_encrypted:
        return "the connection is TLS"
    if database_leaves_the_machine(settings.database.url):
        raise Unwell("the connection is in clear: database.url must have sslmode=verify-full")
    return "the connection stays on this machine"


def _archive(outside: Outside, facts: ServerFacts) -> str:
    if facts.settings.get("archive_mode") == "off":
        raise Unwell(
            "archive_mode is off: after a loss of the disk only the last dump is left; archive WAL"
        )
    last = facts.last_archived_at
    if last is None or outside.clock() - last > OLDEST_ARCHIVE:
        when = "never" if last is None else last.isoformat(timespec="minutes")
        raise Unwell(f"WAL was last archived {when}: look at archive_command and the server's log")
    return f"WAL was archived at {last.isoformat(timespec='minutes')}"


def _redis(settings: Settings) -> str:
    if not settings.redis.url:
        return "none: counters and caches are rows, which costs a sign-in more CPU"
    parts = urlsplit(settings.redis.url)
    if parts.scheme != "rediss" and not is_loopback(parts.hostname or ""):
        raise Unwell("the connection to Redis is in clear: redis.url must begin with rediss://")
    return "TLS, or on this machine"


def _registries(settings: Settings) -> str:
    if settings.registry.kind != "http":
        raise Unwell("registry.kind is 'embedded': a list of people, not the civil registry")
    return f"{settings.registry.civil.dialect}, {settings.registry.ownership.dialect}"


def _gateways(settings: Settings) -> str:
    names = [name for name in settings.sms.gateways if name != "inbox"]
    if not names:
        raise Unwell("no SMS leaves this hub: sms.gateways must name a gateway")
    alone = "; when it is down no code is sent: a second one takes over" if len(names) == 1 else ""
    return ", ".join(names) + alone


def _age_of_keys(outside: Outside) -> str:
    active = [key for key in outside.keys.all() if key.state == "active"]
    for key in active:
        age = outside.clock() - key.created_at
        if age > OLDEST_KEY:
            raise Unwell(f"{key.kid} is {age.days} days old: rotate it (`idp keys rotate`)")
    return f"{len(active)} active, none older than {OLDEST_KEY.days} days"


def _anchor(settings: Settings) -> str:
    if not settings.audit.anchor_file:
        raise Unwell("audit.anchor_file is empty: whoever owns the database can rewrite the audit")
    return settings.audit.anchor_file


def _support(settings: Settings) -> str:
    if not settings.brand.support:
        raise Unwell("brand.support is empty: pages name no telephone number for citizens")
    return settings.brand.support


def _workers(outside: Outside) -> str:
    with outside.begin(read_only=True) as work:
        last = work.outbox.last_put_at(CLEAN_UP)
    if last is None or outside.clock() - last > OLDEST_SIGN_OF_WORKERS:
        raise Unwell("no worker runs: no case is checked and no SMS is sent; start `idp worker`")
    return f"one was at work at {last.isoformat(timespec='minutes')}"
