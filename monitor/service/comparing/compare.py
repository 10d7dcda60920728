"""Comparing two frames in a notebook or a test: the same measurements as ``monitor run``, without store or file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from monitor.domain.category import category_text, class_text
from monitor.domain.model import CLASS_SCORE, FEATURE, Kind, Model, Task
from monitor.errors import UsageError
from monitor.metrics.comparison import Comparison
from monitor.metrics.evaluate import Finding, evaluate, evaluate_segment
from monitor.metrics.registry import TASKS
from monitor.profile.build import Builder, Place
from monitor.profile.freezer import freeze
from monitor.profile.layout import Layout
from monitor.profile.profile import Profile
from monitor.profile.reading import Reading
from monitor.profile.values import is_text
from monitor.service.comparing.compared import Compared, Entry
from monitor.service.comparing.frame import Frame, frame
from monitor.service.comparing.roles import Asked, Roles, demand, features, names, role, task_of

THREADS = 2
ROLES = frozenset(("prediction", "score", "target", "item", "rank"))
HELD = 256 << 20  # bytes of a reference that are kept between freezing and counting; a larger one is read again


def compare(
    reference: Any,
    current: Any,
    task: Task | None = None,
    *,
    prediction: Asked = None,
    score: Asked | Mapping[str, str] = None,
    target: Asked = None,
    numeric: Sequence[str] | None = None,
    categorical: Sequence[str] | None = None,
    exclude: Sequence[str] = (),
    groups: Sequence[str | Sequence[str]] = (),
    segments: Sequence[str] = (),
    positive_class: object = 1,
    threshold: float = 0.5,
    reference_group: Mapping[str, object] | None = None,
    min_group_size: int = 30,
    query: str | None = None,
    item: str | None = None,
    rank: str | None = None,
    k: Sequence[int] = (10,),
) -> Compared:
    """Compare current rows with reference rows: drift, quality, performance and fairness.

    Parameters
    ----------
    reference, current : frame
        pandas, polars or Arrow; a mapping of names to arrays; the path of a Parquet, Arrow or CSV file or of a folder
        of them, or an Arrow dataset, which are streamed. Neither is changed.
    task : {"binary", "multiclass", "regression", "ranking"}, optional
        By default ranking with a ``query``, multiclass with a mapping of scores; else what the target's values (without
        a target the prediction's) speak for: fractions or more than 20 distinct numbers make a regression, two classes
        of which one is ``positive_class`` are binary, others multiclass. Without either it is binary.
    prediction, score, target : str or False, optional
        Columns of these roles; by default those so named, where there are such. False: none. ``score`` may map
        classes to columns.
    numeric, categorical : sequence of str, optional
        Features; by default all columns without a role, by their type, instants left out.
    exclude : sequence of str
        Columns that are no features.
    groups, segments, positive_class, threshold, reference_group, min_group_size, k
        As in monitor.yaml.
    query, item, rank : str, optional
        Columns of a ranking; by default those so named.

    Raises
    ------
    UsageError
        A frame is none, a column is not there, or the reference has no rows.

    Examples
    --------
    >>> from monitor import compare
    >>> found = compare({"age": [20, 30, 40, 50]}, {"age": [60, 60, 60, 60]})
    >>> found["out_of_range_rate", "age"].value
    1.0
    """
    frames = frame(reference, "reference"), frame(current, "current")
    asked = _Asked(task, prediction, score, target, query, item, rank, class_text(positive_class) or "1")
    outputs, task = _outputs(frames, asked)
    found, left = features(frames, outputs.values(), numeric, categorical, exclude)
    model = Model(
        name="",
        task=task,
        columns=_columns(task, outputs, found),
        roles=frozenset(outputs) & ROLES,
        positive=asked.positive,
        threshold=threshold,
        groups=tuple((g,) if isinstance(g, str) else tuple(g) for g in groups),
        segments=tuple(segments),
        k=tuple(sorted(set(k))),
        min_group_size=min_group_size,
        reference_group={a: category_text(v) or "" for a, v in (reference_group or {}).items()},
    )
    return _measured(model, _roles(frames, model, outputs, found, left), *frames)


def _roles(
    frames: Sequence[Frame], model: Model, outputs: dict[str, str], found: Mapping[str, Kind], left: Mapping[str, str]
) -> Roles:
    attributes = dict.fromkeys(name for each in model.attributes for name in each)
    for name in attributes:
        demand(name, names(frames), "groups and segments")
    return Roles(outputs | {FEATURE + name: name for name in (*found, *attributes)}, found, left)


@dataclass(frozen=True)
class _Asked:
    """What the caller says about outputs."""

    task: Task | None
    prediction: Asked
    score: Asked | Mapping[str, str]
    target: Asked
    query: str | None
    item: str | None
    rank: str | None
    positive: str


def _outputs(frames: Sequence[Frame], asked: _Asked) -> tuple[dict[str, str], Task]:
    """Return the raw column of every output by its canonical name, and the task."""
    if asked.task is not None and asked.task not in TASKS:
        raise UsageError(f"there is no task {asked.task!r}", f"choose among {', '.join(TASKS)}")
    known = names(frames)
    found = {name: role(getattr(asked, name), name, known) for name in ("prediction", "target")}
    if isinstance(asked.score, Mapping):
        for column in asked.score.values():
            demand(column, known, "score")
        found |= {CLASS_SCORE + (class_text(c) or ""): column for c, column in asked.score.items()}
    else:
        found["score"] = role(asked.score, "score", known)
    task = asked.task
    if task == "ranking" or (task is None and asked.query is not None):
        found |= {name: role(getattr(asked, name), name, known) for name in ("query", "item", "rank")}
        if found["query"] is None or (found["rank"] is None and found["score"] is None):
            raise UsageError("a ranking needs the columns query and rank or score", "name them: query=…, rank=…")
        task = "ranking"
    outputs = {name: column for name, column in found.items() if column is not None}
    if task is None and isinstance(asked.score, Mapping):
        task = "multiclass"
    return outputs, task or task_of(frames, outputs.get("target", outputs.get("prediction")), asked.positive)


def _columns(task: Task, outputs: Mapping[str, str], found: Mapping[str, Kind]) -> dict[str, Kind]:
    kind: Kind = "categorical" if task in ("binary", "multiclass") else "numeric"
    columns: dict[str, Kind] = {FEATURE + name: k for name, k in found.items()}
    if "prediction" in outputs and task != "ranking":
        columns["prediction"] = kind
    columns |= {name: "numeric" for name in outputs if name == "score" or name.startswith(CLASS_SCORE)}
    return columns | ({"target": kind} if "target" in outputs else {})


def _measured(model: Model, roles: Roles, reference: Frame, current: Frame) -> Compared:
    with ThreadPoolExecutor(THREADS) as pool:
        held = _held(roles.batches(reference), pool)
        layout = freeze(model, held or roles.batches(reference), pool)
        if not any(bins.mass.sum() for bins in layout.bins.values()) and not held:
            raise UsageError("the reference has no rows", "give rows to compare with")
        rows = held or roles.batches(reference), roles.batches(current)
        sides = [builder.finish() for builder in [_builder(layout, batches, pool) for batches in rows]]
    past, now = (Reading(layout, side.get(Place(0), Profile(layout.fingerprint, {}))) for side in sides)
    entries = tuple(map(_entry, _findings(layout, *sides, past=past, now=now)))
    return Compared(model.task, entries, past.rows.rows, now.rows.rows, roles.left_out)


def _held(batches: Iterable[pa.RecordBatch], pool: ThreadPoolExecutor) -> list[pa.RecordBatch]:
    """Return all batches, their texts as dictionaries since they are counted twice; none when too large to keep."""
    kept, size = [], 0
    for batch in batches:
        kept.append(pa.RecordBatch.from_arrays(list(pool.map(_encoded, batch.columns)), names=batch.schema.names))
        size += batch.nbytes
        if size > HELD:
            return []
    return kept


def _encoded(column: pa.Array) -> pa.Array:
    return column.dictionary_encode() if is_text(column.type) else column


def _builder(layout: Layout, batches: Iterable[pa.RecordBatch], pool: ThreadPoolExecutor) -> Builder:
    """Have threads begin to count the rows: those of the other frame may follow before these are done."""
    builder = Builder(layout, pool=pool)
    for batch in batches:
        builder.add(batch)
    return builder


def _findings(
    layout: Layout, before: Mapping[Place, Profile], after: Mapping[Place, Profile], *, past: Reading, now: Reading
) -> Iterator[Finding]:
    yield from evaluate(Comparison(layout.model, past, now, 0.0))
    nothing = Profile(layout.fingerprint, {})
    for place in sorted({p for p in (*before, *after) if p.segment}):
        old, new = (Reading(layout, profiles.get(place, nothing)) for profiles in (before, after))
        yield from evaluate_segment(Comparison(layout.model, old, new, 0.0, json.loads(place.segment)))


def _entry(finding: Finding) -> Entry:
    estimate = finding.estimate
    return Entry(
        metric=finding.metric,
        column=finding.column,
        group=finding.group,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n=estimate.n,
        reason=estimate.reason,
    )
