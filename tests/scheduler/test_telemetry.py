"""Logs: one line an event, for people or for machines, with the cure and without any secret."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog

from monitor import telemetry
from monitor.errors import SourceError, UsageError

EVIL = 'm\x1b[31m\n{"level": "forged"}\u202e\ud800'


class Terminal(StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """Leave logging as it was."""
    hook, handlers = threading.excepthook, list(logging.getLogger().handlers)
    yield
    structlog.reset_defaults()
    logging.captureWarnings(capture=False)
    threading.excepthook, logging.getLogger().handlers = hook, handlers


def _told(out: StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_json_when_nobody_looks() -> None:
    """In a pipe every event is one object of ASCII: when, how bad and what first, names unchanged once parsed."""
    out = StringIO()
    telemetry.configure(out)
    telemetry.logger(model=EVIL).info("done", run=7, seconds=0.5)
    [line] = out.getvalue().splitlines()
    assert line.isascii()
    assert line.isprintable()
    [told] = _told(out)
    assert list(told) == ["timestamp", "level", "event", "model", "run", "seconds"]
    assert (told["model"], told["run"], told["level"]) == (EVIL, 7, "info")


def test_a_line_for_people() -> None:
    """On a terminal a line says what happened and to whom; names cannot move its cursor or forge a line."""
    out = Terminal()
    telemetry.configure(out)
    log = telemetry.logger(worker="host:1:ab")
    log.info("done", model=EVIL, work="window", run=7, window="2024-03-01T00:00Z", revision=0, seconds=0.5)
    [line] = out.getvalue().splitlines()
    plain = line.replace("\x1b[2m", "").replace("\x1b[32m", "").replace("\x1b[0m", "")
    assert plain.isprintable()
    assert plain[20:] == (
        'info    done  model=\'m\\\\x1b[31m\\\\n{"level": "forged"}\\\\u202e\\\\ud800\' run=7'
        " window=2024-03-01T00:00Z seconds=0.5"
    )


def test_no_colours_when_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    """``NO_COLOR`` leaves plain text, also on a terminal."""
    monkeypatch.setenv("NO_COLOR", "1")
    out = Terminal()
    telemetry.configure(out)
    telemetry.logger().warning("careful")
    assert out.getvalue()[20:] == "warning careful\n"


@pytest.mark.parametrize("human", [True, False])
def test_an_error_carries_its_cure(human: bool) -> None:
    """The cure of an error is told apart from what happened, on the same line."""
    out = StringIO()
    telemetry.configure(out, human=human)
    telemetry.logger(model="m").error("failed", error=str(SourceError("no table p", "make it")))
    if human:
        assert out.getvalue()[20:] == "error   failed: no table p (hint: make it)  model=m\n"
    else:
        assert [(told["error"], told["hint"]) for told in _told(out)] == [("no table p", "make it")]


@pytest.mark.parametrize("human", [True, False])
def test_no_secret_is_written(human: bool) -> None:
    """Neither the text of an unforeseen error, nor the variables where it happened, nor any field tells a password."""
    out = StringIO()
    telemetry.configure(out, human=human, clean=lambda text: text.replace("c4n4ry", "***"))
    password = "c4" + "n4ry"
    try:
        raise ValueError(f"cannot reach postgresql://me:{password}@db")  # noqa: TRY301
    except ValueError:
        telemetry.logger(store=f"postgresql://me:{password}@db").exception("what was that?")
    said = out.getvalue()
    assert "c4n4ry" not in said
    assert "ValueError: cannot reach postgresql://me:***@db" in said
    assert "test_no_secret_is_written" in said  # where it happened


def test_levels(monkeypatch: pytest.MonkeyPatch) -> None:
    """``MONITOR_LOG`` says from which severity on, a wrong word is refused, what a caller asks for goes first."""
    out = StringIO()
    for word, level in (("debug", None), (" WARNING ", None), ("error", logging.DEBUG)):
        monkeypatch.setenv("MONITOR_LOG", word)
        telemetry.configure(out, level=level)
        for severity in ("debug", "info", "warning"):
            getattr(telemetry.logger(), severity)(word)
    assert [(told["event"].strip(), told["level"]) for told in _told(out)] == [
        ("debug", "debug"), ("debug", "info"), ("debug", "warning"), ("WARNING", "warning"),
        ("error", "debug"), ("error", "info"), ("error", "warning"),
    ]  # fmt: skip
    monkeypatch.setenv("MONITOR_LOG", "loud")
    with pytest.raises(UsageError, match="MONITOR_LOG=loud") as refused:
        telemetry.configure(out)
    assert "debug, info, warning, error" in (refused.value.hint or "")


def test_libraries_and_threads_are_heard() -> None:
    """What a library warns of, and a thread that dies of an error, become lines like all others."""
    out = StringIO()
    telemetry.configure(out)
    telemetry.listen()
    telemetry.listen()
    logging.getLogger("some.driver").warning("slow %s", "disk")
    logging.getLogger("some.driver").info("chatter")

    def fail() -> None:
        raise ZeroDivisionError("oh")

    thread = threading.Thread(target=fail, name="hand")
    thread.start()
    thread.join()
    warned, died = _told(out)
    assert (warned["level"], warned["event"], warned["logger"]) == ("warning", "slow disk", "some.driver")
    assert (died["level"], died["thread"]) == ("critical", "hand")
    assert "ZeroDivisionError: oh" in died["exception"]
