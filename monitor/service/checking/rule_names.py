"""Whether the metrics, columns and groups that monitor.yaml names exist."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from monitor.config import Config, ModelConfig, RuleConfig
from monitor.config.document import Document, read
from monitor.config.near import cure
from monitor.config.place import Path as At
from monitor.config.place import field_text
from monitor.config.text import decode, read_bytes
from monitor.domain.model import Model, published_name
from monitor.errors import Fault
from monitor.metrics import registered

ESTIMATED = "estimated_"


def name_faults(config: Config, model: ModelConfig, seen: Model | None) -> list[Fault]:
    """Return the faults in a model's ``key_metric`` and ``rules``, each with its line.

    Parameters
    ----------
    seen : Model or None
        The model with its columns, as far as its log could be opened; without it columns are not looked at.
    """
    index = [one.name for one in config.models].index(model.name)
    document = read(decode(read_bytes(Path(config.file))), config.file, os.environ)
    return [
        Fault(config.file, _line(document, at), field_text(at), problem, hint)
        for at, problem, hint in _wrong(model, seen, ("models", index))
    ]


def _wrong(model: ModelConfig, seen: Model | None, at: At) -> Iterator[tuple[At, str, str]]:
    if model.key_metric is not None and (found := _metric(model.key_metric, model)):
        yield (*at, "key_metric"), *found
    for i, rule in enumerate(model.rules or ()):
        if isinstance(rule, RuleConfig):
            here = (*at, "rules", i)
            if found := _metric(rule.metric, model):
                yield (*here, "metric"), *found
            elif seen is not None:
                yield from _columns(rule, seen, here)


def _metric(name: str, model: ModelConfig) -> tuple[str, str] | None:
    if name.startswith("evidently."):
        return None
    known = registered()
    bare = name.removeprefix(ESTIMATED)
    base = f"{bare.partition('@')[0]}@k" if "@" in bare else bare
    metric = known.get(base)
    if metric is None:
        names = [one for one in known if not one.endswith("@k")]
        names += [one.replace("@k", f"@{k}") for one in known if one.endswith("@k") for k in model.ranking.k]
        return f'there is no metric "{name}"', cure(name, names, "docs/metrics.md lists them; own ones need plugins:")
    if model.task not in metric.tasks and not (metric.per_class and model.task == "multiclass"):
        return f'"{name}" is not measured for {model.task} models', f"it is for {', '.join(metric.tasks)}"
    return None


def _columns(rule: RuleConfig, seen: Model, at: At) -> Iterator[tuple[At, str, str]]:
    """Look for columns that a rule names outright; patterns may match nothing yet."""
    known = {published_name(name) for name in seen.columns}
    known |= {"×".join(attributes) for attributes in seen.groups} | {"score", "prediction", "target"}
    for name in rule.selected or ():
        if not any(fnmatchcase(column, name) for column in known):
            place = (*at, "columns" if rule.column is None else "column")
            yield place, f'the model has no column "{name}"', cure(name, known, f"its columns: {_some(sorted(known))}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 10} more" if len(names) > 10 else ""
    return ", ".join(names[:10]) + more


def _line(document: Document, at: At) -> int | None:
    return document.line(at)
