"""Checks for production: no settings for development, and none that protect too little."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from idp.settings.addresses import (
    address,
    database_leaves_the_machine,
    is_loopback,
    listens_here_alone,
    query,
)
from idp.settings.redis_address import redis_address
from idp.settings.secret_keys import weak_keys
from idp.settings.sections import Insecure, Settings

VERIFIED = frozenset({"verify-full", "verify-ca"})
"""The accepted values of libpq's ``sslmode``: all others connect to any server that answers."""
OWASP_FLOOR = ((47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5))
"""argon2id with p=1: memory in KiB and passes, each pair sufficient (OWASP Password Storage)."""
OFF = frozenset({"false", "no", "0", "none", "optional"})


def of_production(settings: Settings) -> Iterator[str]:
    """Yield what is forbidden outside development, except what ``server.insecure`` names (OP12)."""
    yield from _only_in_development(settings)
    yield from _needed(settings)
    yield from weak_keys(settings)
    for name, says in exposures(settings):
        if name not in settings.server.insecure:
            yield f"{says}; to accept that, put {name!r} into server.insecure"


def exposures(settings: Settings) -> Iterator[tuple[Insecure, str]]:
    """Yield the settings that protect too little, as the exception's name and a sentence."""
    yield from (("plain_services", f"{key} must be https") for key in _plain_services(settings))
    if not listens_here_alone(settings.server.bind):
        yield (
            "open_bind",
            "server.bind must be on loopback or a unix socket: half-sent requests hold its threads",
        )
    if _is_plain_redis(settings.redis.url):
        yield "plain_redis", "redis.url must be rediss:// with verified certificates"
    if _is_unverified(settings.database.url):
        yield "unverified_database", "database.url must have sslmode=verify-full"
    if not is_enough(settings.hashing.memory_kib, settings.hashing.time_cost):
        yield (
            "weak_hashing",
            "hashing.memory_kib and time_cost must be 19456 and 2, or OWASP's like",
        )
    if not settings.protection.network_limits:
        yield "no_network_limits", "protection.network_limits must be on"
    yield from (("guide_to_the_letter", f"{key} must be on") for key in _departures(settings))


def is_enough(memory_kib: int, time_cost: int) -> bool:
    """Return whether argon2id with these costs (p=1) is at or above OWASP's floor."""
    return any(memory_kib >= memory and time_cost >= passes for memory, passes in OWASP_FLOOR)


def _plain_services(settings: Settings) -> Iterator[str]:
    registry, sms = settings.registry, settings.sms
    services = {f"sms.{name}.url": getattr(sms, name, None) for name in sms.gateways}
    if registry.kind == "http":
        names = ("civil", "ownership", "council")
        services |= {f"registry.{name}.url": getattr(registry, name) for name in names}
    for key, service in services.items():
        plain = address(service.url, {"http"}) if service else None
        if plain and not is_loopback(plain.hostname or ""):
            yield key


def _is_plain_redis(url: str) -> bool:
    try:
        found = redis_address(url)
    except ValueError:
        return False
    if all(is_loopback(host) for host, _ in found.hosts):
        return False
    checks = [*query(url, "ssl_cert_reqs"), *query(url, "ssl_check_hostname")]
    return not found.is_tls or not OFF.isdisjoint(checks)


def _is_unverified(url: str) -> bool:
    if urlsplit(url).scheme == "sqlite" or not database_leaves_the_machine(url):
        return False
    modes = set(query(url, "sslmode"))
    return not modes or not modes <= VERIFIED


def _departures(settings: Settings) -> Iterator[str]:
    """Yield the protections that the guide to the letter turns off (docs/operate/security.md)."""
    for key, is_on in (
        ("registration.phone_proof", settings.registration.phone_proof),
        ("recovery.sms_code", settings.recovery.sms_code),
        ("signin.new_device_code", settings.signin.new_device_code),
        ("protection.proof_of_work", settings.protection.proof_of_work),
    ):
        if not is_on:
            yield key


def _only_in_development(settings: Settings) -> Iterator[str]:
    if "inbox" in settings.sms.gateways or settings.pages.inbox:
        yield "sms.gateways 'inbox' and pages.inbox are for server.environment = 'development' only"
    if settings.mail.inbox:
        yield "mail.inbox is for server.environment = 'development' only"
    if settings.pages.movable_clock:
        yield "pages.movable_clock is for server.environment = 'development' only"
    if settings.outbound.allow_loopback:
        yield "outbound.allow_loopback is for server.environment = 'development' only"


def _needed(settings: Settings) -> Iterator[str]:
    if not settings.keys.key_encryption_key.get_secret_value():
        yield "keys.key_encryption_key must be set outside development"
    if settings.protection.network_limits and not settings.server.trusted_proxies:
        # TLS ends at the proxy, so all visitors would share the counters of its one address.
        yield (
            "server.trusted_proxies must count the proxies in front"
            " while protection.network_limits is on"
        )
    if settings.server.wsgi_server == "granian" and not settings.server.trusted_proxies:
        yield "server.wsgi_server can be granian only behind a proxy: see server.trusted_proxies"
