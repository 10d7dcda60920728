"""The stopwatch of the benchmarks: the shortest of several goes, of the clock on the wall and of the processor."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """What some work took, in seconds: by the clock on the wall, and of the processor, all threads together."""

    wall: float
    cpu: float

    def __str__(self) -> str:
        return f"{self.wall:.2f} s ({self.cpu:.2f} s of CPU)"


def best(work: Callable[[], object], repeats: int = 3) -> Took:
    """Do the work so many times; return the shortest of either kind."""
    each = [once(work) for _ in range(repeats)]
    return Took(min(took.wall for took in each), min(took.cpu for took in each))


def once(work: Callable[[], object]) -> Took:
    """Do the work and return what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - wall, time.process_time() - cpu)
