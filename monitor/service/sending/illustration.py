"""Illustration: the picture in a mail, of the column that has moved most, drawn from stored counts when it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from monitor.config import Config
from monitor.config.receiver import EmailReceiver, ReceiverConfig
from monitor.notify import Message
from monitor.notify.picture import Sketch, draw
from monitor.service.view.counts import counts
from monitor.service.view.distribution import Bar, Distribution, distribution
from monitor.service.view.past import Lens
from monitor.store import models, runs
from monitor.store.engine import Store
from monitor.store.runs import Run

TOLD = frozenset({"opened", "severity_up", "updated", "reopened", "repeated", "ack_expired", "escalated"})
ENOUGH = 500  # rows that make a shape; windows are put together until there are so many
MOST = 24


def illustrated(store: Store, config: Config, message: Message, receiver: ReceiverConfig) -> Message:
    """Return the notice with a picture where the receiver shows one and there is something to see."""
    if not isinstance(receiver, EmailReceiver) or message.kind not in TOLD or message.picture is not None:
        return message
    model = next((one for one in config.models if one.name == message.model), None)
    with store.read() as conn:
        stored = models.find(conn, message.model)
        start, end = message.since, message.window.start + timedelta(microseconds=1)
        done = runs.latest(conn, stored.id, start, end) if stored else []
    chosen = _enough(done)
    found = counts(store, model, Lens(message.model), chosen) if model and chosen else None
    if found is None:
        return message
    for mark in message.columns:
        shape = distribution(found, mark.name)
        if shape is not None and shape.rows and shape.reference_rows:
            return replace(message, picture=draw(sketch(shape, chosen)))
    return message


def sketch(shape: Distribution, chosen: list[Run]) -> Sketch:
    """Return what is drawn of a distribution in some windows."""
    bars = shape.bars
    curve = shape.numeric and all(bar.low is not None and bar.high is not None for bar in bars)
    edges = [bar.low or 0.0 for bar in bars] + [bars[-1].high or 0.0] if curve else []
    first, last = chosen[0].window.start, chosen[-1].window.end
    rows = f"{shape.rows:,} rows beside {shape.reference_rows:,} of the reference".replace(",", " ")
    return Sketch(
        shape.column,
        [bar.name for bar in bars],
        [bar.reference or 0.0 for bar in bars],
        [bar.current or 0.0 for bar in bars],
        edges=edges,
        apart=list(_apart(shape.apart)),
        caption=f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M} UTC: {rows}",
    )


def _apart(bars: Iterable[Bar]) -> Iterable[tuple[str, float, float]]:
    return ((bar.name, bar.reference or 0.0, bar.current or 0.0) for bar in bars)


def _enough(done: list[Run]) -> list[Run]:
    """Return the newest windows with rows that make a shape together, oldest first."""
    found: list[Run] = []
    for run in reversed([run for run in done if run.outcome.rows]):
        found.insert(0, run)
        if len(found) == MOST or sum(one.outcome.rows or 0 for one in found) >= ENOUGH:
            break
    return found
