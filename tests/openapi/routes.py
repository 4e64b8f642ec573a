"""The routes that programs ask, as the hub serves them when everything is switched on."""

import re
from collections.abc import Iterator
from types import SimpleNamespace

from flask import Flask
from werkzeug.routing import Rule

from idp.web import blueprints
from idp.web.http.machines import is_for_machines
from idp.web.oauth import old_paths, views

EVERYTHING_ON = SimpleNamespace(
    openid=SimpleNamespace(session_management=True),
    compatibility=SimpleNamespace(old_paths=True),
    pages=SimpleNamespace(inbox=True),
    is_development=True,
)
_PLACE = re.compile(r"<(?:[a-z]+:)?([a-z_]+)>")
PROTOCOL = (views.bp.name, old_paths.bp.name)


def protocol_routes() -> list[tuple[str, str]]:
    """Return path (as OpenAPI writes it) and method, in order, of every route of the protocol."""
    app = Flask("routes")
    for blueprint in blueprints.all_of(EVERYTHING_ON):
        app.register_blueprint(blueprint)
    return sorted(
        (_PLACE.sub(r"{\1}", rule.rule), method)
        for rule in app.url_map.iter_rules()
        if _is_of_the_protocol(rule)
        for method in _methods(rule)
    )


def _is_of_the_protocol(rule: Rule) -> bool:
    room = rule.endpoint.partition(".")[0]
    return room in PROTOCOL or is_for_machines(rule.rule) or rule.rule.startswith("/oauth2/")


def _methods(rule: Rule) -> Iterator[str]:
    yield from (rule.methods or set()) - {"HEAD", "OPTIONS"}
