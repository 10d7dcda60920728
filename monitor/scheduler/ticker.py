"""The ticker: APScheduler as a mere clock. What is due stands in the ledger; a tick that is missed costs nothing."""

from __future__ import annotations

from collections.abc import Callable

from apscheduler.schedulers.background import BackgroundScheduler

Tick = Callable[[], None]


def ticker(tick: Tick, seconds: float) -> BackgroundScheduler:
    """Return a clock, not started yet, that calls ``tick`` at once and then every so many seconds.

    Ticks never overlap, late ones are not dropped and missed ones are one. Nothing is kept between processes.
    """
    from datetime import UTC, datetime  # noqa: PLC0415

    scheduler = BackgroundScheduler(
        timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    scheduler.add_job(tick, "interval", seconds=seconds, next_run_time=datetime.now(UTC))
    return scheduler
