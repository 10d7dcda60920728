"""An Airflow DAG that waits at the gate, then claims, trains, deploys and reports.

Needs Airflow 2.9 or newer with the HTTP provider, ``poller.py`` beside this file in the DAGs folder, and a connection
``monitor`` of type HTTP: its host is that of the monitor, its extra ``{"Authorization": "Bearer KEY"}``; the tasks
take MONITOR_URL and MONITOR_API_KEY from their environment.

The sensor takes a free slot only while it asks (``mode="reschedule"``). It waits on 404 and fails at once on 401 and
403: a wrong key or a misspelt model is not waited for. The deferrable mode is left out on purpose: it asks without a
pause after any other error.
"""

from __future__ import annotations

import os
from datetime import datetime, timedelta, timezone
from typing import Any

from airflow.decorators import dag, task
from airflow.providers.http.sensors.http import HttpSensor
from poller import Monitor, RefusedError

MODEL = os.environ.get("MONITOR_MODEL", "flight-delay")
CLAIM_SECONDS = 3600


def monitor() -> Monitor:
    """Return a client of the monitor."""
    return Monitor(os.environ.get("MONITOR_URL", "http://127.0.0.1:8050"), os.environ.get("MONITOR_API_KEY"))


def fit(start: str, end: str) -> tuple[str, bool]:
    """Train on the rows of [start, end); return the new version and whether it is better. Put your training here."""
    return f"trained-on-{start[:10]}-to-{end[:10]}", True


def roll_out(version: str, fence: int) -> None:
    """Deploy a version, unless the registry has seen a greater fence. Put your deployment here."""
    print(f"deploying {version} under fence {fence}")


@task
def claim(run_id: str | None = None) -> dict[str, Any] | None:
    """Claim what is due for this run of the DAG; the same run again gets the same claim."""
    number = monitor().due(MODEL)
    return None if number is None else monitor().claim(number, "airflow", str(run_id), CLAIM_SECONDS)


@task.short_circuit
def ours(ticket: dict[str, Any] | None) -> bool:
    """Go on only when the claim is ours."""
    return ticket is not None


@task(retries=0)
def train(ticket: dict[str, Any]) -> dict[str, Any]:
    """Train; whatever goes wrong is reported, so that another run may have it at once."""
    training = ticket["recommendation"]["training"]
    try:
        version, better = fit(training["start"], training["end"])
    except Exception:
        monitor().complete(ticket, "failed")
        raise
    return {"version": version, "better": better}


@task(retries=0)
def deploy(ticket: dict[str, Any], trained: dict[str, Any]) -> str:
    """Deploy what is better while the claim is ours, and report; a lost claim fails the task, nothing deployed."""
    if not trained["better"]:
        monitor().complete(ticket, "no_improvement", trained["version"])
        return "no_improvement"
    try:
        monitor().heartbeat(ticket)
    except RefusedError as refused:
        raise RuntimeError(f"not deployed: {refused}") from refused
    roll_out(trained["version"], ticket["fence"])
    monitor().complete(ticket, "deployed", trained["version"])
    return "deployed"


@dag(
    dag_id=f"retrain_{MODEL}",
    schedule=timedelta(hours=1),
    start_date=datetime(2026, 1, 1, tzinfo=timezone.utc),  # noqa: UP017 - Airflow images with Python 3.10
    catchup=False,
    max_active_runs=1,
    tags=["retraining"],
)
def retrain() -> None:
    """Wait until the model is due, then train it anew."""
    due = HttpSensor(
        task_id="due",
        http_conn_id="monitor",
        endpoint=f"api/v1/models/{MODEL}/retraining-gate",
        response_error_codes_allowlist=["404"],
        mode="reschedule",
        poke_interval=300,
        timeout=3300,
        soft_fail=True,
    )
    ticket = claim()
    trained = train(ticket)
    due >> ticket
    ours(ticket) >> trained
    deploy(ticket, trained)


retrain()
