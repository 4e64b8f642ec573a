"""Logs: one JSON object a line on standard error, with ids, never with what a citizen typed."""

import logging
import sys

import structlog


def configure_logs() -> None:
    """Send structlog and the standard library's loggers to standard error as JSON lines.

    JSON escapes line ends and control characters, so no input can forge a line (attack I01).
    Authlib logs codes and tokens at DEBUG, so its level is fixed.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            *shared,
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
