"""The Flask app: blueprints, headers, error pages. Everything it needs comes in as ``Deps``."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from idp import resources
from idp.deps import EXTENSION, Deps
from idp.web import blueprints, hooks, templating
from idp.web.compiled_templates import COMPILED
from idp.web.forms import proof_of_work, repeated_forms
from idp.web.http import languages
from idp.web.oauth.plain_requests import PlainRequests
from idp.web.oauth.prepared_documents import PreparedDocuments
from idp.web.pages import errors
from idp.web.registration import countries

MAX_BODY = 64 * 1024


def compile_pages(stored: bytes = b"") -> bytes:
    """Compile every template before the web processes are forked; return the bytecode to store.

    Otherwise the first request for each page in each process would wait for the compilation. What
    an earlier start ``stored`` is not compiled again, unless its source has changed.
    """
    environment = _templated().jinja_env
    COMPILED.restore(stored, environment)
    for name in environment.list_templates():
        environment.get_template(name)
    return COMPILED.stored(environment)


def create_web(deps: Deps) -> Flask:
    """Return the app that serves the hosted pages and the protocol endpoints."""
    app = _templated()
    app.config.update(
        TRUSTED_HOSTS=list(deps.settings.server.trusted_hosts),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=100,
        SEND_FILE_MAX_AGE_DEFAULT=86400,
    )
    app.extensions[EXTENSION] = deps
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False
    countries.offered(deps.settings.registration)  # a wrong file stops the start
    hooks.register(app)
    errors.register_handlers(app)
    proof_of_work.register_handlers(app)
    repeated_forms.register_handlers(app)
    for blueprint in blueprints.all_of(deps.settings):
        app.register_blueprint(blueprint)
    _put_in_front(app, deps)
    return app


def _put_in_front(app: Flask, deps: Deps) -> None:
    """Wrap the app in its WSGI middleware; the last one is asked first."""
    app.wsgi_app = PlainRequests(app, deps, MAX_BODY)  # type: ignore[method-assign]
    hops = deps.settings.server.trusted_proxies
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=0, x_host=0)  # type: ignore[method-assign]
    app.wsgi_app = PreparedDocuments(app.wsgi_app, deps)  # type: ignore[method-assign]


def _templated() -> Flask:
    app = Flask("idp.web", template_folder=str(resources.template_folder()), static_folder="static")
    templating.prepare(app)
    languages.prepare(app)
    return app
