"""A Dagster sensor and job: the sensor asks the gate once a minute, the job claims, trains, deploys and reports.

Needs ``poller.py`` beside this file; MONITOR_URL, MONITOR_API_KEY and MONITOR_MODEL come from the environment.

The run key is the recommendation and the number of its failed attempts: Dagster starts one run for each, however often
the sensor is evaluated, and another one when the first came to nothing. The claim keeps others out in any case.
"""

from __future__ import annotations

import os

import dagster as dg
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


@dg.op
def retrain(context) -> str:
    """Claim, train, deploy while the claim is ours, report; return what came of it."""
    number = monitor().due(MODEL)
    ticket = None if number is None else monitor().claim(number, "dagster", context.run_id, CLAIM_SECONDS)
    if ticket is None:
        return "somebody else was faster"
    training = ticket["recommendation"]["training"]
    try:
        version, better = fit(training["start"], training["end"])
    except Exception:
        monitor().complete(ticket, "failed")
        raise
    if not better:
        monitor().complete(ticket, "no_improvement", version)
        return "no_improvement"
    try:
        monitor().heartbeat(ticket)
    except RefusedError as refused:
        raise RuntimeError(f"not deployed: {refused}") from refused
    roll_out(version, ticket["fence"])
    monitor().complete(ticket, "deployed", version)
    return "deployed"


@dg.job
def retraining() -> None:
    """Train the model anew."""
    retrain()


@dg.sensor(job=retraining, minimum_interval_seconds=60)
def gate():
    """Ask whether the model is due; start one run for each recommendation and attempt."""
    number = monitor().due(MODEL)
    if number is None:
        return dg.SkipReason(f"{MODEL} is not due")
    told = monitor().recommendation(number)
    key = f"{number}:{told['attempts']}"
    return dg.SensorResult(run_requests=[dg.RunRequest(run_key=key, tags={"recommendation": number})], cursor=key)


defs = dg.Definitions(jobs=[retraining], sensors=[gate])
