"""Standing: how each model fares, in one record that the API, Prometheus and the dashboard all answer from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from monitor.alerts.gravity import gravest, rank
from monitor.alerts.incident import Incident
from monitor.alerts.instance import Instance
from monitor.alerts.kind import NO_DATA, kind_of
from monitor.alerts.recommendation import Recommendation
from monitor.config import ModelConfig
from monitor.domain.measurement import Group, Measurement
from monitor.domain.verdict import Severity
from monitor.domain.window import Window
from monitor.metrics.estimate import Estimate
from monitor.rules.select import group_of
from monitor.service.backend import Backend
from monitor.service.key_metric import key_metric
from monitor.service.status.model import State, Status
from monitor.service.status.status import status
from monitor.service.view.baseline import baselines
from monitor.store import incidents, instances, models, recommendations
from monitor.store.instances import Labels
from monitor.store.newest import newest
from monitor.store.runs import Run
from monitor.store.series import group_text

VerdictWord = Literal["ok", "drift", "unknown"]
Fresh = Literal["fresh", "stale", "learning", "new"]
Quality = Literal["ok", "degraded", "broken"]

TOP = 5
TOLD = ("drift", "performance", "fairness", "estimation", "ranking")  # what makes a verdict `drift`
BROKEN = NO_DATA - {"labels_overdue"}  # late ground truth leaves the rows themselves as good as they are
_FRESH: dict[State, Fresh] = {"ok": "fresh", "learning": "learning", "new": "new"}


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that was found beyond its limit; ``name`` is its column, None for what concerns none."""

    name: str | None
    metric: str
    value: float | None = None
    limit: float | None = None
    p_value: float | None = None
    severity: Severity = "warning"
    group: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tested:
    """How many columns of a kind are judged, how many of them were found beyond a limit, and the gravest of those."""

    tested: int = 0
    beyond: int = 0
    top: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """The newest value of a metric beside that of the reference; ``coverage`` is the share of rows with ground truth.

    ``final`` tells that no more ground truth is waited for.
    """

    measurement: Measurement
    baseline: Estimate | None = None
    coverage: float | None = None
    final: bool = True


@dataclass(frozen=True, slots=True)
class Standing:
    """How one model fares.

    ``verdict`` is ``unknown`` while nothing is known of the present: its next window is late, its source fails, it
    learns or has no window yet; then ``drift`` while an alarm about drift, performance or fairness fires or recovers;
    then ``unknown`` while an incident about missing or changed data is open; else ``ok``. ``since`` is from when on
    that alarm fired. ``severity`` is the gravest of what is open, None when nothing is. ``incident`` is the number of
    the open incident, ``data_incident`` that of the one about missing data, ``recommendation`` the one to train anew
    that is not over. ``problems`` are the kinds of what is wrong with the data. ``expected_at`` is when the next window
    comes due.
    """

    model: str
    task: str
    state: State
    verdict: VerdictWord
    freshness: Fresh
    severity: Severity | None = None
    since: datetime | None = None
    expected_at: datetime | None = None
    window: Window | None = None
    revision: int | None = None
    zone: str = "UTC"
    performance: Key | None = None
    estimated: Key | None = None
    features: Tested = Tested()
    fairness: Tested = Tested()
    quality: Quality = "ok"
    problems: tuple[str, ...] = ()
    incident: str | None = None
    data_incident: str | None = None
    recommendation: Recommendation | None = None


def standings(backend: Backend, names: Iterable[str] | None = None, *, segment: Group | None = None) -> list[Standing]:
    """Return how models fare, of all of the file in its order when none is named.

    A handful of queries however many models there are, but for those whose windows were given up; no log is asked. With
    a ``segment`` only what is judged and measured inside it is told, what is missing and recommended of the model as a
    whole; the verdict is ``unknown`` where nothing is judged in it.
    """
    config, store, now = backend.config(), backend.store, backend.now()
    wanted = None if names is None else set(names)
    chosen = [model for model in config.models if wanted is None or model.name in wanted]
    with store.read() as conn:
        seen = _Seen.by(conn, chosen, segment)
    rests = {run.outcome.reference_id: number for number, (_, run) in seen.keys.items()}
    by_number = {number: model for model in chosen if (number := seen.numbers.get(model.name)) is not None}
    wanted_references = {reference: by_number[number] for reference, number in rests.items() if reference is not None}
    before = {} if segment else baselines(store, wanted_references, now.toordinal())
    found = status(config, store, chosen, now, ask=False, curves=False)
    return [_standing(one, seen, before, segment) for one in found]


