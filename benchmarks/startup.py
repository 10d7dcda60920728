"""How fast the command line answers and the service is there, and what its web process holds.

``python -m benchmarks.startup [--demo .demo]``: the shortest of several starts each: ``monitor --help`` beside an
interpreter that does nothing, ``monitor run`` of a model with nothing due, ``monitor serve`` until ``/readyz`` says
yes, over the sample models (a copy; made first where there are none, which takes a minute). Each was started once
before, so that Python has its bytecode. Memory is that of the process that serves, once its pages were asked for.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psutil

from benchmarks.figures import at_most, record
from benchmarks.stopwatch import Took

STARTS, SERVES, LOOKS = 9, 3, 20
LONGEST_UNREST = 30  # seconds
MONITOR = str(Path(sys.executable).with_name("monitor"))
IDLE = "fraud"
BARS = {"help": 0.5, "run": 1.5, "serve": 5, "memory": 300}
PAGES = ("/dash/", "/dash/_dash-layout", "/dash/_dash-dependencies", "/api/v1/models", "/api/v1/incidents", "/metrics")


def started(command: Sequence[str]) -> Took:
    """Return what a command takes from its start to its end."""
    wall, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=_environment())
    now = os.times()
    spent = now.children_user - before.children_user + now.children_system - before.children_system
    return Took(time.perf_counter() - wall, spent)


def shortest(start: Callable[[], Took], times: int) -> Took:
    """Return the shortest of several starts, of either kind; the first, which compiles, is not counted."""
    start()
    each = [start() for _ in range(times)]
    return Took(min(took.wall for took in each), min(took.cpu for took in each))


@contextmanager
def served(folder: Path) -> Iterator[tuple[Took, psutil.Process, str]]:
    """Serve a demo; give what it took until it was ready, its process, and where it answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    begun = time.perf_counter()
    command = [MONITOR, "serve", "-c", str(folder / "monitor.yaml"), "--port", str(port)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=_environment()) as serving:
        try:
            while not _answers(f"{url}/readyz"):
                if serving.poll() is not None or time.perf_counter() - begun > 120:
                    raise SystemExit(f"{' '.join(command)} is not ready after two minutes, or has ended")
            process = psutil.Process(serving.pid)
            used = process.cpu_times()
            yield Took(time.perf_counter() - begun, used.user + used.system), process, url
        finally:
            serving.send_signal(signal.SIGTERM)


def held(process: psutil.Process, url: str) -> float:
    """Return the megabytes that the process holds once its pages were asked for and it is at rest again."""
    for _ in range(LOOKS):
        for page in PAGES:
            _answers(url + page)
    for _ in range(LONGEST_UNREST):
        if process.cpu_percent(interval=1.0) < 30:
            break
    found: int = process.memory_info().rss
    return found / 1e6


def copied(demo: Path, folder: Path) -> Path:
    """Return a copy of the demo that is up to date, so that nothing is due; made where there is none."""
    home = folder / "demo"
    if (demo / "monitor.yaml").exists():
        shutil.copytree(demo, home)
    else:
        print(f"making the sample models, which takes a minute: {demo} has none", flush=True)
        started([MONITOR, "demo", "--no-serve", "--folder", str(home)])
    print("measuring what is due", flush=True)
    started([MONITOR, "run", "-c", str(home / "monitor.yaml")])
    return home


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return bool(answer.read() and answer.status == 200)
    except OSError:
        time.sleep(0.01)
        return False


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path(".demo"))
    asked = parser.parse_args()
    nothing = shortest(lambda: started([sys.executable, "-c", "pass"]), STARTS)
    answer = shortest(lambda: started([MONITOR, "--help"]), STARTS)
    with tempfile.TemporaryDirectory() as folder:
        home = copied(asked.demo, Path(folder))
        idle = [MONITOR, "run", "-c", str(home / "monitor.yaml"), "--model", IDLE]
        run = shortest(lambda: started(idle), STARTS)
        held_by: list[float] = []

        def ready() -> Took:
            with served(home) as (took, process, url):
                held_by.append(held(process, url))
            return took

        serve = shortest(ready, SERVES)
        memory = max(held_by[1:])  # of the first one, whatever compiling has left, too
    print(f"monitor --help: {answer}; an empty program: {nothing}")
    print(f"monitor run of an idle model: {run}")
    print(f"monitor serve until ready: {serve}; its web process holds {memory:.0f} MB")
    figures = [
        at_most("monitor --help", answer.wall, BARS["help"], f"an empty program {nothing.wall:.2f} s", unit="s"),
        at_most("monitor run of a model with nothing due", run.wall, BARS["run"], f"{run.cpu:.2f} s of CPU", unit="s"),
        at_most(
            "monitor serve over the five samples, until ready", serve.wall, BARS["serve"],
            f"{serve.cpu:.2f} s of CPU", unit="s",
        ),
        at_most("memory of its web process, pages looked at", memory, BARS["memory"], unit="MB", digits=0),
    ]  # fmt: skip
    record("startup", figures)
    return 0 if all(figure.holds for figure in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
