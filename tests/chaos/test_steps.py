"""A crash at every step: the process ends, or raises, at the k-th failpoint for every k; nothing is lost or doubled."""

from __future__ import annotations

import multiprocessing
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import load
from monitor.errors import MonitorError, StaleLeaseError
from monitor.failpoints import arm
from monitor.scheduler.ending import ended
from monitor.scheduler.work import work
from monitor.service.enlist import enlist
from monitor.service.workbench import Workbench
from monitor.store import claims, clock, models, retry
from monitor.store.engine import Store, open_store
from monitor.telemetry import logger
from tests.chaos.audit import audit
from tests.chaos.fleet import PRELOAD
from tests.chaos.ground import Ground

STEPS = 25  # failpoints that the small job passes, at the least: more are welcome, fewer are not
LEASE = timedelta(minutes=1)
EXITED = 41


class CrashError(Exception):
    """What a failpoint raises."""


def work_off(file: Path) -> None:
    """Do all that is due for a configuration, as a worker would, in this process."""
    config = load(file)
    with _open(file) as store:
        with store.read() as conn:
            roll = enlist(config, store, clock.now(conn))
        bench = Workbench(config, store)
        while True:
            with store.write() as conn:
                lease = claims.claim(conn, "worker", clock.now(conn), LEASE, roll.versions)
            if lease is None:
                return
            reply = work(bench, roll.models, lease)
            with suppress(StaleLeaseError):  # it had been settled before the crash
                ended(store, lease, reply, logger())


def recover(file: Path) -> None:
    """Let the leases of whoever has vanished expire, and what waits be tried at once."""
    with _open(file) as store, store.write() as conn:
        now = clock.now(conn)
        claims.reclaim(conn, now + 2 * LEASE)
        for model in models.every(conn):
            retry.lift(conn, model.id, ["failed"], now)


def crash_at(number: int, end: Callable[[], object]) -> Callable[[], None]:
    """Arm the failpoint of this number, counted from now on."""
    steps = iter(range(1, 10**6))
    return arm(lambda _: end() if next(steps) == number else None)


def exit_at(file: Path, number: int) -> None:
    """Work until the failpoint of this number, and end there as if killed."""
    crash_at(number, lambda: os._exit(EXITED))
    work_off(file)


@contextmanager
def _open(file: Path) -> Iterator[Store]:
    store = open_store(load(file).store, folder=file.parent)
    try:
        yield store
    finally:
        store.close()


def _raise() -> None:
    raise CrashError


@pytest.fixture
def small(tmp_path: Path) -> Callable[[object], Ground]:
    """Give copies of a small job that nobody has touched."""
    first = Ground(tmp_path / "first", "sqlite:///monitor.db", models=1, windows=2)
    first.make()
    with first.undisturbed():
        pass

    def copy(name: object) -> Ground:
        shutil.copytree(first.folder, tmp_path / str(name))
        return replace(first, folder=tmp_path / str(name), empty=False)

    return copy


def test_the_number_of_steps_never_falls(small: Callable[[object], Ground]) -> None:
    """The failpoints of a small job are where they were."""
    names: list[str] = []
    disarm = arm(names.append)
    try:
        work_off(small("once").file)
    finally:
        disarm()
    print(f"{len(names)} steps: {dict(Counter(names))}")  # noqa: T201 - pytest shows it with -rP
    assert len(names) >= STEPS


def test_exception_at_every_step(small: Callable[[object], Ground]) -> None:
    """Whatever step raises, the work is done afterwards, once and with the same numbers."""
    number = 0
    while True:
        number += 1
        ground, hit = small(number), []
        disarm = crash_at(number, lambda: hit.append(1) or _raise())  # noqa: B023 - called before the next turn
        try:
            with suppress(MonitorError, CrashError):
                work_off(ground.file)
        finally:
            disarm()
        recover(ground.file)
        work_off(ground.file)
        assert not audit(ground, failures=True), f"step {number}"
        if not hit:
            break
    assert number > STEPS


def test_exit_at_every_step(small: Callable[[object], Ground]) -> None:
    """At whatever step a process ends, the work is done afterwards, once and with the same numbers."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(list(PRELOAD))
    number, code = 0, EXITED
    while code == EXITED:
        number += 1
        ground = small(number)
        process = context.Process(target=exit_at, args=(ground.file, number))
        process.start()
        process.join(60)
        code = process.exitcode
        recover(ground.file)
        work_off(ground.file)
        assert not audit(ground), f"step {number}"
    assert code == 0
    assert number > STEPS
