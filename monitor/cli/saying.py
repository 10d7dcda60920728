"""What is said on stderr: errors with their cure, and notes."""

from __future__ import annotations

import os
import sys
import traceback

from monitor.cli.visible import visible
from monitor.errors import ConfigError, MonitorError

DEBUG = "MONITOR_DEBUG"


def said(error: MonitorError, where: str = "") -> int:
    """Say an error on stderr with its cure; return the exit code that it means."""
    sys.stdout.flush()
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    if isinstance(error, ConfigError):
        for fault in error.faults:
            place = f"{fault.file}:{fault.line}" if fault.line else fault.file
            say("error", f"{place}: {fault.field}: {fault.problem}" if fault.field else f"{place}: {fault.problem}")
            say(" hint", fault.hint)
        return error.exit_code
    say("error", where + error.message)
    if error.hint:
        say(" hint", error.hint)
    return error.exit_code


def note(text: str) -> None:
    """Say on stderr what somebody should know who expected more."""
    sys.stdout.flush()
    say(" note", text)


def say(word: str, text: str) -> None:
    """Write a line to stderr, its kind before it."""
    print(f"{word}: {visible(text)}", file=sys.stderr)
