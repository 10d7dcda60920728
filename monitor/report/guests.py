"""Two samples as Evidently can bear them: plain types, harmless names, and no column that it would stumble over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from monitor.domain.category import class_text
from monitor.domain.model import Model, published_name
from monitor.profile.values import categories, numbers

if TYPE_CHECKING:
    import pandas as pd

_HARMLESS = str.maketrans({"<": "‹", ">": "›", "&": "＆", '"': "”", "'": "’", "`": "’", "\\": "＼", "{": "❴", "}": "❵"})
_LONG = 60
NAMED = 100  # categories that are kept apart, the rarer ones are joined
RARE = "(rarer)"
BEYOND = 1e100


@dataclass(frozen=True, eq=False)
class Guests:
    """Reference and current rows as pandas frames.

    ``names`` maps each canonical column that is in them to its harmless name; ``left_out`` each published name that is
    not to the reason. Numbers are finite float64 or NaN, categories text or None.
    """

    model: Model
    reference: pd.DataFrame
    current: pd.DataFrame
    names: Mapping[str, str]
    left_out: Mapping[str, str]

    def of_kind(self, kind: str) -> list[str]:
        """Return the harmless names of the columns of a kind."""
        return [name for column, name in self.names.items() if self.model.columns[column] == kind]


def harmless(text: str) -> str:
    """Return a text that means nothing to HTML, JavaScript or plotly, and is not too long.

    Examples
    --------
    >>> harmless("<b>age</b>")
    '‹b›age‹/b›'
    """
    plain = "".join(c if c.isprintable() else "�" for c in text.translate(_HARMLESS))
    return plain if len(plain) <= _LONG else plain[: _LONG - 1] + "…"


def guests(model: Model, reference: pa.Table, current: pa.Table) -> Guests:
    """Prepare two samples of canonical rows; a column without two values, or empty on one side, stays out."""
    import pandas as pd  # noqa: PLC0415  loaded with Evidently only

    names: dict[str, str] = {}
    left: dict[str, str] = {}
    columns: tuple[dict[str, Any], dict[str, Any]] = {}, {}
    for column, kind in model.columns.items():
        pair = [_values(side, column, kind) for side in (reference, current)]
        why = _unfit(*pair)
        if why is not None:
            left[published_name(column)] = why
            continue
        if kind == "categorical":
            pair = _joined(*pair)
        name = _free(harmless(published_name(column)), names.values())
        names[column] = name
        for side, values in zip(columns, pair, strict=True):
            side[name] = values
    old, new = (
        pd.DataFrame(side, index=range(rows.num_rows)) for side, rows in zip(columns, (reference, current), strict=True)
    )
    return Guests(model, old, new, names, left)


def _values(rows: pa.Table, column: str, kind: str) -> np.ndarray:
    if column not in rows.column_names:
        return np.full(rows.num_rows, np.nan) if kind == "numeric" else np.full(rows.num_rows, None, dtype=object)
    values = rows.column(column).combine_chunks()
    if kind == "numeric":
        found = numbers(values).copy()
        with np.errstate(invalid="ignore"):
            found[~(np.abs(found) <= BEYOND)] = np.nan
        return found
    codes, texts = categories(values, class_text) if column in ("prediction", "target") else categories(values)
    return np.array([None if t is None else harmless(t) for t in texts] or [None], dtype=object)[codes]


def _known(values: np.ndarray) -> np.ndarray:
    known = ~np.isnan(values) if values.dtype.kind == "f" else np.array([v is not None for v in values], dtype=bool)
    return np.asarray(values[known])


def _unfit(reference: np.ndarray, current: np.ndarray) -> str | None:
    """Return why Evidently cannot take a column; None when it can."""
    sides = _known(reference), _known(current)
    for side, word in zip(sides, ("the reference", "the window"), strict=True):
        if not len(side):
            return f"no values in {word}"
    distinct = {value for side in sides for value in side[:1]}
    if all((side == value).all() for side in sides for value in distinct):
        return "one and the same value everywhere"
    return None


def _joined(*sides: np.ndarray) -> list[np.ndarray]:
    """Join the rarest categories of both sides together, so that a page stays readable."""
    values, counts = np.unique(np.concatenate([_known(side) for side in sides]).astype(str), return_counts=True)
    if len(values) <= NAMED:
        return list(sides)
    named = set(values[np.argsort(-counts, kind="stable")[: NAMED - 1]].tolist())
    return [np.array([v if v is None or v in named else RARE for v in side], dtype=object) for side in sides]


def _free(name: str, taken: Any) -> str:
    number, free = 2, name
    while free in taken:
        free, number = f"{name} ({number})", number + 1
    return free
