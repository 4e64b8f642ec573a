"""Flask-SQLAlchemy: it owns metadata, engines and sessions, for web, worker and commands."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar, Token
from threading import get_ident
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, MetaData

_scope: ContextVar[object] = ContextVar("session_scope", default=None)

db = SQLAlchemy(
    metadata=MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    ),
    session_options={
        # Not the application context: the worker has none, and a page keeps its `current_app`.
        "scopefunc": _scope.get,
        # Sessions hold no objects: there is nothing to flush or to expire.
        "autoflush": False,
        "expire_on_commit": False,
    },
    add_models_to_shell=False,
)


def open_engines(binds: Mapping[str | None, Mapping[str, Any]]) -> dict[str | None, Engine]:
    """Return the engine of each bind, from a Flask application that is the store's alone.

    Worker and commands build no web application; two databases of one process share nothing.
    """
    app = Flask("idp.store", static_folder=None)
    app.config["SQLALCHEMY_BINDS"] = binds
    db.init_app(app)
    # An application context that ends removes the session of its scope.
    with session_scope(), app.app_context():
        return dict(db.engines)


@contextmanager
def session_scope() -> Iterator[Session]:
    """Yield ``db.session`` for this block; inside another such block, a new one.

    The outermost block of a thread uses the thread's session again: a new one for each transaction
    would cost a quarter of what the session adds to it.
    """
    is_outermost = _scope.get() is None
    before = _scope.set(get_ident() if is_outermost else object())
    if db.session().in_transaction():  # its last closing failed
        db.session.registry.clear()
    session = db.session()
    try:
        yield session
    finally:
        _scope_ends(session, is_kept=is_outermost, before=before)


def _scope_ends(session: Session, *, is_kept: bool, before: Token[object]) -> None:
    try:
        session.close()
    finally:
        if not is_kept:
            db.session.registry.clear()
        _scope.reset(before)
