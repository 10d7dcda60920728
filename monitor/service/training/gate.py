"""The gate: whether a model is to be trained anew now, in one word, for schedulers that only wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from monitor.alerts.recommendation import BlockCode, Recommendation
from monitor.config import ModelConfig
from monitor.domain.calendar import Calendar
from monitor.service.windows.catch_up import PUNCTUAL
from monitor.store import models, recommendations, runs

Answer = Literal["due", "not-due", "claimed", "stale", "learning", "no-data", "data-quality", "too-few-labels",
                 "cool-down", "needs-human"]  # fmt: skip
_BLOCKS: dict[BlockCode, Answer] = {
    "no_data": "no-data",
    "data_quality": "data-quality",
    "too_few_labels": "too-few-labels",
    "cool_down": "cool-down",
    "needs_human": "needs-human",
}


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether it is time: ``answer`` is ``due``, or why it is not; ``detail`` says it in a sentence."""

    answer: Answer
    detail: str
    recommendation: Recommendation | None = None

    @property
    def due(self) -> bool:
        """Whether somebody should claim the recommendation now."""
        return self.answer == "due"


def gate(conn: Connection, model: ModelConfig, now: datetime) -> Gate:
    """Return whether a model is to be trained anew at an instant; what is old says nothing."""
    stored = models.find(conn, model.name)
    last = None if stored is None else runs.last(conn, stored.id)
    if stored is None or last is None:
        return Gate("learning", "no window has been measured yet")
    calendar = Calendar(model.window_timezone, model.window)
    next_at = calendar.window_at(last.window.end).end + model.delay + PUNCTUAL
    if next_at < now:
        return Gate("stale", f"the newest window ended at {last.window.end:%Y-%m-%d %H:%M} UTC; nothing newer is known")
    known = recommendations.live(conn, [stored.id]).get(stored.id)
    if known is None:
        return Gate("not-due", "nothing speaks for training it anew")
    return _of(known.recommendation, now)


def _of(found: Recommendation, now: datetime) -> Gate:
    held = found.claim
    if found.status == "claimed" and held is not None and now < held.expires_at:
        said = f"{held.claimant} has claimed it until {held.expires_at:%Y-%m-%d %H:%M:%S} UTC"
        return Gate("claimed", said, found)
    blocks = found.blocked_by
    if blocks:
        return Gate(_BLOCKS[blocks[0].code], "; ".join(block.detail for block in blocks), found)
    return Gate("due", "train it anew: claim the recommendation", found)
