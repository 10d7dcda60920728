"""Logs of long-running processes: one event a line, as JSON unless a person is looking."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

Event = MutableMapping[str, Any]


def configure(stream: TextIO | None = None, *, human: bool | None = None, level: int = logging.INFO) -> None:
    """Send structured logs to a stream.

    Parameters
    ----------
    stream : TextIO, optional
        Default stderr.
    human : bool, optional
        Whether lines are for people; default: whether the stream is a terminal.
    level : int
        The least severity that is written, as `logging` numbers them.
    """
    out = sys.stderr if stream is None else stream
    readable = out.isatty() if human is None else human
    last: list[Any] = (
        [
            structlog.processors.TimeStamper("%Y-%m-%d %H:%M:%S", utc=True),
            structlog.dev.ConsoleRenderer(colors=out.isatty()),
        ]
        if readable
        else [
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.processors.dict_tracebacks,
            structlog.processors.JSONRenderer(sort_keys=False, ensure_ascii=True),
        ]
    )
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, _one_line, *last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def logger(**known: object) -> structlog.typing.FilteringBoundLogger:
    """Return a logger whose every event carries these fields.

    Examples
    --------
    >>> from io import StringIO
    >>> out = StringIO()
    >>> configure(out, human=False)
    >>> logger(model="credit").info("window done", run=7)
    >>> line = out.getvalue()
    >>> '"model": "credit"' in line and '"event": "window done"' in line
    True
    """
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(**known)
    return bound


def _one_line(_logger: object, _method: str, event: Event) -> Event:
    """Show what would break a line or move a terminal's cursor: names and messages come from other people's data."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in value)
    return event
