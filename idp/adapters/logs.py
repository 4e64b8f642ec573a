"""Logs: one JSON object a line on standard error, with ids, never with what a citizen typed."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from idp.telemetry import request_context
from idp.telemetry.catalogue import ALARMS

FORMER_NAMES = {
    "back_channel_logout_failed": "portal_not_told",
    "clock_skew": "clock_astray",
    "database_unavailable": "database_away",
    "invalid_forwarded_for": "strange_address",
    "job_dead_letter": "job_parked",
    "key_store_error": "keys_broken",
    "mail_dead_letter": "mail_dead",
    "redis_unavailable": "redis_away",
    "sms_dead_letter": "sms_dead",
}
"""Events and alarms that were renamed. Lines have the old name too, until version 0.3."""


def add_former_name(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Return the line, with the member ``formerly`` where its alarm or event was renamed."""
    former = FORMER_NAMES.get(line.get("alarm", "")) or FORMER_NAMES.get(line["event"])
    return line if former is None else {**line, "formerly": former}


def add_request(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Return the line with the members of the request that this thread answers, if it does.

    A member that the line has already, such as its ``client``, stays.
    """
    context = request_context.current()
    return line if context is None else {**context.members(), **line}


def count_alarm(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Count a line with an alarm, and return it."""
    if "alarm" in line:
        ALARMS.add(line["alarm"])
    return line


def configure_logs() -> None:
    """Send structlog and the standard library's loggers to standard error as JSON lines.

    JSON escapes line ends and control characters, so no input can forge a line (attack I01).
    Authlib logs codes and tokens at DEBUG, so its level is fixed.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        add_request,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
            add_former_name,
            count_alarm,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=True),
            ],
        )
    )
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("authlib").setLevel(logging.INFO)
    # `idp db upgrade` itself prints what a migration did.
    logging.getLogger("alembic").setLevel(logging.WARNING)


@contextmanager
def logging_to(file: Path) -> Iterator[None]:
    """Send the log to the end of a file meanwhile, and not to standard error."""
    root = logging.getLogger()
    usual = root.handlers[:]
    own = logging.FileHandler(file, encoding="utf-8")
    own.setFormatter(usual[0].formatter if usual else None)
    root.handlers = [own]
    try:
        yield
    finally:
        root.handlers = usual
        own.close()
