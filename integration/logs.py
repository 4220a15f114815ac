"""Structured logs: JSON lines on standard error, UTC. Never a name, never a body."""

import logging
import sys

import structlog


def configure_logs(level: str) -> None:
    """Set structlog up for the whole process. Args: ``level`` is debug, info, warning or error."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


_LIBRARIES = ("faust", "mode", "aiokafka")


class _ToStructlog(logging.Handler):
    """Hands a library's record on. Its exception is named by its kind alone: texts and locals may hold what came in."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        event = record.getMessage().splitlines()[0][:_LONGEST]
        write = structlog.get_logger().error if record.levelno >= logging.ERROR else structlog.get_logger().warning
        write("library", library=record.name, said=event, error=kind)


_LONGEST = 300


def tame_loggers() -> None:
    """Let Faust's libraries speak through our log, from warnings on, and leave the root logger to nobody.

    They format lines that nobody reads otherwise: an eighth of a worker's time. What they say at warning level and
    above names topics, partitions, groups and errors.
    """
    root = logging.getLogger()
    root.setLevel(logging.WARNING)
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.propagate = False
        logger.handlers[:] = [_ToStructlog()]
