"""Telling: what a run that ends has to say, decided and sent before it does."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence
from datetime import datetime

from monitor.config import Config
from monitor.service import asked
from monitor.service.notices.announce import announce
from monitor.service.sending.dispatch import dispatch_once
from monitor.service.training.news import push
from monitor.service.training.recommend import recommend
from monitor.store import models
from monitor.store.engine import Store


def tell(config: Config, store: Store, *, names: Sequence[str] | None = None, now: datetime | None = None) -> int:
    """Decide which of the chosen models are to be trained anew and what receivers are told, and try each notice once.

    Retries belong to workers. ``now`` is the clock that ages count to, the database's when absent.

    Returns
    -------
    int
        How many attempts to send that were.
    """
    wanted = {model.name: model for model in asked.models(config, list(names) if names else None)}
    with store.read() as conn:
        chosen = {stored.id: wanted[stored.name] for stored in models.every(conn) if stored.name in wanted}
    recommend(store, chosen, now=now)
    if not config.receivers:
        return 0
    announce(store, config, chosen, now=now)
    push(store, config, chosen)
    return dispatch_once(store, config, f"{socket.gethostname()}:{os.getpid()}:run")
