"""The SQL that a test's own thread runs, and no other's: one listener for all that read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

from sqlalchemy import Engine, event


@contextmanager
def statements() -> Iterator[list[str]]:
    """Yield the SQL that this thread runs meanwhile, without its values.

    A process looks for changed clients once a second, whoever asks; that is left out.
    """
    seen: list[str] = []
    own = get_ident()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if get_ident() == own and "FROM changes" not in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)
