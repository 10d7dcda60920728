"""How fast the dashboard answers over a large store: every callback, the first time and again, at 50 models.

``python -m benchmarks.dashboard``: 50 models x 50 features x 90 days of hours on SQLite; MONITOR_BENCH_MODELS takes
fewer. A callback is measured from its arguments to the JSON that goes to the browser. Bars: p95 below 300 ms, the
overview below 2.5 s when nothing was read before, and below 1 s at p95 for 50 viewers whose pages follow the store.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask
import numpy as np
from dash._utils import to_json

from benchmarks.dashboard_store import configured, fill
from dashboards.app import build
from dashboards.asking import PRINCIPAL, asked
from dashboards.heading import heading
from dashboards.pages import model as page
from dashboards.routing import route
from dashboards.shell import PULSE
from dashboards.subject import subject
from monitor.api import garbage
from monitor.domain.principal import LOCAL
from monitor.service.backend import Backend
from monitor.service.opening import opened

MODELS = int(os.environ.get("MONITOR_BENCH_MODELS", "50"))
FEATURES, DAYS = 50, 90
END = datetime(2026, 11, 1, tzinfo=UTC)
BAR, COLD, CROWD = 0.3, 2.5, 1.0  # seconds
VIEWERS, LOOKS = 50, 2
QUESTIONS = {
    "performance": "?tab=performance", "drift": "?tab=drift", "drift, all columns": "?tab=drift&columns=all",
    "fairness": "?tab=fairness", "data quality": "?tab=quality", "operations": "?tab=operations", "runs": "?tab=runs",
    "a week of drift": "?tab=drift&range=7d",
}  # fmt: skip


Times = tuple[list[tuple[float, float]], list[tuple[float, float]]]


def measured(ask: Callable[[], Any]) -> tuple[float, float]:
    """Return how long a question and its answer as JSON take, in seconds: by the clock and of the processor."""
    begun, spent = time.perf_counter(), time.process_time()
    to_json(ask())
    return time.perf_counter() - begun, time.process_time() - spent


def questions(server: flask.Flask, name: str) -> dict[str, Callable[[], Any]]:
    """Return everything that the page of one model asks for."""
    path = f"/dash/models/{name}"

    def asking(answer: Callable[[], Any]) -> Callable[[], Any]:
        def inside() -> Any:
            with server.test_request_context("/", environ_base={PRINCIPAL: LOCAL}):
                return answer()

        return inside

    found: dict[str, Callable[[], Any]] = {
        "heading": asking(lambda: heading(subject(asked({"model": name}, "")))),
    }
    for words, search in QUESTIONS.items():
        found[words] = asking(lambda search=search: page.draw(search, None, "light", 0, path, None))
    detail = "?tab=drift&column=feature_07"
    found["one column"] = asking(lambda: page.draw_detail(detail, "light", 0, path))
    return found


def table(server: flask.Flask, names: list[str]) -> dict[str, Times]:
    """Return for each question how long it takes at first and again, for every model."""
    found: dict[str, Times] = {}
    for name in names:
        for words, ask in questions(server, name).items():
            first, again = found.setdefault(words, ([], []))
            first.append(measured(ask))
            again.append(measured(ask))
    return found


def first_page(server: flask.Flask) -> Callable[[], Any]:
    """Return what asks for the overview."""

    def ask() -> Any:
        with server.test_request_context("/", environ_base={PRINCIPAL: LOCAL}):
            return route("/dash/", "")

    return ask


def crowd(ask: Callable[[], Any]) -> float:
    """Return the 95th percentile of what each of many waits whose pages look at the store once a pulse."""
    begun = time.perf_counter()

    def look(number: int) -> list[float]:
        waited = []
        for turn in range(LOOKS):
            due = begun + (turn + number / VIEWERS) * PULSE / 1000
            time.sleep(max(0.0, due - time.perf_counter()))
            waited.append(measured(ask)[0])
        return waited

    with ThreadPoolExecutor(VIEWERS) as pool:
        return float(np.percentile(np.concatenate(list(pool.map(look, range(VIEWERS)))), 95))


def main() -> int:
    """Make the store, measure, print a table; 1 when a figure falls short of its bar."""
    with tempfile.TemporaryDirectory() as folder:
        config = configured(Path(folder), MODELS, FEATURES)
        begun = time.perf_counter()
        with opened(config, writing=True) as store:
            written = fill(config, store, END, DAYS, FEATURES)
            size = (Path(folder) / "monitor.db").stat().st_size / 1e6
            print(f"{MODELS} models, {written:,} measurements, {size:,.0f} MB, {time.perf_counter() - begun:.0f} s")
            server = build(Backend(store, lambda: config, lambda: END + timedelta(minutes=5)))
            garbage.rarely()  # as the server does
            overview = first_page(server)
            cold, again = measured(overview), measured(overview)
            many = crowd(overview)
            found = table(server, [one.name for one in config.models])
    print(f"the overview: {cold[0]:.2f} s cold, {cold[1]:.2f} s of it the cpu's; again {again[0]:.2f} s; bar {COLD} s")
    print(f"{VIEWERS} viewers: p95 {many:.2f} s, bar {CROWD} s")
    print(f"{'ms':20}{'first p50':>12}{'first p95':>12}{'of the cpu':>12}{'again p95':>12}")
    worst = 0.0
    for words, (first, again) in found.items():
        (by_clock, spent), repeated = np.array(first).T, np.array(again)[:, 0]
        worst = max(worst, late := float(np.percentile(by_clock, 95)))
        shown = (np.median(by_clock), late, np.percentile(spent, 95), np.percentile(repeated, 95))
        print(f"{words:20}" + "".join(f"{1000 * float(value):12.0f}" for value in shown))
    print(f"the slowest first answer: p95 {1000 * worst:.0f} ms, bar {1000 * BAR:.0f} ms")
    return int(worst > BAR or cold[0] > COLD or many > CROWD)


if __name__ == "__main__":
    sys.exit(main())
