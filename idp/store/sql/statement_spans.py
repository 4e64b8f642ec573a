"""A span for each SQL statement: its text with placeholders, never a value."""

from collections.abc import Iterable
from time import time_ns
from typing import Any

from sqlalchemy import Connection, Engine, event

from idp.telemetry import spans

_BEGAN = "span_began"
LONGEST = 1000
"""Characters of a statement that a span keeps."""
SYSTEMS = {"postgresql": "postgresql", "sqlite": "sqlite"}


def record_statements(engines: Iterable[Engine]) -> None:
    """Record every statement of the engines from now on; one that fails leaves no span."""
    for engine in engines:
        event.listen(engine, "before_cursor_execute", _begin)
        event.listen(engine, "after_cursor_execute", _end)


def _begin(connection: Connection, *_: object) -> None:
    connection.info[_BEGAN] = time_ns()


def _end(connection: Connection, _cursor: object, statement: str, *_: Any) -> None:  # noqa: ANN401
    name = statement.split(maxsplit=1)[0].upper()
    attributes = {
        "db.system.name": SYSTEMS[connection.dialect.name],
        "db.operation.name": name,
        "db.query.text": statement[:LONGEST],
    }
    spans.record(name, connection.info[_BEGAN], attributes)
