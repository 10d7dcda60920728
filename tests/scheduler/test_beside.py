"""A worker beside a server: begun again when it dies, ended with the server, given up when it cannot begin."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable

import pytest

from monitor.errors import MonitorError
from monitor.scheduler.beside import Beside

PATIENCE = 60.0


def works(ready: Callable[[], None], beat: Callable[[], None]) -> int:
    """Begin, look around once, and go on until asked to stop."""
    ready()
    beat()
    signal.sigwait({signal.SIGTERM})
    return 0


def cannot(ready: Callable[[], None], beat: Callable[[], None]) -> int:
    """End before anything was begun."""
    return 1


def until(true: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def test_it_is_begun_again() -> None:
    """One that was killed is told as ill and begun anew; asked to stop it ends."""
    beside = Beside(works)
    beside.start()
    until(beside._ready.is_set)
    assert beside.ill() is None
    first = beside._process.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    until(lambda: beside.ill() is not None)
    until(lambda: not beside.attend() and beside._process.pid != first)  # type: ignore[func-returns-value]
    until(beside._ready.is_set)
    assert beside.ill() is None
    beside.stop()
    beside.join()
    assert not beside._process.is_alive()


def test_it_is_given_up_when_it_cannot_begin() -> None:
    """What ends before it has begun would end again: the server is told."""
    beside = Beside(cannot)
    beside.start()
    beside._process.join(PATIENCE)
    with pytest.raises(MonitorError, match="could not begin"):
        beside.attend()


def test_silence_is_illness() -> None:
    """A scheduler that lives but does not look around is told."""
    beside = Beside(works)
    beside.start()
    until(beside._ready.is_set)
    beside._since -= 1_000
    beside._beat.value -= 1_000
    assert "has not looked around" in str(beside.ill())
    beside.stop()
    beside.join()


def test_it_ends_with_a_server_that_is_killed() -> None:
    """Nobody who works on the store is left behind."""
    call = (
        "import time; from monitor.scheduler.beside import Beside; from tests.scheduler.test_beside import works;"
        "b = Beside(works); b.start(); b._ready.wait(60); print(b._process.pid, flush=True); time.sleep(60)"
    )
    server = subprocess.Popen([sys.executable, "-c", call], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    server.kill()
    server.communicate()
    until(lambda: not _lives(worker))


def _lives(number: int) -> bool:
    try:
        with open(f"/proc/{number}/stat", encoding="ascii") as file:  # noqa: PTH123 - a file of the kernel
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
