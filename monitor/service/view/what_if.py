"""What if a limit were another one: when a rule would have fired over the last months, and what was real of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Literal

from sqlalchemy import func, select

from monitor.config import ModelConfig
from monitor.config.rule import Change
from monitor.errors import UsageError
from monitor.rules.defaults import rules_of
from monitor.rules.rule import Rule
from monitor.service.alarms.backtest import Backtest, Bench, Fired, bench, tried
from monitor.service.backend import Backend
from monitor.service.key_metric import key_metric
from monitor.store import incidents, models, runs
from monitor.store.tables import reference_profiles

DAYS = 90
MOST = 2  # pasts kept: each is some ten megabytes
MOST_WINDOWS = 800  # the newest of more: a month of hours
Word = Literal["above", "below", "worse_by", "moved_by"]


_KEPT: OrderedDict[tuple[object, ...], Bench | None] = OrderedDict()
_LOCK = Lock()


@dataclass(frozen=True, slots=True)
class Adjustable:
    """A rule of a model with the one limit that can be moved; ``relative`` when it is a share of the reference."""

    rule: str
    metric: str
    word: Word
    limit: float
    relative: bool = False


@dataclass(frozen=True, slots=True)
class Supposed:
    """An incident that there would have been, and the one that there was at that time, if any."""

    fired: Fired
    real: str | None = None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a rule would have done with another limit: ``days`` is the time looked at."""

    rule: Adjustable
    limit: float
    days: float
    windows: int
    incidents: tuple[Supposed, ...]


def adjustable(model: ModelConfig) -> list[Adjustable]:
    """Return the rules of a model whose limit can be moved, in their order."""
    return [found for rule in _rules(model) if (found := _adjustable(rule)) is not None]


def what_if(
    backend: Backend, name: str, rule: str, limit: float, *, days: int = DAYS, now: datetime | None = None
) -> WhatIf:
    """Return when one rule of a model would have fired with another limit; nothing is stored or sent.

    Parameters
    ----------
    rule : str
        Its id.
    limit : float
        The limit to try, above 0 where it is one of a change.
    days : int
        How far back.

    Raises
    ------
    UsageError
        There is no such model or rule, or that is no limit.
    """
    config, until = backend.config(), now or backend.now()
    model = config.model(name)
    chosen = None if model is None else next((one for one in _rules(model) if one.id == rule), None)
    known = None if chosen is None else _adjustable(chosen)
    if model is None or chosen is None or known is None:
        raise UsageError(
            f"there is no rule {rule[:80]!r} of {name[:80]!r}", "it may have been changed: load the page again"
        )
    if not abs(limit) < float("inf") or (known.word in ("worse_by", "moved_by") and limit <= 0):
        raise UsageError(f"{limit} is no limit", "choose a number above 0")
    laid_out = _laid_out(backend, model, until - timedelta(days=days))
    found = tried(laid_out, [_with(chosen, known, limit)]) if laid_out else Backtest(name, 0, 0.0, (), {})
    return WhatIf(known, limit, found.days, found.windows, tuple(_supposed(backend, name, found)))


def _rules(model: ModelConfig) -> tuple[Rule, ...]:
    return rules_of(model.rules, model.task, key_metric(model))


def _adjustable(rule: Rule) -> Adjustable | None:
    if rule.above is not None:
        return Adjustable(rule.id, rule.metric, "above", rule.above)
    if rule.below is not None:
        return Adjustable(rule.id, rule.metric, "below", rule.below)
    word: Word = "worse_by" if rule.worse_by is not None else "moved_by"
    change = rule.change
    return None if change is None else Adjustable(rule.id, rule.metric, word, change.amount, change.relative)


def _with(rule: Rule, known: Adjustable, limit: float) -> Rule:
    """Return the rule with another limit; where it is healthy again moves along."""
    if known.word == "above":
        return replace(rule, above=limit, clear=None)
    if known.word == "below":
        return replace(rule, below=limit, clear=None)
    change = Change(limit, known.relative)
    if known.word == "worse_by":
        return replace(rule, worse_by=change, clear=None)
    return replace(rule, moved_by=change, clear=None)


def lay_out(backend: Backend, name: str, *, days: int = DAYS) -> bool:
    """Lay a model's past out before anybody asks for it, so that the first try takes no longer than the next.

    Return whether there is a past.
    """
    model = backend.config().model(name)
    rules = () if model is None else _rules(model)[:1]
    laid_out = None if model is None else _laid_out(backend, model, backend.now() - timedelta(days=days))
    return laid_out is not None and tried(laid_out, rules).windows > 0


def _laid_out(backend: Backend, model: ModelConfig, start: datetime) -> Bench | None:
    """Return the model's past, the one kept while nothing of it was stored since; one is laid out at a time."""
    store = backend.store
    begin = start.replace(hour=0, minute=0, second=0, microsecond=0)
    with store.read() as conn:
        stored = models.find(conn, model.name)
        if stored is None:
            return None
        done = runs.latest(conn, stored.id, begin, None)
        of_it = reference_profiles.c.model_id == stored.id
        newest = conn.execute(select(func.max(reference_profiles.c.id)).where(of_it)).scalar()
    if len(done) > MOST_WINDOWS:
        begin = done[-MOST_WINDOWS].window.start
    last = max((run.id for run in done), default=0)
    key = (str(store.url), model.model_dump_json(), begin, len(done), last, newest)
    with _LOCK:
        if key not in _KEPT:
            found = bench(backend.config(), store, model, (begin, None))
            _KEPT[key] = found
        _KEPT.move_to_end(key)
        while len(_KEPT) > MOST:
            _KEPT.popitem(last=False)
        return _KEPT[key]


def _supposed(backend: Backend, name: str, found: Backtest) -> Sequence[Supposed]:
    """Put to each the incident that was open at the same time."""
    with backend.store.read() as conn:
        stored = models.find(conn, name)
        known = [] if stored is None else incidents.every(conn, model_ids=[stored.id], resolved=True)
    supposed = []
    for fired in found.incidents:
        real = next(
            (
                one.id
                for one in known
                if not one.incident.no_data
                and (fired.until is None or one.incident.started_at <= fired.until)
                and (one.incident.resolved_at is None or fired.since <= one.incident.resolved_at)
            ),
            None,
        )
        supposed.append(Supposed(fired, real))
    return supposed
