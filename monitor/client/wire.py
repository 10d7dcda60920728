"""Rows as they go over the wire: flat objects, written in the background and never while a request is served."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

PREDICTION, TRUTH = "predictions", "ground-truth"
ROLES = ("id", "time", "version", "prediction", "score", "target")


@dataclass(frozen=True)
class Names:
    """What the roles are called in the model's configuration: ``{"id": "prediction_id"}``; their own names if not said.

    For a score of each class ``score`` is a mapping from classes to columns, ``score_<class>`` if not said.
    """

    columns: Mapping[str, Any] = field(default_factory=dict)

    def of(self, role: str) -> str:
        """Return the column of a role."""
        return str(self.columns.get(role, role))

    def scores(self, score: object) -> dict[str, object]:
        """Return the columns of a score, or of a score of each class."""
        if not isinstance(score, Mapping):
            return {self.of("score"): score}
        named = self.columns.get("score", {})
        known = named if isinstance(named, Mapping) else {}
        return {str(known.get(label, f"score_{label}")): value for label, value in score.items()}


def prediction_row(names: Names, entry: tuple[Any, ...]) -> dict[str, object]:
    """Return the row of a logged prediction.

    Raises
    ------
    ValueError
        A feature is called like the column of a role.
    """
    _, key, moment, version, prediction, score, features, more = entry
    row: dict[str, object] = {names.of("id"): key, names.of("time"): moment_text(moment)}
    if version is not None:
        row[names.of("version")] = version
    if prediction is not None:
        row[names.of("prediction")] = prediction
    if score is not None:
        row |= names.scores(score)
    for block in (features, more):
        for name, value in (block or {}).items():
            if name in row:
                raise ValueError(f"{name!r} is a column of its own already: rename the feature, or map the role")
            row[str(name)] = value
    return row


def truth_row(names: Names, entry: tuple[Any, ...]) -> dict[str, object]:
    """Return the row of a logged outcome."""
    _, key, moment, target, more = entry
    return {names.of("id"): key, names.of("time"): moment_text(moment), names.of("target"): target, **more}


def moment_text(moment: object) -> object:
    """Return an instant as ISO text; text and what is none as it is.

    Examples
    --------
    >>> moment_text(1700000000.5)
    '2023-11-14T22:13:20.500000+00:00'
    """
    if isinstance(moment, int | float):
        return datetime.fromtimestamp(moment, UTC).isoformat()
    return moment.isoformat() if isinstance(moment, datetime) else moment


def text(row: Mapping[str, object]) -> str:
    """Return a row as JSON; numpy's numbers, decimals and dates as what they stand for.

    Raises
    ------
    TypeError, ValueError, RecursionError
        Something in it has no JSON.
    """
    return json.dumps(row, default=_plain, separators=(",", ":"))


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    item = getattr(value, "item", None)  # numpy's scalars, and arrays of one value
    if callable(item):
        return item()
    raise TypeError(f"{type(value).__name__} has no JSON")
