"""The tab report: Evidently's page about one window beside its reference, made when it is asked for."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock
from typing import Any

from dash import dcc, html

from dashboards.components.card import card
from dashboards.components.instant import instant
from dashboards.subject import Subject, instant_of
from monitor.config import Config
from monitor.errors import MonitorError
from monitor.service.reports.reporting import write_report

TITLE = "Report"
MAKE, MADE, SAID = "report-make", "report-made", "report-said"
LONGEST = 300  # seconds
_ONE = Lock()


class BusyError(MonitorError):
    """A report is being made already."""


def draw(subject: Subject) -> Any:
    """Return the tab."""
    run = subject.window(instant_of(subject.asked.query.get("window")))
    if run is None:
        return None
    when = html.P(["Window from ", instant(run.window.start), " to ", instant(run.window.end), "."])
    words = (
        "Evidently reads a sample of both sides from the log again and draws every column, on a page of some megabytes "
        "that opens without a network. It takes up to half a minute. Its own tests judge nothing here."
    )
    button = html.Button("Make the report", id=MAKE, className="button first", n_clicks=0,
                         value=run.window.start.isoformat())  # fmt: skip
    return card(
        html.Div(
            [
                when,
                html.P(words, className="muted"),
                html.Div([button, html.Span(id=SAID, className="note", role="status")], className="row"),
            ],
            className="stack",
        ),
        dcc.Download(id=MADE),
        heading="Evidently's report",
    )


def make(config: Config, model: str, window: datetime) -> tuple[str, bytes]:
    """Return the name and the content of the page about one window.

    It is made in a process of its own, since Evidently takes hundreds of megabytes, and one at a time.

    Raises
    ------
    BusyError
        One is being made already.
    MonitorError
        The log cannot be read, or the window or its reference has no rows.
    """
    if not _ONE.acquire(blocking=False):
        raise BusyError("A report is being made already.", "try again in half a minute")
    try:
        with TemporaryDirectory() as folder, ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            output = Path(folder) / "report.html"
            made = pool.submit(write_report, config, model, window.isoformat(), output)
            try:
                content = made.result(LONGEST).read_bytes()
            except TimeoutError:  # else we would wait for its end all the same, and so would everybody after us
                for process in pool._processes.values():  # noqa: SLF001 - there is no other way before Python 3.14
                    process.kill()
                raise
    except (BrokenProcessPool, TimeoutError) as error:
        raise MonitorError("The report was not finished.", "make it by `monitor report`, with more memory") from error
    finally:
        _ONE.release()
    return f"{model}-{window:%Y-%m-%dT%H%M}.html", content
