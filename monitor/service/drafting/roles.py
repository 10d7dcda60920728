"""Guessing which column plays which role, by its name first and by its values second."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from monitor.config import Task
from monitor.service.drafting.columns import Column, plain

FEW = 20

NAMES = {
    "query": (r"(request|query|list|session|search|impression)_?(id|uuid)$", r"query$"),
    "item": (r"(item|product|article|document|doc|sku)(_?(id|uuid))?$",),
    "rank": (r"(rank|position|pos|slot)$",),
    "id": (
        r"(prediction|pred|inference|score|scoring|log|row|event|case|record)_?(id|uuid|key)$", r"(id|uuid|key)$",
        r"\w+_?(uuid|guid)$", r"\w+_(id|key|no|nr|number)$", r"\w+id$",
    ),
    "time": (
        r"(predict\w*|scored?|inference|infer\w*)_?(at|time|timestamp|ts|date|on)$", r"(timestamp|time|ts|datetime)$",
        r"(event|request|log|logged|shown|served)_?(at|time|timestamp|ts|date)$", r"created(_?(at|time|on))?$", r"\w+",
    ),
    "version": (r"(model_?)?(version|ver|revision|release)$", r"model_?(id|tag|run)$"),
    "prediction": (
        r"(model_?)?(prediction|predicted|pred|y_?pred|y_?hat|yhat|output)$", r"predicted_\w+$",
        r"(prediction|pred)_(class|label|value)$", r"\w+_(prediction|predicted|pred|hat|estimate|forecast)$",
        r"(decision|decided|estimate|estimated|forecast|flagged|approved|accepted|rejected|declined|blocked)$",
    ),
    "score": (
        r"(model_?)?(score|probability|proba|prob|confidence|likelihood|p)$", r"\w+_(probability|proba|prob|score)$",
        r"(score|probability|prob|p)_\w+$",
    ),
    "target": (
        r"(target|label|actual|y|y_?true|ground_?truth|truth|outcome|true_(label|class|value))$",
        r"(actual|true|observed|final)_\w+$",
        r"\w+_(actual|true|label|target|outcome)$",
    ),
    "latency_ms": (r"(latency|duration|response_time|elapsed)_?(ms|millis|milliseconds)$", r"latency$"),
    "status": (r"(http_?)?status(_?code)?$", r"response_code$"),
    "model": (r"model(_?name)?$",),
}  # fmt: skip


@dataclass(frozen=True)
class Guess:
    """A task, the column of each role, the features by kind, and why other columns were left out."""

    task: Task
    roles: dict[str, Column] = field(default_factory=dict)
    scores: dict[str, Column] = field(default_factory=dict)
    numeric: tuple[str, ...] = ()
    categorical: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)


def guess(columns: Iterable[Column], target: Column | None = None, task: Task | None = None) -> Guess:
    """Guess the roles of a table of predictions.

    Parameters
    ----------
    target : Column, optional
        Ground truth that stands elsewhere, so that none is looked for here.
    task : str, optional
        The task, when it is known.
    """
    free = list(columns)
    roles: dict[str, Column] = {}
    for role, fits in _FITS.items():
        if role == "target" and target is not None:
            continue
        found = named(role, [column for column in free if fits(column)])
        if found is not None:
            roles[role] = found
            free.remove(found)
    roles, free = _without_half_ranking(roles, free, task)
    if "id" not in roles:
        own = next((column for column in free if column.unique and column.kind in ("text", "integer")), None)
        if own is not None:
            roles["id"] = own
            free.remove(own)
    shaped = _with_scores(Guess(task or _task(roles, target), roles), free)
    return _with_features(shaped, free)


def named(role: str, columns: list[Column]) -> Column | None:
    """Return the column whose name suits a role best, of equals a time with a zone first; None when none does."""
    for pattern in NAMES[role]:
        for column in sorted(columns, key=lambda column: column.naive):
            if re.match(pattern, plain(column.name), re.IGNORECASE):
                return column
    return None


def _identifier(column: Column) -> bool:
    return column.kind in ("text", "integer") and (column.unique or not column.rows)


_FITS: dict[str, Callable[[Column], bool]] = {
    "query": lambda column: not column.unique and column.kind in ("text", "integer"),
    "item": lambda column: not column.unique and column.kind in ("text", "integer"),
    "rank": lambda column: column.kind == "integer",
    "id": _identifier,
    "time": lambda column: column.kind == "time",
    "model": lambda column: column.kind == "text" and 0 < column.distinct <= FEW,
    "version": lambda column: column.kind in ("text", "integer", "float") and column.distinct <= FEW,
    "latency_ms": lambda column: column.number,
    "status": lambda column: column.kind == "integer" and (column.low or 100) >= 100 and (column.high or 599) < 600,
    "target": lambda column: column.kind in ("boolean", "integer", "float", "text"),
    "prediction": lambda column: column.kind in ("boolean", "integer", "float", "text") and not column.text_like,
    "score": lambda column: column.share or (column.number and not column.rows),
}


def _without_half_ranking(
    roles: dict[str, Column], free: list[Column], task: Task | None
) -> tuple[dict[str, Column], list[Column]]:
    """Give columns back that were taken for a list of items when there is no list."""
    parts = ("query", "item", "rank")
    whole = {"query", "item"} <= roles.keys() and ("rank" in roles or "score" in roles)
    if (whole and task is None) or task == "ranking":
        return roles, free
    back = [roles[part] for part in parts if part in roles]
    return {role: column for role, column in roles.items() if role not in parts}, [*back, *free]


def _task(roles: dict[str, Column], target: Column | None) -> Task:
    if {"query", "item"} <= roles.keys():
        return "ranking"
    shown = roles.get("prediction") or target or roles.get("target")
    if shown is None or shown.kind == "boolean" or (shown.distinct <= 2 and shown.kind != "float"):
        return "binary"
    if shown.kind == "text" or (shown.kind == "integer" and shown.distinct <= FEW):
        return "multiclass"
    return "binary" if "score" in roles and shown.distinct <= 2 else "regression"


def _with_scores(found: Guess, free: list[Column]) -> Guess:
    """Find a score for each class; a task that knows no score gives its column back."""
    roles = dict(found.roles)
    if found.task in ("multiclass", "regression") and "score" in roles:
        free.append(roles.pop("score"))
    if found.task == "regression" and "prediction" not in roles:
        late = next((column for column in free if column.kind == "float" and named("score", [column])), None)
        if late is not None:
            roles["prediction"] = late
            free.remove(late)
    scores: dict[str, Column] = {}
    if found.task == "multiclass":
        for column in [column for column in free if column.share]:
            classes = roles["prediction"].values if "prediction" in roles else ()
            name = _class_of(plain(column.name), [str(one) for one in classes])
            if name is not None:
                scores[name] = column
                free.remove(column)
    return replace(found, roles=roles, scores=scores if len(scores) > 1 else {})


def _class_of(name: str, classes: list[str]) -> str | None:
    """Return the class whose score a column is, by its plain name; None when it is none of those known."""
    match = re.fullmatch(r"(?:p|prob|proba|probability|score)_(.+)|(.+)_(?:prob|proba|probability|score)", name)
    found = (match[1] or match[2]) if match else None
    return next((one for one in classes if plain(one) == found), None) if classes else found


def _with_features(found: Guess, free: list[Column]) -> Guess:
    numeric, categorical, left_out = [], [], {}
    for column in free:
        why = _unfit(column)
        if why:
            left_out[column.name] = why
        elif column.number:
            numeric.append(column.name)
        else:
            categorical.append(column.name)
    return replace(found, numeric=tuple(numeric), categorical=tuple(categorical), left_out=left_out)


def _unfit(column: Column) -> str | None:
    if column.kind == "time":
        return "a time, which always moves on"
    if column.kind == "other":
        return "neither numbers nor categories"
    if column.unique and (column.kind == "text" or named("id", [column])):
        return "another value in each row"
    if column.kind == "integer" and column.distinct > FEW and named("id", [column]):
        return "an identifier by its name"
    return f"{column.distinct} different texts" if column.text_like else None
