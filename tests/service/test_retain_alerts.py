"""Incidents that are long over go with the windows of their time, settled notices with the change feed."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from monitor.config import RetentionConfig
from monitor.service.retention.retain import Retained, foreseen, retain
from monitor.store import clock
from monitor.store.alert_tables import incidents, ledgers, outbox, timeline
from tests.notify.conftest import served
from tests.service.post_office import Desk

DAY = timedelta(days=1)
SHORT = RetentionConfig(measurements=30 * DAY, changes=7 * DAY)


@pytest.fixture
def desk(tmp_path: Path):
    """Give a desk on which two incidents were told: the first is over, the second is not."""
    with served() as recorder:
        made = Desk(tmp_path, recorder)
        first = made.open()
        made.send()
        made.resolve(first)
        made.send()
        made.open()
        made.send()
        yield made
        made.store.close()


def count(desk: Desk) -> dict[str, int]:
    with desk.store.read() as conn:
        tables = (incidents, timeline, ledgers, outbox)
        return {t.name: conn.execute(select(func.count()).select_from(t)).scalar_one() for t in tables}


def test_what_is_over_goes_in_its_time(desk: Desk) -> None:
    """Notices go after a week, but for the last of what is open; the old incident with all of it after a month."""
    with desk.store.write() as conn:
        now = clock.now(conn)
        conn.execute(update(incidents).values(key="m"))
        conn.execute(update(incidents).where(incidents.c.state == "resolved").values(resolved_at=now))
    before = count(desk)
    assert retain(desk.store, SHORT, desk.model_id, None, now + DAY) == Retained()
    week = now + 8 * DAY
    assert foreseen(desk.store, SHORT, desk.model_id, None, week).notices == 2
    assert retain(desk.store, SHORT, desk.model_id, None, week) == Retained(notices=2)
    assert count(desk) == before | {"outbox": before["outbox"] - 2}
    month = now + 31 * DAY
    assert retain(desk.store, SHORT, desk.model_id, None, month) == Retained(incidents=1)
    left = count(desk)
    assert (left["incidents"], left["outbox"], left["ledgers"]) == (1, 1, 1)
    assert retain(desk.store, SHORT, desk.model_id, None, month + 400 * DAY) == Retained()
