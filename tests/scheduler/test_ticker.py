"""The clock: it ticks at once, never twice at a time, and keeps nothing."""

from __future__ import annotations

import threading

from apscheduler.jobstores.memory import MemoryJobStore

from monitor.scheduler.ticker import ticker

SOON = 120.0


def test_settings() -> None:
    """Missed ticks become one, late ones are not dropped, none overlaps, nothing outlives the process."""
    clock = ticker(lambda: None, 10.0)
    clock.start(paused=True)
    [job] = clock.get_jobs()
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    assert job.trigger.interval.total_seconds() == 10.0
    assert isinstance(clock._lookup_jobstore("default"), MemoryJobStore)
    clock.shutdown()


def test_ticks_at_once() -> None:
    """The first tick does not wait for the first interval to pass."""
    ticked = threading.Event()
    clock = ticker(ticked.set, 3600.0)
    clock.start()
    assert ticked.wait(SOON)
    clock.shutdown()


def test_a_slow_tick_never_overlaps() -> None:
    """While a tick is at work no other one begins, however many fall due; afterwards the clock goes on."""
    free, again = threading.Event(), threading.Event()
    running: list[int] = []
    most: list[int] = []

    def tick() -> None:
        running.append(1)
        most.append(len(running))
        if len(most) > 1:
            again.set()
        free.wait(SOON)
        running.pop()

    clock = ticker(tick, 0.02)
    clock.start()
    assert not again.wait(0.3)  # fifteen would have been due
    free.set()
    assert again.wait(SOON)
    clock.shutdown()
    assert max(most) == 1
