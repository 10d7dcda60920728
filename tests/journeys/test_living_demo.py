"""A demo that is served goes on: by its API new windows appear while one looks."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.request import urlopen

from tests.living import NAME, built, served

PATIENCE = 180.0  # seconds, many times as long as a day lasts there: machines that test are busy


def test_a_window_closes_while_one_looks(tmp_path: Path) -> None:
    """The newest window of the API moves on, fresh by the demo's clock; served again, it goes on where it stopped."""
    built(tmp_path / "demo")
    with served(tmp_path / "demo") as address:
        begins = _newest(address)
        later = _newest(address, begins)
        assert later > begins
    with served(tmp_path / "demo") as address:
        assert _newest(address, later) > later


def _newest(address: str, than: str = "") -> str:
    """Return the end of the newest window, once it is another one."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with urlopen(f"{address}/api/v1/models/{NAME}/drift", timeout=60) as answer:
            told = json.load(answer)
        assert told["freshness"]["state"] == "fresh"
        end: str = told["window"]["end"]
        if end > than:
            return end
        time.sleep(1.0)
    raise AssertionError("no new window within the deadline")
