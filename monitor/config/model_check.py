"""Whether the keys of one model suit each other."""

from collections.abc import Iterator, Mapping
from typing import Any

from monitor.config.near import cure
from monitor.config.role_check import block, check_roles
from monitor.config.wrong import Wrong

Block = Mapping[str, Any]
_OF_TASK = {"positive_class": "binary", "threshold": "binary", "ranking": "ranking"}


def check_model(model: Block) -> Iterator[Wrong]:
    """Yield what is wrong between the keys of a model as written; tolerant of other faults."""
    task = model.get("task")
    if task in ("binary", "multiclass", "regression", "ranking"):
        for key, needed in _OF_TASK.items():
            if key in model and task != needed:
                yield _wrong(f"is for {needed} models only", "remove it", key)
        yield from _sources(model, task)
        yield from _depths(model, task)
    yield from _importance(model)
    yield from _reference_groups(model)


def _wrong(problem: str, hint: str, *at: str | int) -> Wrong:
    return Wrong(problem, hint, at=at, shown=False)


def _sources(model: Block, task: object) -> Iterator[Wrong]:
    for path in (("source",), ("reference", "source")):
        around = model if len(path) == 1 else block(model, "reference")
        source = block(around, "source")
        if source is not None:
            for wrong in check_roles(task, source):
                yield _wrong(wrong.problem, wrong.hint, *path, *wrong.at)


def _depths(model: Block, task: object) -> Iterator[Wrong]:
    ranking = block(model, "ranking") or {}
    depths = ranking.get("k", [10])
    rules = model.get("rules")
    named: list[tuple[tuple[str | int, ...], object]] = [(("key_metric",), model.get("key_metric"))]
    for index, rule in enumerate(rules if isinstance(rules, list) else []):
        if isinstance(rule, Mapping):
            named.append((("rules", index, "metric"), rule.get("metric")))
    for at, metric in named:
        depth = metric.rpartition("@")[2] if isinstance(metric, str) and "@" in metric else ""
        if not depth.isdecimal():
            continue
        if task != "ranking":
            yield _wrong(f"is a ranking metric, the task is {task}", "name a metric of this task", *at)
        elif isinstance(depths, list) and int(depth) not in depths:
            yield _wrong(f"looks {depth} deep, which is not measured", f"add {depth} to ranking.k", *at)


def _importance(model: Block) -> Iterator[Wrong]:
    features, importance = block(model, "features"), block(model, "importance")
    if features is None or importance is None or features.get("infer") or "exclude" in features:
        return
    known = [c for key in ("numeric", "categorical") for c in _texts(features.get(key))]
    for column in importance:
        if column not in known:
            hint = cure(column, known, "name columns that stand in features")
            yield _wrong("is not one of the features", hint, "importance", column)


def _reference_groups(model: Block) -> Iterator[Wrong]:
    references = block(block(model, "fairness"), "reference_group") or {}
    groups = model.get("groups")
    entries = groups if isinstance(groups, list) else []
    known = [column for entry in entries for column in ([entry] if isinstance(entry, str) else _texts(entry))]
    for attribute in references:
        if attribute not in known:
            hint = cure(attribute, known, f"add {attribute} to groups")
            yield _wrong("is not one of the groups", hint, "fairness", "reference_group", attribute)


def _texts(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
