"""How many incidents are open."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select

from monitor.store.alert_tables import incidents
from monitor.store.engine import Store
from monitor.store.tables import models


def open_count(store: Store, names: Sequence[str]) -> int:
    """Return how many incidents of these models are open, acknowledged ones too.

    Parameters
    ----------
    names : sequence of str
        The models that whoever asks may see.
    """
    wanted = set(names)
    counted = select(models.c.name, func.count()).join(incidents, incidents.c.model_id == models.c.id)
    with store.read() as conn:
        found = conn.execute(counted.where(incidents.c.state != "resolved").group_by(models.c.name)).all()
    return sum(number for name, number in found if name in wanted)
