"""A demo of one sample that goes on, in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml

from monitor.config import load
from monitor.service.backend import present
from monitor.service.demo import logs, samples
from monitor.service.demo.trickle import Clock
from monitor.service.opening import opened
from monitor.service.run import run

NAME = "recommendation"
BEGINS, ENDS = 120.0, 60.0  # seconds that it may take


def built(folder: Path, *, measured: bool = True) -> logs.Place:
    """Make a demo of the recommender in a folder, its history measured up to now, and let its clock go."""
    now = present()
    wanted = logs.places(now)
    place = next(one for one in wanted if one.name == NAME)
    logs.prepare(folder, wanted)
    logs.build(folder, place)
    file = folder / "monitor.yaml"
    document = yaml.safe_load(file.read_text())
    document["models"] = [document["models"][samples.NAMES.index(NAME)]]
    file.write_text(yaml.safe_dump(document))
    logs.finish(folder, [place])
    config = load(file, {})
    if measured:
        with opened(config, writing=True) as store:
            [done] = run(config, store, now=now)
            assert done.error is None
    Clock(folder).start(now)
    return place


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve it by `monitor serve`; gives the address."""
    monitor = str(Path(sys.executable).with_name("monitor"))
    command = [monitor, "serve", "-c", str(folder / "monitor.yaml"), "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MONITOR_")}
    log = folder / "serve.log"
    with log.open("w") as said:
        process = subprocess.Popen(command, stderr=said, env=environment)
    try:
        yield _address(process, log)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(ENDS)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + BEGINS
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r'"url": "(http://[^"]+)"', log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(log.read_text())
