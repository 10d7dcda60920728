"""Logs of long-running processes: one event a line, as JSON unless a person is looking."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from collections.abc import Callable, MutableMapping
from functools import reduce
from typing import Any, TextIO

import structlog

from monitor.errors import UsageError

Event = MutableMapping[str, Any]
Clean = Callable[[str], str]

LEVEL = "MONITOR_LOG"
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_COLOURS = {"debug": "\x1b[2m", "info": "\x1b[32m", "warning": "\x1b[33m", "error": "\x1b[31m", "critical": "\x1b[31m"}
_HIDDEN: list[Clean] = []  # what takes the secrets out: of the configuration in force, and of the one before
_DIM, _PLAIN = "\x1b[2m", "\x1b[0m"
_FIRST = ("timestamp", "level", "event")
_BESIDE_THE_POINT = ("worker", "work")  # a person looks at one worker, and sees by the window what is done


def configure(
    stream: TextIO | None = None, *, human: bool | None = None, level: int | None = None, clean: Clean = str
) -> None:
    """Send structured logs to a stream.

    Parameters
    ----------
    stream : TextIO, optional
        Default stderr.
    human : bool, optional
        Whether lines are for people; default: whether the stream is a terminal.
    level : int, optional
        The least severity that is written, as `logging` numbers them; default that of the environment's
        ``MONITOR_LOG``, else info.
    clean : callable
        Takes the secrets out of a text; every text of every event passes through it.

    Raises
    ------
    UsageError
        ``MONITOR_LOG`` is none of debug, info, warning, error.
    """
    _HIDDEN[:] = [clean]
    out = sys.stderr if stream is None else stream
    readable = out.isatty() if human is None else human
    coloured = out.isatty() and not os.environ.get("NO_COLOR")
    last: list[Any] = (
        [structlog.processors.TimeStamper("%Y-%m-%d %H:%M:%S", utc=True), _line(coloured=coloured)]
        if readable
        else [structlog.processors.TimeStamper("iso", utc=True), _record]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,  # without the values of variables, which may be passwords
            _cleaned,
            _cure_apart,
            *last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_level() if level is None else level),
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )


def hide(clean: Clean) -> None:
    """Take other secrets out of every text from now on, beside those of before: what is at work still knows them.

    Examples
    --------
    >>> from io import StringIO
    >>> out = StringIO()
    >>> configure(out, human=False, clean=lambda text: text.replace("old", "***"))
    >>> hide(lambda text: text.replace("new", "***"))
    >>> logger().info("old and new")
    >>> "*** and ***" in out.getvalue()
    True
    """
    _HIDDEN[:] = [*_HIDDEN[-1:], clean]


def listen() -> None:
    """Log also, in the one form of line, what libraries warn of and by which error a thread has ended."""
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Relay)]
    root.addHandler(_Relay(logging.WARNING))
    logging.captureWarnings(capture=True)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # that a tick is still at work is no news
    threading.excepthook = _thread_ended


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


class _Relay(logging.Handler):
    """Hands what libraries log to our own log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Hand on one record."""
        severity = min(logging.CRITICAL, record.levelno // 10 * 10)
        told = {"exc_info": record.exc_info} if record.exc_info else {}
        logger().log(severity, record.getMessage(), logger=record.name, **told)


def _thread_ended(ended: threading.ExceptHookArgs) -> None:
    if ended.exc_value is not None and not isinstance(ended.exc_value, SystemExit):
        name = ended.thread.name if ended.thread else None
        logger().critical("a thread has ended by an error", thread=name, exc_info=ended.exc_value)


def _level() -> int:
    word = os.environ.get(LEVEL, "info").strip().lower() or "info"
    if word not in LEVELS:
        raise UsageError(f"{LEVEL}={word} is no level of logging", f"one of {', '.join(LEVELS)}")
    return LEVELS[word]


def _cleaned(_logger: object, _method: str, event: Event) -> Event:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = reduce(lambda text, clean: clean(text), _HIDDEN, value)
    return event


def _cure_apart(_logger: object, _method: str, event: Event) -> Event:
    """Give the cure of an error, which stands on a second line, a field of its own."""
    error = event.get("error")
    if isinstance(error, str) and "\n  hint: " in error:
        event["error"], _, event["hint"] = error.partition("\n  hint: ")
    return event


def _record(_logger: object, _method: str, event: Event) -> str:
    """Return an event as one line of JSON in ASCII: what would break a line or move a cursor is escaped."""
    ordered = {key: event.pop(key) for key in _FIRST if key in event} | dict(event)
    return json.dumps(ordered, default=str, ensure_ascii=True)


def _line(*, coloured: bool) -> Callable[[object, str, Event], str]:
    """Return what writes an event as one line for people: when, how bad, what, then its fields."""

    def paint(text: str, colour: str) -> str:
        return f"{colour}{text}{_PLAIN}" if coloured and text else text

    def line(_logger: object, _method: str, event: Event) -> str:
        at, level, said = (str(event.pop(key, "")) for key in _FIRST)
        trace = event.pop("exception", None)
        error, hint = event.pop("error", None), event.pop("hint", None)
        said = _one_line(said + (f": {error}" if error else "") + (f" (hint: {hint})" if hint else ""))
        fields = [_field(key, value) for key, value in event.items() if _wanted(key, value, event)]
        head = f"{paint(at, _DIM)} {paint(f'{level:<7}', _COLOURS.get(level, ''))} {said}"
        below = [f"    {_one_line(text)}" for text in str(trace).splitlines()] if trace else []
        return "\n".join(["  ".join([head, *([paint(" ".join(fields), _DIM)] if fields else [])]), *below])

    return line


def _wanted(key: str, value: object, event: Event) -> bool:
    if key in _BESIDE_THE_POINT:
        return "model" not in event or (key == "work" and "window" not in event)
    return not (key == "revision" and value == 0)


def _field(key: str, value: object) -> str:
    text = _one_line(str(value))
    return f"{key}={text!r}" if " " in text or not text else f"{key}={text}"


def _one_line(text: str) -> str:
    """Show what would break a line or move a terminal's cursor: names and messages come from other people's data."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)
