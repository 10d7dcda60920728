"""What stands in the repository for machines to read agrees with the code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from monitor.api.description import text
from monitor.scheduler.timings import Timings
from monitor.store.lease import Lease
from tests.api.conftest import Post

TOP = Path(__file__).parents[2]
DESCRIPTION = TOP / "docs" / "openapi.json"
ALERTS = TOP / "deploy" / "prometheus-alerts.yaml"
BOARD = TOP / "deploy" / "grafana-dashboard.json"


def test_the_description_is_up_to_date() -> None:
    """``docs/openapi.json`` is what the code says of itself: `make docs` writes it."""
    assert DESCRIPTION.read_text(encoding="utf-8") == text(), "docs/openapi.json is old: make docs"


def test_every_operation_is_described() -> None:
    """Each says in a sentence what it does, and which scope it takes."""
    paths = json.loads(DESCRIPTION.read_text(encoding="utf-8"))["paths"]
    every = [(path, operation) for path, methods in paths.items() for operation in methods.values()]
    assert not [path for path, operation in every if not operation.get("description", "").strip()]
    assert {path for path, operation in every if "x-scope" not in operation} == {"/healthz", "/readyz"}


def test_prometheus_takes_the_rules() -> None:
    """The alert rules are rules."""
    if shutil.which("promtool") is None:
        pytest.skip("promtool is not installed: the rules were not checked by it")
    done = subprocess.run(["promtool", "check", "rules", str(ALERTS)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_rules_and_board_ask_for_what_there_is(alarmed: Post) -> None:
    """Every name in the alert rules and on the board is one that ``/metrics`` tells."""
    client = alarmed.client()
    client.get("/healthz")
    timings = Timings()
    timings.note(Lease(1, "window", "w", 1, alarmed.now), 0.7)
    timings.tell(alarmed.store)
    names = set(re.findall(r"# TYPE (\w+)", client.get("/metrics").text))
    names |= {"model_monitor_notices_dead", "model_monitor_oldest_page_age_seconds"}  # only where there is a receiver
    names |= {"model_monitor_job_seconds_bucket"}  # of a histogram the parts are asked for
    assert "model_monitor_job_seconds" in names
    for page in (ALERTS, BOARD):
        assert set(re.findall(r"model_monitor_\w+", page.read_text(encoding="utf-8"))) <= names, page.name


def test_the_board_is_one() -> None:
    """The dashboard for Grafana is JSON with a panel for each thing it shows, none over another."""
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in panels]
    assert len(places) == len(set(places))
    assert all(panel["targets"] for panel in panels)
