"""The entry point: runs a command and turns whatever goes wrong into a line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

from monitor.cli.saying import DEBUG, said, say
from monitor.errors import MonitorError

BLAS = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit code.

    0 done, 1 something failed, 2 wrong usage or configuration, 130 interrupted. Errors are said on stderr.

    Parameters
    ----------
    arguments : sequence of str, optional
        What was typed behind ``monitor``; that of the process when absent.
    """
    for stream in (sys.stdout, sys.stderr):
        _take_any_text(stream)
    for name in BLAS:  # before numpy comes: matrices of some dozen columns only wait for threads that spin
        os.environ.setdefault(name, "1")
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        _silence(sys.stdout)
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _run(arguments: Sequence[str] | None) -> int:
    from monitor.cli.app import built  # noqa: PLC0415 - an interrupt while it loads is caught as well

    try:
        built()(None if arguments is None else list(arguments), prog_name="monitor")
    except SystemExit as left:
        return left.code if isinstance(left.code, int) else int(left.code is not None)
    except MonitorError as error:
        return said(error)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - the last line of defence
        return _unexpected(error)
    return 0


def _unexpected(error: Exception) -> int:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
        return 1
    say("error", f"unexpected {type(error).__name__}: {error}")
    say(" hint", f"this is a fault of the monitor itself; {DEBUG}=1 shows where it happened")
    return 1


def _take_any_text(stream: TextIO) -> None:
    """Let a terminal that cannot show a character show its escape, instead of failing."""
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")


def _silence(stream: TextIO) -> None:
    """Let the interpreter's last flush go nowhere: nobody reads any more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, stream.fileno())
    except (OSError, ValueError):
        os.close(nowhere)
