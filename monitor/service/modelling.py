"""From a model's configuration and its log's columns to the model as the counting rooms see it."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from monitor.config import ModelConfig
from monitor.domain.category import category_text, class_text
from monitor.domain.model import CLASS_SCORE, FEATURE, Kind, Model
from monitor.errors import SourceError
from monitor.service.comparing.kind import kind_of
from monitor.source.instants import is_instant


def model_of(config: ModelConfig, schema: pa.Schema) -> Model:
    """Return the model: its columns with their kinds, its roles and groups.

    Features are those configured, or all columns without a role when they are to be inferred: numbers are numeric,
    text and booleans categorical, instants left out since they always move on.

    Raises
    ------
    SourceError
        Nothing is left to look at.
    """
    features = _features(config, schema)
    roles = _roles(config)
    columns: dict[str, Kind] = {FEATURE + name: kind for name, kind in features.items()}
    columns |= _outputs(config, roles)
    if not columns:
        raise SourceError(
            f"model {config.name!r} has no columns to look at",
            hint="map prediction, score or ground_truth, or list features",
            state="missing_column",
        )
    return Model(
        name=config.name,
        task=config.task,
        columns=columns,
        roles=frozenset(roles),
        positive=class_text(config.positive_class) or "1",
        threshold=config.threshold,
        groups=config.groups,
        segments=config.segments,
        k=tuple(sorted(set(config.ranking.k))),
        min_group_size=config.fairness.min_group_size,
        reference_group={a: category_text(v) or "" for a, v in config.fairness.reference_group.items()},
    )


def raw_columns(model: Model) -> list[str]:
    """Return the columns of the log that are read beside the roles: features, groups, segments."""
    features = [name.removeprefix(FEATURE) for name in model.columns if name.startswith(FEATURE)]
    return list(dict.fromkeys([*features, *(name for attributes in model.attributes for name in attributes)]))


def _features(config: ModelConfig, schema: pa.Schema) -> dict[str, Kind]:
    listed: dict[str, Kind] = dict.fromkeys(config.features.numeric, "numeric")
    listed |= dict.fromkeys(config.features.categorical, "categorical")
    if not config.features.infer:
        return listed
    taken = _mapped(config) | {*config.features.exclude, *listed}
    inferred = {field.name: None if is_instant(field) else kind_of(field.type) for field in schema}
    return listed | {name: kind for name, kind in inferred.items() if kind is not None and name not in taken}


def instants_left_out(config: ModelConfig, schema: pa.Schema) -> Iterator[str]:
    """Yield a remark when columns would be inferred features if they did not hold instants."""
    taken = _mapped(config) | {*config.features.exclude, *config.features.numeric, *config.features.categorical}
    found = [field.name for field in schema if is_instant(field) and field.name not in taken]
    if config.features.infer and found:
        shown = ", ".join(map(repr, found[:5])) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        yield f"no features, since instants always move on: {shown}; list them under `features:` to count them"


def _mapped(config: ModelConfig) -> set[str]:
    """Return the raw columns of the predictions that play a role, and those that select rows."""
    block = config.source.predictions
    names = {block.id, block.time, block.version, block.prediction, block.target, block.item, block.rank}
    if config.task == "ranking":
        names.add(block.query)
    names |= set(block.score.values()) if isinstance(block.score, dict) else {block.score}
    operations = config.source.operations
    names |= {operations.latency_ms, operations.status} if operations else set()
    return {name for name in names if name} | set(block.where)


def _roles(config: ModelConfig) -> set[str]:
    block = config.source.predictions
    roles = {name for name in ("id", "version", "prediction", "item", "rank") if getattr(block, name)}
    if isinstance(block.score, str):
        roles.add("score")
    if config.source.ground_truth is not None or block.target:
        roles.add("target")
    operations = config.source.operations
    if operations:
        roles |= {name for name in ("latency_ms", "status") if getattr(operations, name)}
    return roles


def _outputs(config: ModelConfig, roles: set[str]) -> dict[str, Kind]:
    kind: Kind = "categorical" if config.task in ("binary", "multiclass") else "numeric"
    found: dict[str, Kind] = {"prediction": kind} if "prediction" in roles and config.task != "ranking" else {}
    score = config.source.predictions.score
    if isinstance(score, dict):
        found |= {CLASS_SCORE + name: "numeric" for name in score}
    elif score:
        found["score"] = "numeric"
    return found | ({"target": kind} if "target" in roles else {})
