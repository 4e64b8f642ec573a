"""Statements compiled once a process, not for each database that a test opens.

Compiling is a fifth of what a test with a database of its own computes. An engine keeps what it has
compiled by its dialect and the statement; here all dialects of a kind are one, and all engines of
the store keep it in one place.
"""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache

from idp.store.sql import engines

MOST = 2000
"""More than the statements of the hub on both kinds of database."""


def compile_once() -> None:
    """Let every engine that the store makes from now on find what the others compiled."""
    make, compiled = engines.open_engines, LRUCache[Any, Any](MOST)

    def make_sharing(binds: Mapping[str | None, Mapping[str, Any]]) -> dict[str | None, Engine]:
        made = make(binds)
        for engine in made.values():
            engine._compiled_cache = compiled
        return made

    engines.open_engines = make_sharing
    DefaultDialect.__eq__ = lambda one, other: type(one) is type(other)  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda one: hash(type(one))  # type: ignore[method-assign]
