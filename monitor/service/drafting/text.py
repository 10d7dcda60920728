"""A guess as the text of a monitor.yaml that explains itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from monitor.config.source import CsvConfig
from monitor.service.drafting.columns import Column
from monitor.service.drafting.roles import Guess

WIDTH = 100
MARK = "# guessed"
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_WORDS = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
ORDER = ("id", "time", "version", "query", "item", "rank", "prediction", "score", "target")


@dataclass(frozen=True)
class Outline:
    """What stands around a guess: names, places, times; ``left`` is ground truth for somebody to complete."""

    name: str
    url: str
    table: str | None
    guess: Guess
    where: Mapping[str, object]
    naive: bool
    truth: Mapping[str, object] | None
    reference: tuple[datetime, datetime] | None
    signs: CsvConfig | None = None
    left: Mapping[str, object] | None = None


def text(outline: Outline) -> str:
    """Return the file's text."""
    return "\n".join(_lines(outline)) + "\n"


def _lines(outline: Outline) -> Iterator[str]:
    guess = outline.guess
    yield "# A start, written by `monitor init`. What is marked as guessed was told by names and values: look at it."
    yield "store: sqlite:///monitor.db # the monitor's own database; or postgresql://user:${PASSWORD}@host/database"
    yield "models:"
    yield f"  - name: {scalar(outline.name)}"
    yield f"    task: {guess.task} {MARK}: binary, multiclass, regression or ranking"
    if guess.task == "binary":
        yield from _positive(guess)
    yield "    source:"
    yield f"      url: {scalar(outline.url)}"
    if outline.signs is not None:
        yield f"      csv: {_flow(outline.signs.model_dump())} {MARK}"
    if outline.naive:
        yield f"      timezone: UTC {MARK}: the times carry no zone; name the one they were written in"
    yield "      predictions:"
    yield from _predictions(outline)
    if outline.truth is not None:
        yield f"      ground_truth: {_flow(outline.truth)} {MARK}"
    elif outline.left is not None:
        yield f"      # ground_truth: {_flow(outline.left)} # not guessed: name its columns, and take the first # out"
    elif "target" not in guess.roles:
        place = "url: 'parquet:///outcomes.parquet'" if outline.table is None else "table: outcomes"
        yield f"      # ground_truth: {{{place}, id: prediction_id, time: observed_at, target: outcome}}"
    operations = {role: guess.roles[role].name for role in ("latency_ms", "status") if role in guess.roles}
    if operations:
        yield f"      operations: {_flow(operations)} {MARK}"
    yield from _features(guess)
    yield from _rest(outline)


def _positive(guess: Guess) -> Iterator[str]:
    shown = guess.roles.get("prediction") or guess.roles.get("target")
    values = () if shown is None else shown.values
    if shown is None or set(map(str, values)) <= {"0", "1", "0.0", "1.0"}:
        return
    if shown.kind == "boolean":
        yield "    positive_class: true"
        return
    good = re.compile(r"(1|yes|y|true|t|positive|pos|fraud|churn|default|bad|high)", re.IGNORECASE)
    chosen = next((value for value in values if good.match(str(value))), values[-1] if values else 1)
    yield f"    positive_class: {scalar(chosen)} {MARK}: of {', '.join(scalar(value) for value in values[:5])}"


def _predictions(outline: Outline) -> Iterator[str]:
    guess = outline.guess
    if outline.table is not None:
        yield f"        table: {scalar(outline.table)}"
    if outline.where:
        yield f"        where: {_flow(outline.where)} {MARK}: the table holds other models too"
    for role in ORDER:
        if role in guess.roles:
            yield f"        {role}: {scalar(guess.roles[role].name)} {MARK}"
        if role == "score" and guess.scores:
            yield f"        score: {_flow({name: column.name for name, column in guess.scores.items()})} {MARK}"


def _features(guess: Guess) -> Iterator[str]:
    yield f"    features: {MARK}"
    yield from _list("numeric", guess.numeric)
    yield from _list("categorical", guess.categorical)
    if guess.left_out:
        yield "      # left out:"
        for name, why in guess.left_out.items():
            yield f"      #   {scalar(name)}: {why}"


def _list(key: str, names: Iterable[str]) -> Iterator[str]:
    line = f"      {key}: ["
    for i, name in enumerate(names):
        piece = (", " if i else "") + scalar(name)
        if len(line) + len(piece) > WIDTH and i:
            yield line + ","
            line, piece = "        ", scalar(name)
        line += piece
    yield line + "]"


def _rest(outline: Outline) -> Iterator[str]:
    if outline.guess.categorical:
        yield f"    # groups: [{scalar(outline.guess.categorical[0])}] # protected attributes, for fairness"
    if outline.reference is not None:
        start, end = (f"{instant:%Y-%m-%d}" for instant in outline.reference)
        yield f"    reference: {{start: {start}, end: {end}}} {MARK}: a time when all was well"
    else:
        yield "    # reference: {start: 2025-01-01, end: 2025-02-01} # without one the first 14 days are it"
    yield "    window: 1d # 1h, 6h, 1d, 1w, 1mo or {size: 7d, every: 1d}"
    yield "    delay: 1h # how long rows may come after a window's end"
    if outline.truth is not None:
        yield "    ground_truth_horizon: 30d # how late ground truth may come"


def scalar(value: object) -> str:
    r"""Return a value as YAML that means exactly it.

    Examples
    --------
    >>> print(scalar("age"), scalar("no"), scalar("a: b"), scalar("${X}"), scalar(1), scalar(True))
    age "no" "a: b" "$${X}" 1 true
    """
    if not isinstance(value, str):
        return json.dumps(value)
    value = value.replace("${", "$${")
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS:
        return value
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _flow(pairs: Mapping[Any, object]) -> str:
    return "{" + ", ".join(f"{scalar(key)}: {scalar(value)}" for key, value in pairs.items()) + "}"


def column_names(roles: Mapping[str, Column]) -> dict[str, object]:
    """Return the names of the columns that play roles."""
    return {role: column.name for role, column in roles.items()}
