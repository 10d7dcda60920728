"""The fallback: who is told when a receiver cannot be, and that it cannot."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.config import Config
from monitor.notify.saved import load
from monitor.service.notices.notice import notice_id
from monitor.service.notices.posting import entry
from monitor.store import outbox
from monitor.store.outbox import SECOND_HAND, Letter

REASON = "delivery_failing"


def pass_on(conn: Connection, config: Config, letter: Letter, why: str, now: datetime) -> str | None:
    """Enter a dead notice for its receiver's fallback; returns whose that is, None when there is none.

    What a fallback cannot be told goes no further, nor does a digest.
    """
    fallback = next((one.fallback for one in config.receivers if one.name == letter.receiver), None)
    if fallback is None or letter.incident_id is None or letter.seq >= SECOND_HAND:
        return None
    message = load(letter.message)
    told = replace(
        message,
        id=notice_id(now, letter.id, fallback),
        reason=REASON,
        summary=f"{letter.receiver} could not be told ({why}). {message.summary}",
        at=now,
    )
    seq = outbox.next_second_hand(conn, letter.incident_id, fallback)
    outbox.enter(conn, [entry(config, told, letter.incident_id, fallback, seq, now)])
    return fallback
