"""What a process does when it is sent a signal."""

from __future__ import annotations

import signal
from threading import Event
from types import FrameType


def heed(stopping: Event, reloading: Event) -> None:
    """Stop on SIGTERM and SIGINT, read the file again on SIGHUP; whoever waits for the events does it."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopping.set()

    def reload(_number: int, _frame: FrameType | None) -> None:
        reloading.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.signal(signal.SIGHUP, reload)
