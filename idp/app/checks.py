"""``idp check``: each part is checked separately, so that one broken part hides no other."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from idp import settings as settings_module
from idp.adapters.probes import SECONDS, connection_problem
from idp.app.found_settings import load_for_commands
from idp.app.outside import Outside, build_outside
from idp.app.production_list import Unwell, production_list
from idp.app.use_cases import access_token_formats
from idp.cli.context import Finding
from idp.domain.messages.sms import ONE_PART
from idp.ports import ClockSkew, DatabaseUnavailable, KeyStoreError, SigningKeyFile
from idp.protocol.core.access_token_formats import OPAQUE
from idp.protocol.jose.signing_keys import DEFAULT_ALGORITHM
from idp.services.messages.messages import costliest_code
from idp.services.protection.strange_addresses import StrangeAddresses
from idp.settings import Settings, SettingsError
from idp.store import migrate


def check(production: bool) -> Sequence[Finding]:  # noqa: FBT001 (the type of ``Tools.check``)
    """Return the findings, one for each problem; broken settings end the list.

    All other parts need the settings. ``production`` adds the check-list of production.
    """
    try:
        settings = load_for_commands()
        outside = build_outside(settings)
    except SettingsError as error:
        problems = str(error).splitlines()
        return [Finding(subject="settings", well=False, says=one) for one in problems]
    well = Finding(subject="settings", well=True, says=f"issuer {settings.server.issuer}")
    accepted = [] if settings.is_development else list(_accepted(settings))
    listed = production_list(settings, outside) if production else ()
    try:
        return [
            well,
            *accepted,
            *(look(subject, probe) for subject, probe in _probes(settings, outside)),
            *(look(f"production: {name}", probe) for name, probe in listed),
        ]
    finally:
        outside.database.close()


def _accepted(settings: Settings) -> Iterator[Finding]:
    """Yield what ``server.insecure`` permits in production, so that it is not forgotten."""
    for name, says in settings_module.exposures(settings):
        yield Finding(subject=f"insecure: {name}", well=True, says=f"{says}: accepted")


def _probes(settings: Settings, outside: Outside) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "database", partial(_database, settings, outside)
    yield "clock", partial(_clock, outside)
    if settings.redis.url:
        yield "redis", partial(_redis, settings.redis.url)
    yield "addresses", partial(_addresses, outside)
    yield "SMS of a code", partial(_code_cost, settings)
    yield "signing keys", partial(find_keys, outside)
    for name in settings.sms.gateways:
        if name != "inbox":
            yield f"SMS gateway {name}", partial(_reachable, getattr(settings.sms, name).url)
    if settings.mail.host:
        server = f"smtp://{settings.mail.host}:{settings.mail.port}"
        yield "mail server", partial(_reachable, server)
    if settings.registry.kind == "http":
        yield "civil registry", partial(_reachable, settings.registry.civil.url)
        yield "mobile ownership", partial(_reachable, settings.registry.ownership.url)
        if settings.registration.physicians:
            yield "medical council", partial(_reachable, settings.registry.council.url)


def look(subject: str, probe: Callable[[], str]) -> Finding:
    """Return what the probe says, or why the part does not work."""
    try:
        return Finding(subject=subject, well=True, says=probe())
    except (Unwell, ClockSkew, DatabaseUnavailable, KeyStoreError) as error:
        return Finding(subject=subject, well=False, says=str(error))


def refuse_unready(outside: Outside) -> None:
    """Return only when the hub can serve: with current tables and a key that can sign.

    Raises DatabaseUnavailable, KeyStoreError, ClockSkew (fault F22).
    """
    refuse_old_schema(outside)
    refuse_keyless(outside)


def refuse_keyless(outside: Outside) -> None:
    """Return only when a key can sign. Raises DatabaseUnavailable, KeyStoreError, ClockSkew."""
    outside.keys.check()
    for alg in {DEFAULT_ALGORITHM, *access_token_formats(outside.settings).algorithms()}:
        outside.keys.signer(alg)
    outside.keys.close()


def refuse_old_schema(outside: Outside) -> None:
    """Raise DatabaseUnavailable when the database cannot be reached or lacks a revision."""
    outside.database.check()
    url = outside.settings.database.url
    if migrate.is_behind(url):
        at, newest = migrate.current(url) or "no revision", migrate.heads()[0]
        raise DatabaseUnavailable(f"it is at {at}, this version needs {newest}: `idp db upgrade`")


def _database(settings: Settings, outside: Outside) -> str:
    url = settings.database.url
    try:
        refuse_old_schema(outside)
    except DatabaseUnavailable as error:
        raise Unwell(f"{error}{_way_on(url)}") from error
    at = migrate.current(url)
    if at not in migrate.revisions():
        return f"revision {at}, newer than this version: right only while an upgrade is under way"
    return f"revision {at}"


def _way_on(url: str) -> str:
    """Return a hint, with a leading semicolon, for a database that cannot be used."""
    if url.startswith("sqlite"):
        file = Path(url.removeprefix("sqlite:///"))
        if not file.exists():
            return f"; {file} is not there: `idp db upgrade` makes it"
        return f"; look whether the hub's user may write {file} and whether it is a database"
    host = urlsplit(url).hostname
    problem = connection_problem(url) if host else None
    if problem:
        return f"; {problem}: look at database.url and at the server"
    return "; the server may refuse user, password, database or TLS of database.url: its log says"


def _clock(outside: Outside) -> str:
    ahead = outside.database.clock_ahead()
    if ahead is None:
        return "the database is embedded: there is one clock"
    outside.database.require_agreeing_clocks()
    return f"{ahead.total_seconds():+.1f} s against the database's"


def _redis(url: str) -> str:
    # Imported here: without Redis its client need not be installed.
    from idp.adapters.redis_clients import redis_problem  # noqa: PLC0415

    problem = redis_problem(url, seconds=SECONDS)
    if problem:
        raise Unwell(f"{problem}; the hub works on, slower: look at redis.url")
    return "answers"


def _addresses(outside: Outside) -> str:
    """Check that the proxies pass on the visitors' addresses (attack D13). Raises Unwell."""
    try:
        refuse_old_schema(outside)
    except DatabaseUnavailable:
        return "not known before the database is well"
    seen = StrangeAddresses(outside.ephemeral).seen()
    if seen:
        raise Unwell(
            f"{seen} requests of the last day came without an address of their visitor: look at"
            " server.trusted_proxies and at what the proxy writes into X-Forwarded-For"
        )
    return "every visitor has one"


