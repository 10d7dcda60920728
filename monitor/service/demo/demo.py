"""The demo: five sample models moved to the present, monitored over their whole history, and what that shows."""

from __future__ import annotations

import os
import queue
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from monitor.config import Config, load
from monitor.errors import MonitorError
from monitor.service.demo import logs, samples, weeks
from monitor.service.demo.findings import Finding, Season, finding, seasons
from monitor.service.demo.incidents import Caught, Opened, caught, incidents
from monitor.service.demo.logs import Place
from monitor.service.demo.trickle import Clock
from monitor.service.opening import opened
from monitor.service.read import count
from monitor.service.run import run

Tell = Callable[[str, str, int, int], None]
EVERY = 0.2  # seconds between two looks at the workers
SEASONAL = ("roc_auc", "base_rate", "recall")


@dataclass
class Watched:
    """One sample after its run."""

    sample: str
    model: str
    rows: int | None = None
    windows: int = 0
    measurements: int = 0
    error: str | None = None


@dataclass
class Demo:
    """What a demo made and found."""

    folder: Path
    watched: list[Watched]
    findings: list[Finding] = field(default_factory=list)
    seasons: list[Season] = field(default_factory=list)
    caught: list[Caught] = field(default_factory=list)
    incidents: list[Opened] = field(default_factory=list)
    seconds: float = 0.0


def demo(folder: Path, now: datetime, tell: Tell, done: Callable[[Watched], None]) -> Demo:
    """Build the demo in a folder and run it, a process for each processor.

    Parameters
    ----------
    now : datetime
        The present: what is later in the samples has not happened yet.
    tell : callable
        Is told (model, phase, done, total) meanwhile.
    done : callable
        Is given each sample when it is finished.
    """
    begun = time.monotonic()  # the file is read without an environment: MONITOR_STORE may name a real store
    places = logs.places(now)
    fresh = logs.prepare(folder, places)
    config = load(folder / "monitor.yaml", {})
    with opened(config, writing=True):
        watched = []
    named = [(place, model.name) for place, model in zip(places, config.models, strict=True)]
    for one in _worked(folder, named, now, fresh=fresh, tell=tell):
        watched.append(one)
        done(one)
    if not any(one.error for one in watched):
        logs.finish(folder, places)
    made = Demo(folder, watched)
    _find(made, config, places)
    made.seconds = time.monotonic() - begun
    return made


def _find(made: Demo, config: Config, places: list[Place]) -> None:
    models = dict(zip(samples.NAMES, (model.name for model in config.models), strict=True))
    with opened(config) as store:
        for place in places:
            model, faults = models[place.name], samples.faults(place.name, place.shift)
            made.findings += [finding(config, store, model, fault) for fault in faults]
            made.caught += caught(store, model, faults)
            made.incidents += incidents(store, model, weeks.planted(place, Clock(made.folder).now()))
            if not faults:
                made.seasons += seasons(config, store, model, SEASONAL, place.shift)


def _worked(
    folder: Path, named: list[tuple[Place, str]], now: datetime, *, fresh: bool, tell: Tell
) -> Iterator[Watched]:
    """Build and run every sample in processes of their own; yield each when it is done."""
    context = get_context("spawn")  # a fork would copy the locks of threads that it does not copy
    with context.Manager() as shared:
        said: Any = shared.Queue()
        with ProcessPoolExecutor(os.cpu_count() or 1, context, _end_quietly) as pool:
            waiting = [pool.submit(_work, str(folder), *one, now, fresh, said) for one in named]
            while waiting:
                _pass_on(said, tell)
                for one in [one for one in waiting if one.done()]:
                    waiting.remove(one)
                    yield _result(one)
                time.sleep(EVERY)


def _result(one: Future[Watched]) -> Watched:
    try:
        return one.result()
    except BrokenProcessPool:
        raise MonitorError("a process of the demo was ended", "was there too little memory? 2 GB are enough") from None


def _end_quietly() -> None:
    """Let an interrupt end a worker without a word: the one who started it says all."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _pass_on(said: Any, tell: Tell) -> None:
    latest: dict[str, tuple[str, int, int]] = {}
    while True:
        try:
            model, *rest = said.get_nowait()
        except queue.Empty:
            break
        latest[model] = tuple(rest)
    for model, words in latest.items():
        tell(model, *words)


def _work(folder: str, place: Place, name: str, now: datetime, fresh: bool, said: Any) -> Watched:
    """Build one sample and run its model; in a process of its own."""
    home = Path(folder)
    config = load(home / "monitor.yaml", {})
    watched = Watched(place.name, name)
    try:
        if fresh:
            said.put((name, "building", 0, 1))
            watched.rows = logs.build(home, place)
        with opened(config, writing=True) as store:
            [found] = run(config, store, names=[name], now=now, progress=_teller(said))
            watched.windows, watched.measurements = found.windows, count(store, found.run_ids)
            watched.error = None if found.error is None else str(found.error)
    except MonitorError as error:
        watched.error = str(error)
    return watched


def _teller(said: Any) -> Tell:
    """Give a function that passes progress on, a few times a second: each message crosses a process."""
    last = 0.0

    def tell(model: str, phase: str, done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last > EVERY or done >= total:
            last = time.monotonic()
            said.put((model, phase, done, total))

    return tell
