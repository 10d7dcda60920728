"""Retrying: windows that were given up become due again, for workers; `run` computes them by itself."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from monitor.config import ModelConfig
from monitor.domain.principal import LOCAL, Principal
from monitor.service import asked
from monitor.service.access import audit
from monitor.store import clock, models, retry
from monitor.store.engine import Store
from monitor.store.retry import Lifted


@dataclass(frozen=True)
class Retried:
    """What of one model is due again."""

    model: str
    lifted: Lifted


def retry_windows(
    store: Store,
    chosen: list[ModelConfig],
    *,
    start: str | None = None,
    end: str | None = None,
    every: bool = False,
    by: Principal = LOCAL,
) -> list[Retried]:
    """Make failed and quarantined windows due again; skipped ones only in an interval that is named, or with ``every``.

    Skipped windows were left out on purpose, by ``catchup:``, and there may be thousands. On the database's clock.

    Parameters
    ----------
    start, end : str, optional
        As typed; without an offset local in each model's ``window_timezone``. Windows wholly inside are taken.
    by : Principal
        Who does it, as the audit log names him.

    Raises
    ------
    UsageError
        They are no instants, or in the wrong order.
    """
    skipped = every or start is not None or end is not None
    statuses = retry.GIVEN_UP if skipped else retry.GIVEN_UP[:2]
    done = []
    for model in chosen:
        first, last = asked.span(start, end, model.window_timezone)
        done.append(Retried(model.name, store.transact(partial(_lift, by, model.name, statuses, first, last))))
    return done


def _lift(
    by: Principal,
    model: str,
    statuses: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    conn: Connection,
) -> Lifted:
    known = models.find(conn, model)
    found = retry.lift(conn, known.id, statuses, clock.now(conn), first, last) if known else Lifted()
    if found != Lifted():
        audit.record(conn, by, "model.retry", f"model {model}", None, asdict(found))
    return found
