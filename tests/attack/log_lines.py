"""What a server writes to its log, as the lines that a collector reads."""

import io
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import structlog


@contextmanager
def logging_as(configure: Callable[[], None]) -> Iterator[io.StringIO]:
    """Let ``configure`` set the logs of this process up; yield what they write meanwhile."""
    written = io.StringIO()
    root, library = logging.getLogger(), logging.getLogger("authlib")
    handlers, levels, settings = (
        root.handlers[:],
        (root.level, library.level),
        structlog.get_config(),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stderr", written)
        configure()
        # Loggers that keep these settings for ever would be deaf to the tests that come after.
        structlog.configure(cache_logger_on_first_use=False)
        yield written
    structlog.configure(**settings)
    root.handlers[:] = handlers
    root.setLevel(levels[0])
    library.setLevel(levels[1])
