"""The command and its signals: it stops in time, gives back what it held, reads its file again, is refused twice."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.scheduler.pace import Pace
from monitor.store.tables import chores, runs
from tests.chaos.audit import counted
from tests.chaos.command import Command
from tests.chaos.fleet import HASTE, Fleet, Order, hasty_backoff, wait_for
from tests.chaos.ground import Ground

START_UP = 300.0  # seconds; a busy machine loads slowly
PLUGIN = """
import os, pathlib, time
from monitor.metrics import Estimate, metric

@metric(kind="quality", reads="column", unit="share", worse="higher", columns="numeric")
def trouble_rate(reference, current):
    \"\"\"Do what a bad plug-in does.\"\"\"
    {body}
    return Estimate(0.0, 1)
"""


def spoilt(folder: Path, body: str, *, models: int = 1) -> Ground:
    """Make a ground with a plug-in that does something bad in every window."""
    found = Ground(folder, "sqlite:///monitor.db", models=models, windows=14, plugins=["trouble.py"])
    (folder / "trouble.py").write_text(PLUGIN.format(body=body))
    found.make()
    return found


def held(ground: Ground) -> list[tuple[object, ...]]:
    """Return the windows and chores that somebody holds."""
    with ground.opened() as conn:
        windows = select(runs.c.id, runs.c.attempts, runs.c.deaths).where(runs.c.status == "leased")
        work = select(chores.c.model_id, chores.c.kind).where(chores.c.owner.is_not(None))
        return [tuple(row) for row in (*conn.execute(windows), *conn.execute(work))]


def statuses(ground: Ground) -> dict[str, int]:
    """Count windows by status."""
    with ground.opened() as conn:
        found: dict[str, int] = {}
        for status in conn.execute(select(runs.c.status)).scalars():
            found[status] = found.get(status, 0) + 1
        return found


def test_sigterm_gives_back_a_window_that_takes_long(tmp_path: Path) -> None:
    """A worker in the midst of a long window does not wait for it: it ends with 0, the window due as if untouched."""
    ground = spoilt(tmp_path, "pathlib.Path(__file__).with_name('begun').touch(); time.sleep(600)")
    with Command(ground) as worker:
        wait_for((tmp_path / "begun").exists, START_UP, "a window has begun")
        assert held(ground)
        began = time.monotonic()
        worker.send(signal.SIGTERM)
        assert worker.process.wait(120) == 0
        took = time.monotonic() - began
        assert worker.said("given back")
    print(f"stopped after {took:.1f} s")  # noqa: T201 - pytest shows it with -rP
    assert not held(ground)
    assert set(statuses(ground)) == {"due"}
    with ground.opened() as conn:
        assert set(conn.execute(select(runs.c.attempts, runs.c.deaths)).all()) == {(0, 0)}


def test_sighup_applies_a_right_file_and_refuses_a_wrong_one(tmp_path: Path) -> None:
    """A changed file is in force without a restart; a wrong one changes nothing and the log says why."""
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=1, windows=14)
    ground.make()
    with Command(ground) as worker:
        wait_for(lambda: statuses(ground).get("done") == 14, START_UP, "all windows")
        right = ground.file.read_text()
        ground.file.write_text(right.replace("task: regression", "task: guessing"))
        worker.send(signal.SIGHUP)
        wait_for(
            lambda: worker.said("the new file is refused, the old one stays in force"), START_UP, "the file is refused"
        )
        refused = next(line for line in worker.lines if "refused" in str(line["event"]))
        assert "guessing" in str(refused["error"])
        ground.file.write_text(right.replace("ground_truth_horizon: 1d", "ground_truth_horizon: 2d"))
        worker.send(signal.SIGHUP)
        wait_for(lambda: worker.said("applied", kind="changed"), START_UP, "the file is applied")
        worker.send(signal.SIGTERM)
        assert worker.process.wait(120) == 0


def test_second_worker_on_a_sqlite_store_is_refused(tmp_path: Path) -> None:
    """It ends at once with 1 and says who has the store and what to do; the first goes on."""
    ground = Ground(tmp_path, "sqlite:///monitor.db", models=1, windows=14)
    ground.make()
    with Command(ground) as first, Command(ground) as second:
        wait_for(
            lambda: first.process.poll() is not None or second.process.poll() is not None, START_UP, "one is refused"
        )
        refused, other = (first, second) if first.process.poll() is not None else (second, first)
        assert refused.process.wait(60) == 1
        said = refused.log.read_text()
        assert f"process {other.process.pid}" in said
        assert "point `store:` at PostgreSQL" in said
        assert "Traceback" not in said
        wait_for(lambda: statuses(ground).get("done") == 14, START_UP, "all windows")


def test_compute_child_ends_with_its_worker(tmp_path: Path) -> None:
    """A killed worker leaves no process behind that computes for ever."""
    ground = spoilt(tmp_path, "pathlib.Path(__file__).with_name('begun').write_text(str(os.getpid())); time.sleep(600)")
    with Command(ground) as worker:
        wait_for(lambda: (tmp_path / "begun").exists() and (tmp_path / "begun").read_text(), START_UP, "it computes")
        child = int((tmp_path / "begun").read_text())
        os.kill(worker.process.pid, signal.SIGKILL)
        wait_for(lambda: not _lives(child), 60, "the compute process has ended")


@pytest.mark.parametrize(
    ("body", "pace", "memory"),
    [
        ("os.kill(os.getpid(), 9)", HASTE, None),
        ("time.sleep(600)", Pace(lease=2.0, renew=0.5, timeout=1.5, tick=0.25, idle=0.02, pause=0.05), None),
        ("bytearray(2**33)", HASTE, 2**31),
    ],
    ids=["killed", "too long", "too large"],
)
def test_window_that_kills_its_process_is_quarantined(
    tmp_path: Path, body: str, pace: Pace, memory: int | None
) -> None:
    """After three deaths of its process a window is left alone, and the others go on."""
    guarded = f"if pathlib.Path(__file__).with_name('trouble').exists(): {body}"
    ground = spoilt(tmp_path, guarded)
    (tmp_path / "trouble").touch()
    with Fleet(Order(ground.file, pace=pace, plants=(hasty_backoff,), memory=memory), 1) as fleet:
        fleet.fill()
        wait_for(lambda: statuses(ground).get("quarantined"), 300, "a window is quarantined")
        (tmp_path / "trouble").unlink()
        wait_for(lambda: not statuses(ground).keys() - {"done", "quarantined"}, 300, "the others are done")
    with ground.opened() as conn:
        rows = conn.execute(select(runs.c.deaths, runs.c.error_state).where(runs.c.status == "quarantined")).all()
    assert {tuple(row) for row in rows} == {(3, "crashed")}
    assert counted(ground, "child_deaths") >= 3


def _lives(pid: int) -> bool:
    """Tell whether a process is there and no zombie."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