def _code_cost(settings: Settings) -> str:
    """Return the cost of a code by SMS; only warn, because a known host name cannot be changed."""
    cost = costliest_code(urlsplit(settings.server.issuer).hostname or "")
    if cost.parts == 1:
        return f"one part ({cost.units} of {ONE_PART} units)"
    return (
        f"WARNING: {cost.parts} parts ({cost.units} units, {ONE_PART} are one), each code costs as"
        f" many: the host of server.issuer is {cost.units - ONE_PART} characters too long for one"
    )


def find_keys(outside: Outside) -> str:
    """Return the keys that sign. Raises Unwell, KeyStoreError."""
    active = [key for key in outside.keys.check() if key.state == "active"]
    needed = {DEFAULT_ALGORITHM, *access_token_formats(outside.settings).algorithms()}
    missing = sorted(needed - {key.alg for key in active})
    if missing:
        lacking = missing[0]
        raise Unwell(
            f"no active {lacking} key: `idp keys new --alg {lacking}`, then `idp keys promote KID`"
        )
    return ", ".join(f"{key.alg} {key.kid}" for key in active) + _own_key(outside, active)


def _own_key(outside: Outside, active: Sequence[SigningKeyFile]) -> str:
    """Return what makes tokens for userinfo as cheap as the settings ask for, else ``""``."""
    own = outside.settings.tokens.own_access_token_format
    if own in {OPAQUE, *(key.alg for key in active)}:
        return ""
    return (
        f"; tokens for userinfo are dearer until an {own} key signs: `idp keys new --alg {own}`,"
        " then `idp keys promote KID`"
    )


def _reachable(url: str) -> str:
    problem = connection_problem(url)
    if problem:
        raise Unwell(problem)
    return "can be reached"
