"""The trickle: while a demo is served its days pass quickly, and each window that has passed is measured.

A demo has a clock of its own, in a file of its folder: that of pages and windows. Leases, logins and whatever people do
go by the real one. It only ever goes on: from the present when a demo was made, else from where it stopped.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from structlog.typing import FilteringBoundLogger

from monitor.config import Config, ModelConfig, load
from monitor.domain.calendar import Calendar
from monitor.errors import MonitorError
from monitor.service.backend import present
from monitor.service.demo import weeks
from monitor.service.demo.logs import CLOCK, made
from monitor.service.opening import opened
from monitor.service.run import run
from monitor.service.workbench import Workbench
from monitor.store.engine import Store
from monitor.telemetry import logger

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SECONDS = 20.0  # that a day of the demo lasts
AHEAD = timedelta(days=1)
LEAST = 0.25  # of its time is left free in each hour, however long its work takes
LONGEST = timedelta(days=364)  # ahead of the real clock: whoever forgets a demo finds his disk as it was
PACE = f"a day passes every {SECONDS:.0f} s"


@dataclass(frozen=True)
class Clock:
    """The clock of a demo's folder, for any number of processes; the real one where there is no demo that goes on."""

    folder: Path

    @property
    def goes(self) -> bool:
        """Whether the folder is one of a demo that goes on."""
        return (self.folder / CLOCK).is_file()

    def now(self) -> datetime:
        """Return the demo's present: never before the real one."""
        try:
            said = json.loads((self.folder / CLOCK).read_text(encoding="utf-8"))["now"]
        except FileNotFoundError:
            return present()
        return max(datetime.fromisoformat(said), present())

    def start(self, now: datetime) -> None:
        """Begin a demo that goes on, at an instant; one that has begun is left where it is."""
        if not self.goes:
            self.set(now)

    def set(self, now: datetime) -> None:
        """Put the clock to an instant."""
        half = self.folder / f".{CLOCK}"
        half.write_text(json.dumps({"now": now.isoformat()}), encoding="utf-8")
        half.replace(self.folder / CLOCK)


def after(now: datetime) -> datetime:
    """Return the next full hour.

    Examples
    --------
    >>> str(after(datetime(2026, 5, 13, 14, 30)))
    '2026-05-13 15:00:00'
    """
    return now.replace(minute=0, second=0, microsecond=0) + HOUR


def closing(models: Sequence[ModelConfig], since: datetime, until: datetime) -> list[ModelConfig]:
    """Return the models of which a window comes due in ``(since, until]``."""
    return [
        one
        for one in models
        if any(Calendar(one.window_timezone, one.window).windows(since - one.delay, until - one.delay))
    ]


@dataclass
class Trickle:
    """A demo that goes on in a thread, ``seconds`` a day."""

    config: Config
    store: Store
    seconds: float = SECONDS
    stopping: threading.Event = field(default_factory=threading.Event)
    log: FilteringBoundLogger = field(default_factory=logger)

    def __post_init__(self) -> None:
        """Find the folder's clock and samples."""
        self.clock, self.places = Clock(self.config.folder), made(self.config.folder)
        self.bench = Workbench(self.config, self.store)
        self.behind = dict.fromkeys(one.name for one in self.config.models)  # all, first: it may be long since

    def run(self) -> None:
        """Let days pass until asked to stop; what fails is tried again an hour later."""
        hour, due = self.seconds * (HOUR / DAY), time.monotonic()
        while not self.stopping.wait(max(hour * LEAST, due - time.monotonic())):
            due = max(due, time.monotonic() - self.seconds) + hour  # a day that took longer is not made up for
            try:
                self.step()
            except (MonitorError, OSError) as error:
                self.log.warning("the demo stands still", error=str(error))

    def step(self) -> None:
        """Let an hour pass: put the clock on, write the rows that are needed, measure the windows that have closed."""
        now = self.clock.now()
        if now - present() > LONGEST:
            return
        until = after(now)
        for place in self.places:
            weeks.extend(self.config.folder, place, until + AHEAD)
        self.behind |= {one.name: None for one in closing(self.config.models, now, until)}
        self.clock.set(until)
        while self.behind and not self.stopping.is_set():
            name = next(iter(self.behind))
            [done] = run(self.config, self.store, names=[name], now=until, bench=self.bench)
            if done.error is not None:
                raise done.error
            del self.behind[name]


@contextmanager
def trickling(file: Path) -> Iterator[None]:
    """Let the demo of a monitor.yaml go on meanwhile."""
    config = load(file, {})  # without an environment, as it was made
    with opened(config, writing=True) as store:
        trickle = Trickle(config, store)
        thread = threading.Thread(target=trickle.run, name="the demo's days")
        thread.start()
        try:
            yield
        finally:
            trickle.stopping.set()
            thread.join()
