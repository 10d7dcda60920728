"""Counters of standing: verdict, performance and drift of every model, as samples for Prometheus."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from monitor.service.scrape.counters import PREFIX, Sample
from monitor.service.view.standing import Standing

VERDICTS = ("ok", "drift", "unknown")
_TOLD = {
    "verdict": "What is said of the model now: one of the verdicts is 1.",
    "incident_open": "Whether an incident of the model is open.",
    "drifted_columns": "Columns whose drift alarm fires or recovers.",
    "tested_columns": "Columns that are judged for drift.",
    "performance": "The newest value of the model's key metric.",
    "performance_reference": "The key metric of the model's reference.",
    "estimated_performance": "The newest estimate of the key metric without ground truth.",
    "label_coverage": "Share of the rows of that window whose ground truth is there.",
    "retraining_recommended": "Whether a recommendation to train the model anew is not over.",
    "retraining_due": "Whether it may be claimed: nobody has, nothing blocks it, its windows are not stale.",
    "drift": "The measure of the columns that drift most, by the rule's metric.",
}


def standing_samples(found: Iterable[Standing]) -> list[Sample]:
    """Return samples of some models, those of one name side by side, as the text format demands.

    Examples
    --------
    >>> [quiet] = [s for s in standing_samples([Standing("m", "binary", "ok", "ok", "fresh")]) if s.value]
    >>> quiet.name, dict(quiet.labels)
    ('model_monitor_verdict', {'model': 'm', 'verdict': 'ok'})
    """
    every = [sample for one in found for sample in _of(one)]
    order = {name: place for place, name in enumerate(_TOLD)}
    return sorted(every, key=lambda sample: order[sample.name.removeprefix(PREFIX)])


def _of(one: Standing) -> Iterator[Sample]:
    def sample(name: str, value: float | None, **labels: str) -> Iterator[Sample]:
        if value is not None:
            yield Sample(PREFIX + name, {"model": one.model, **labels}, float(value), _TOLD[name])

    for word in VERDICTS:
        yield from sample("verdict", one.verdict == word, verdict=word)
    yield from sample("incident_open", one.incident is not None or one.data_incident is not None)
    yield from sample("drifted_columns", one.features.beyond)
    yield from sample("tested_columns", one.features.tested)
    for name, key in (("performance", one.performance), ("estimated_performance", one.estimated)):
        if key is not None:
            yield from sample(name, key.measurement.value, metric=key.measurement.metric)
    if one.performance is not None:
        metric = one.performance.measurement.metric
        if one.performance.baseline is not None:
            yield from sample("performance_reference", one.performance.baseline.value, metric=metric)
        yield from sample("label_coverage", one.performance.coverage)
    advice = one.recommendation
    due = advice is not None and advice.status == "open" and not advice.blocked_by and one.freshness == "fresh"
    yield from sample("retraining_recommended", advice is not None)
    yield from sample("retraining_due", due)
    for found in one.features.top:
        yield from sample("drift", found.value, column=found.name or "", metric=found.metric)