@dataclass(frozen=True)
class _Seen:
    """What is read of all models at once, by their numbers."""

    numbers: Mapping[str, int]
    judged: Mapping[int, Sequence[Instance | Labels]]
    open: Mapping[int, Sequence[tuple[str, Incident]]]
    keys: Mapping[int, tuple[Measurement, Run]]
    estimates: Mapping[int, tuple[Measurement, Run]]
    advice: Mapping[int, recommendations.Stored]

    @classmethod
    def by(cls, conn: Connection, chosen: Sequence[ModelConfig], segment: Group | None = None) -> _Seen:
        known = {stored.name: stored.id for stored in models.every(conn, retired=True)}
        numbers = {model.name: known[model.name] for model in chosen if model.name in known}
        keys = {numbers[one.name]: (one.name, key_metric(one)) for one in chosen if one.name in numbers}
        estimated = {number: (name, f"estimated_{metric}") for number, (name, metric) in keys.items()}
        still: dict[int, list[tuple[str, Incident]]] = {}
        for found in incidents.every(conn, model_ids=list(keys)):
            if found.incident.no_data or any(_inside(one.labels, segment) for one in found.incident.held):
                still.setdefault(found.model_id, []).append((found.id, found.incident))
        every = instances.looked_at(conn, list(keys))
        judged = {number: [one for one in some if _inside(_labels(one), segment)] for number, some in every.items()}
        advice = recommendations.live(conn, list(keys))
        return cls(numbers, judged, still, *_keys(conn, keys, estimated, segment), advice)


def _keys(
    conn: Connection,
    keys: Mapping[int, tuple[str, str]],
    estimated: Mapping[int, tuple[str, str]],
    segment: Group | None,
) -> tuple[Mapping[int, tuple[Measurement, Run]], Mapping[int, tuple[Measurement, Run]]]:
    text = group_text(segment)
    return newest(conn, keys, text), newest(conn, estimated, text)


def _labels(one: Instance | Labels) -> Labels:
    return one.labels if isinstance(one, Instance) else one


def _inside(labels: Labels, segment: Group | None) -> bool:
    """Tell whether what has these labels is about a segment."""
    group = group_of(labels)
    return segment is None or all(name in group and group[name] == value for name, value in segment.items())


def _standing(one: Status, seen: _Seen, before: Mapping[int, Estimate], segment: Group | None = None) -> Standing:
    number = seen.numbers.get(one.model, 0)
    judged, still = seen.judged.get(number, ()), seen.open.get(number, ())
    active = [found for found in judged if isinstance(found, Instance)]
    fires = [found for found in active if kind_of(found.labels) in TOLD]
    missing = [pair for pair in still if pair[1].no_data]
    freshness = _FRESH.get(one.state, "stale")
    problems = _problems(active, [incident for _, incident in missing])
    return Standing(
        one.model,
        one.task,
        one.state,
        "unknown" if segment and not judged else _verdict(freshness, fires, missing),
        freshness,
        severity=gravest([incident.severity for _, incident in still] + [f.severity or "warning" for f in fires]),
        since=min((found.fired.end for found in fires if found.fired), default=None),
        expected_at=one.expected_at,
        window=one.last,
        revision=one.revision,
        zone=one.zone,
        performance=_key(seen.keys.get(number), before),
        estimated=_key(seen.estimates.get(number), {}),
        features=_tested(judged, "drift"),
        fairness=_tested(judged, "fairness"),
        quality="broken" if BROKEN & set(problems) else "degraded" if problems else "ok",
        problems=problems,
        incident=next((number for number, incident in still if not incident.no_data), None),
        data_incident=next((number for number, _ in missing), None),
        recommendation=seen.advice[number].recommendation if number in seen.advice else None,
    )


def _verdict(freshness: Fresh, fires: Sequence[Instance], missing: Sequence[object]) -> VerdictWord:
    if freshness != "fresh":
        return "unknown"
    if fires:
        return "drift"
    return "unknown" if missing else "ok"


def _key(found: tuple[Measurement, Run] | None, before: Mapping[int, Estimate]) -> Key | None:
    if found is None:
        return None
    measurement, run = found
    return Key(
        measurement, before.get(run.outcome.reference_id or 0), run.outcome.coverage, not measurement.provisional
    )


def _tested(judged: Sequence[Instance | Labels], kind: str) -> Tested:
    """Count the columns judged by rules of a kind; of each the gravest and strongest finding is told."""
    labels = [_labels(found) for found in judged]
    tested = {one.get("column") for one in labels if kind_of(one) == kind}
    beyond = sorted((one for one in judged if isinstance(one, Instance) and kind_of(one.labels) == kind), key=_weight)
    worst: dict[str | None, Found] = {}
    for one in beyond:
        worst.setdefault(one.labels.get("column"), _found(one))
    return Tested(len(tested), len(worst), tuple(worst.values())[:TOP])


def _weight(one: Instance) -> tuple[int, float, float, str]:
    evidence = one.evidence
    effect = 0.0 if evidence is None else abs(evidence.effect or evidence.value or 0.0)
    chance = 1.0 if evidence is None or evidence.p_corrected is None else evidence.p_corrected
    return -rank(one.severity or "info"), -effect, chance, one.fingerprint


def _found(one: Instance) -> Found:
    evidence, severity = one.evidence, one.severity or "warning"
    name, metric = one.labels.get("column"), one.labels.get("metric") or ""
    group = group_of(one.labels)
    if evidence is None:
        return Found(name, metric, severity=severity, group=group)
    return Found(name, metric, evidence.value, evidence.limit, evidence.p_value, severity, group)


def _problems(active: Sequence[Instance], missing: Sequence[Incident]) -> tuple[str, ...]:
    kinds = {kind_of(one.labels) for one in active}
    kinds |= {kind_of(member.labels) for incident in missing for member in incident.held}
    return tuple(sorted(kinds & (NO_DATA | {"quality"})))
