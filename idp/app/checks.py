"""``idp check``: each part by itself, so that one broken part hides no other."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from idp import settings as settings_module
from idp.adapters.probes import connection_problem
from idp.app.outside import Outside, build_outside
from idp.cli.context import Finding
from idp.ports import DatabaseAway, KeysBroken
from idp.settings import Settings, SettingsBroken
from idp.store import migrate


class Unwell(Exception):
    """A part does not work; the text says what to do."""


def check() -> Sequence[Finding]:
    """Return what was found; the first broken part that the others need ends the list."""
    try:
        settings = settings_module.load()
        outside = build_outside(settings)
    except SettingsBroken as error:
        return [Finding(subject="settings", well=False, says=str(error))]
    except OSError as error:
        says = f"{error.filename}: {error.strerror}; see server.runtime_folder"
        return [Finding(subject="settings", well=False, says=says)]
    well = Finding(subject="settings", well=True, says=f"issuer {settings.server.issuer}")
    return [well, *(_look(subject, probe) for subject, probe in _probes(settings, outside))]


def _probes(settings: Settings, outside: Outside) -> Iterator[tuple[str, Callable[[], str]]]:
    yield "database", partial(_database, settings, outside)
    if settings.redis.url:
        yield "redis", partial(_redis, settings.redis.url)
    yield "signing keys", partial(_keys, outside)
    for name in settings.sms.gateways:
        if name != "inbox":
            yield f"SMS gateway {name}", partial(_reachable, getattr(settings.sms, name).url)
    if settings.registry.kind == "http":
        yield "civil registry", partial(_reachable, settings.registry.civil.url)
        yield "mobile ownership", partial(_reachable, settings.registry.ownership.url)


def _look(subject: str, probe: Callable[[], str]) -> Finding:
    try:
        return Finding(subject=subject, well=True, says=probe())
    except (Unwell, DatabaseAway, KeysBroken) as error:
        return Finding(subject=subject, well=False, says=str(error))


def _database(settings: Settings, outside: Outside) -> str:
    outside.database.check()
    url = settings.database.url
    if migrate.is_behind(url):
        raise Unwell(behind(url))
    return f"revision {migrate.current(url)}"


def behind(url: str) -> str:
    """Return what to do about a database that is behind this version."""
    at, newest = migrate.current(url) or "no revision", migrate.heads()[0]
    return f"is at {at}, this version needs {newest}: `idp db upgrade`"


def _redis(url: str) -> str:
    problem = connection_problem(url)
    if problem:
        raise Unwell(f"{problem}; the hub works on, slower: look at redis.url")
    return "answers"


def _keys(outside: Outside) -> str:
    active = [key for key in outside.keys.all() if key.state == "active"]
    if not any(key.alg == "RS256" for key in active):
        raise Unwell("no active RS256 key: `idp keys new`, then `idp keys promote`")
    return ", ".join(f"{key.alg} {key.kid}" for key in active)


def _reachable(url: str) -> str:
    problem = connection_problem(url)
    if problem:
        raise Unwell(problem)
    return "can be reached"
