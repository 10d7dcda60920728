"""A network that breaks between a worker and PostgreSQL: as its store, in the midst of commits, and as its source."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import update

from monitor.service.job import Job
from monitor.service.windows import compute
from monitor.store import changes, clock
from monitor.store.lease import Lease
from monitor.store.runs import Run
from monitor.store.tables import runs
from tests.chaos.audit import audit, counted, undone
from tests.chaos.fleet import Fleet, Order, Plant, wait_for
from tests.chaos.ground import Ground
from tests.chaos.proxy import Fate, Proxy
from tests.chaos.test_kills import LONG, _witness, witnessed

NOTES = "unanswered"
FINISHING = b"INSERT INTO witnesses"  # what only a transaction that ends a window says
LIMIT = 600.0  # seconds
SOON = 120.0  # seconds from the moment that the network is well again until all is done, on a busy machine


def looked_again() -> None:
    """Have it written down what a worker finds that looks again whether its commit went through."""
    is_done = compute.is_done

    def told(job: Job, lease: Lease, run: object) -> bool:
        found: bool = is_done(job, lease, run)
        note(job, "done" if found else "undone")
        return found

    compute.is_done = told


def note(job: Job, what: str) -> None:
    """Write down what a worker did whose commit had not been answered."""
    with (job.folder / NOTES).open("a") as file:
        file.write(f"{what}\n")


def commits_again() -> None:
    """Plant a fault: a commit that was not answered is made once more, without a look whether it went through."""
    real = compute.commit

    def commit(job: Job, lease: Lease, run: Run, measured: object, judged: object) -> None:
        unheard: list[bool] = []
        looks, compute.is_done = compute.is_done, lambda *_: bool(unheard.append(True)) or True
        try:
            real(job, lease, run, measured, judged)
        finally:
            compute.is_done = looks
        if unheard:
            note(job, "made again")
            with job.store.write() as conn:
                now = clock.now(conn)
                conn.execute(
                    update(runs).where(runs.c.id == run.id).values(status="done", owner=None, lease_until=None)
                )
                changes.append(conn, [changes.Change(job.model_id, "window", now, run.window, 0, run.id)])

    compute.commit = commit


def fate(chance: random.Random) -> Fate:
    """Return what happens to commits: those that end windows are most in danger."""

    def drawn(said: bytes) -> str:
        kinds = ("pass", "lost", "unheard", "stall")
        weights = (35, 15, 45, 5) if FINISHING in said else (994, 2, 2, 2)
        return chance.choices(kinds, weights)[0]

    return drawn


def endure(tmp_path: Path, url: str, plant: Plant, what: str, *, least: int, models: int, windows: int) -> Ground:
    """Have two workers suffer the network until they had to do ``what`` so often; let it heal, and them finish."""
    seed, began = random.randrange(10**6), time.monotonic()
    chance = random.Random(seed)
    with Proxy(url) as proxy:
        behind = Ground(tmp_path, proxy.url, models=models, windows=windows)
        behind.make()
        ground = replace(behind, store=url, empty=False)
        _witness(ground)
        with Fleet(Order(behind.file, plants=(witnessed, plant)), 2) as fleet:
            fleet.fill()
            crew = list(fleet.crew)
            wait_for(lambda: all(fleet.ready(one) for one in crew), 300, "all workers are ready")
            proxy.at_commit = fate(chance)
            while undone(ground) and unanswered(ground)[what] < least:
                assert time.monotonic() < began + LIMIT, f"not enough has happened: {dict(proxy.seen)}"
                time.sleep(chance.uniform(0.1, 0.5))  # when every line breaks at once is chance
                if chance.random() < 0.1:
                    proxy.cut()
            proxy.heal()
            wait_for(lambda: not undone(ground), SOON, "all windows", every=0.3)
            assert all(one.is_alive() for one in crew)
        print(  # noqa: T201 - pytest shows it with -rP
            f"seed {seed}, {time.monotonic() - began:.0f} s: {dict(proxy.seen)}, unanswered {dict(unanswered(ground))},"
            f" {models * windows} windows, {counted(ground, 'lease_reclaims')} reclaims,"
            f" {counted(ground, 'stale_fences')} stale fences"
        )
    assert unanswered(ground)[what] >= least
    return ground


def unanswered(ground: Ground) -> Counter[str]:
    """Count what workers did whose commits had not been answered."""
    notes = ground.folder / NOTES
    return Counter(notes.read_text().splitlines() if notes.exists() else [])


def test_commits_that_nobody_hears_of(tmp_path: Path, durable: str) -> None:
    """Lines break before, in and after commits: nothing is lost or doubled, no model is blamed, no worker ends."""
    size = {"least": 60, "models": 8, "windows": 80} if LONG else {"least": 5, "models": 4, "windows": 16}
    ground = endure(tmp_path, durable, looked_again, "done", **size)
    assert not audit(ground, witnessed=True)
    assert "should not happen" not in (tmp_path / "worker.log").read_text()


def test_a_commit_made_again_unseen_is_found(tmp_path: Path, durable: str) -> None:
    """The same test turns red when a commit that was not answered is made again without a look."""
    ground = endure(tmp_path, durable, commits_again, "made again", least=3, models=4, windows=14)
    assert any("the feed tells" in what for what in audit(ground))
