"""Misfits: what rows looked at prove to be wrong in a monitor.yaml, and what they make doubtful."""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from monitor.config import ModelConfig
from monitor.config.near import near
from monitor.domain.model import CLASS_SCORE, FEATURE
from monitor.errors import SourceError
from monitor.profile.values import categories, numbers, present
from monitor.service.checking.first_look import none_positive, shown
from monitor.service.checking.glimpse import Glimpse

FEW = 20  # rows with ground truth, so that each having a value of its own tells something
ROUNDING = 1e-6
_COMMA = re.compile(r"[-+]?\d[\d. ']*,\d+")
_GOOD = re.compile(
    r"1|yes|y|ja|j|oui|si|sí|sim|tak|true|t|positive|positiv|pos|fraud|churn(ed)?|default|bad|high", re.IGNORECASE
)


def misfits(config: ModelConfig, seen: Glimpse) -> Iterator[SourceError]:
    """Yield what no run could make sense of: columns of numbers without one, and classes none of which is positive."""
    for name, kind in seen.model.columns.items():
        if kind == "numeric" and (values := _unreadable(seen, name)):
            where = f"none of its {values[1]:,} values among {seen.among} can be read as numbers"
            message = f"column {shown(name)}: {where}, such as {values[0][:60]!r}"
            yield SourceError(message, _number_cure(config, name, values[0]), state="wrong_type")
    classes = _classes(seen)
    if seen.model.task == "binary" and len(classes) > 1 and seen.model.positive not in classes:
        message = none_positive(seen.model, classes, f"among {seen.among}")
        yield SourceError(message, _class_cure(config, seen, classes), state="wrong_type")


def doubts(config: ModelConfig, seen: Glimpse) -> Iterator[str]:
    """Yield what may be meant but looks like the wrong column: scores that are no probabilities, an id as the target.

    A target of classes is doubtful when every row that has one has another.
    """
    if seen.model.task == "binary":
        for name in seen.model.columns:
            if name == "score" or name.startswith(CLASS_SCORE):
                yield from _outside(seen, name)
    block, truth = config.source.predictions, config.source.ground_truth
    target, key = (truth.target, truth.id) if truth is not None else (block.target, block.id)
    if target is not None and target == key:
        yield f"the target is the column of ids, {target!r}: is there another one with what came true?"
    elif _all_different(seen):
        yield f"the target {target!r} has another value in each of {seen.among}: is it an id?"


def _unreadable(seen: Glimpse, name: str) -> tuple[str, int] | None:
    """Return an example of a column's values and their number, if not one of them is a number."""
    example, there = "", 0
    for column in seen.columns(name):
        known = present(column)
        if not np.isnan(numbers(column)[known]).all():
            return None
        there += int(known.sum())
        example = example or next((str(text) for text in categories(column)[1] if text is not None), "")
    return (example, there) if there else None


def _number_cure(config: ModelConfig, name: str, example: str) -> str:
    if _COMMA.fullmatch(example):
        if config.source.url.startswith("csv"):
            return 'write `csv: {decimal: ","}` under `source:`, with its `delimiter:` if that is no comma'
        return "its numbers have a decimal comma: cast them to numbers in a `query:`"
    if name.startswith(FEATURE):
        return "list it under `features: {categorical: [...]}` if it is no number, or cast it in a `query:`"
    return "map it to a column of numbers"


def _classes(seen: Glimpse) -> list[str]:
    """Return the classes among the targets, the most frequent first."""
    return [key[0] for key, _ in seen.texts("target", classes=True).most_common() if key[0] is not None]


def _class_cure(config: ModelConfig, seen: Glimpse, classes: list[str]) -> str:
    if _all_different(seen):
        return "each row has a target of its own: map `target:` to the column with what came true"
    like = near(str(config.positive_class), classes) or next((one for one in classes if _GOOD.fullmatch(one)), None)
    meant = f"did you mean `{like}`? " if like else ""
    return f"{meant}write `positive_class:` and the class that the score is the probability of"


def _all_different(seen: Glimpse) -> bool:
    """Tell whether no two rows have the same target, where targets are classes."""
    if seen.model.task not in ("binary", "multiclass"):
        return False
    found = [rows for key, rows in seen.texts("target", classes=True).items() if key[0] is not None]
    return len(found) >= FEW and max(found) == 1


def _outside(seen: Glimpse, name: str) -> Iterator[str]:
    known = [numbers(column) for column in seen.columns(name)]
    values = np.concatenate(known) if known else np.empty(0)
    values = values[np.isfinite(values)]
    lost = int(((values < -ROUNDING) | (values > 1 + ROUNDING)).sum())
    if lost:
        ends = f"they go from {values.min():.4g} to {values.max():.4g}"
        yield (
            f"scores: {lost:,} of {len(values):,} among {seen.among} lie outside 0 to 1, {ends}; is that column a"
            " score? What needs probabilities, such as log_loss, is not measured"
        )
