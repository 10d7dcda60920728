"""The rules of peers, by their own per-column functions, on the counts of the same streams.

They compare with the whole reference, as these tools do. Numbers lie at the means of their bins; `against_evidently`
holds the restatement of Evidently's rule against its own preset on rows.
"""

from __future__ import annotations

import warnings

import numpy as np
from scipy.stats import chi2, kstwobign, norm

from benchmarks.alarm_streams import EDGES, FINE, Stream, is_number

_CUTS = np.concatenate([[-np.inf], EDGES, [np.inf]])
_MEANS = -np.diff(norm.pdf(_CUTS)) * FINE
POINTS = np.concatenate(
    [[-800.0], _MEANS, [800.0]]
)  # beyond the edges lies only a broken unit: 1000 times the mean size


def plain(before: np.ndarray, now: np.ndarray, number: bool) -> np.ndarray:
    """Alarm at p < 0.05: Kolmogorov-Smirnov for numbers, chi-square for categories."""
    n, m = now.sum(axis=1), before.sum()
    if number:
        gap = np.abs(np.cumsum(now, axis=1) / n[:, None] - np.cumsum(before) / m).max(axis=1)
        return kstwobign.sf(gap * np.sqrt(n * m / (n + m))) < 0.05
    both = before + now
    seen = both.sum(axis=0) > 0
    expected = both[:, seen] * (n / (n + m))[:, None]
    apart = (now[:, seen] - expected) ** 2
    statistic = (apart / np.maximum(expected, 1e-9)).sum(axis=1)
    other = both[:, seen] * (m / (n + m))[:, None]
    statistic += (apart / np.maximum(other, 1e-9)).sum(axis=1)
    return chi2.sf(statistic, seen.sum() - 1) < 0.05


def evidently(before: np.ndarray, now: np.ndarray, number: bool) -> np.ndarray:
    """Alarm at 0.1: normed Wasserstein distance, Jensen-Shannon of categories (references over 1000 rows)."""
    p, q = before / before.sum(), now / now.sum(axis=1, keepdims=True)
    if not number:
        return jensen_shannon(p, q) >= 0.1
    apart = np.abs(np.cumsum(q - p, axis=1))[:, :-1]
    deviation = np.sqrt(p @ POINTS**2 - (p @ POINTS) ** 2)
    return apart @ np.diff(POINTS) / deviation >= 0.1


def nannyml(before: np.ndarray, now: np.ndarray, number: bool, chunks: np.ndarray) -> np.ndarray:
    """Jensen-Shannon distance beyond mean and three standard deviations of the reference's chunks."""
    if number:  # about as many bins as Doane's rule gives
        before, now, chunks = _folded(before[None])[0], _folded(now), _folded(chunks)
    p = before / before.sum()
    known = jensen_shannon(p, chunks / chunks.sum(axis=1, keepdims=True)) / np.sqrt(np.log(2))
    found = jensen_shannon(p, now / now.sum(axis=1, keepdims=True)) / np.sqrt(np.log(2))
    return found > known.mean() + 3 * known.std()


def jensen_shannon(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    middle = (p + q) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(p > 0, p * np.log(p / middle), 0.0).sum(axis=1)
        right = np.where(q > 0, q * np.log(q / middle), 0.0).sum(axis=1)
    return np.sqrt(np.maximum(0.0, (left + right) / 2))


def _folded(rows: np.ndarray) -> np.ndarray:
    inner = rows[:, 1:-1].reshape(len(rows), -1, 5).sum(axis=2)
    return np.concatenate([rows[:, :1], inner, rows[:, -1:]], axis=1)


def flags(stream: Stream) -> dict[str, np.ndarray]:
    """Return, by peer, which columns are flagged in which hours after the reference; shape ``(columns, hours)``."""
    found: dict[str, list[np.ndarray]] = {"plain p < 0.05": [], "Evidently defaults": [], "NannyML 3 sd": []}
    for column, rows in stream.counts.items():
        number = is_number(column)
        chunks, now = rows[: stream.reference, :-1].astype(float), rows[stream.reference :, :-1].astype(float)
        before = chunks.sum(axis=0)
        found["plain p < 0.05"].append(plain(before, now, number))
        found["Evidently defaults"].append(evidently(before, now, number))
        found["NannyML 3 sd"].append(nannyml(before, now, number, chunks))
    return {name: np.array(columns) for name, columns in found.items()}


def against_evidently(windows: int, rows: int, rng: np.random.Generator) -> tuple[int, int, int]:
    """Return how often preset and restatement agree on a column, how many were looked at, how many the preset flags."""
    warnings.simplefilter("ignore")
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    names = [f"x{i}" for i in range(20)]
    definition = DataDefinition(numerical_columns=names)
    past = rng.normal(size=(20_000, len(names)))
    old = Dataset.from_pandas(pd.DataFrame(past, columns=names), data_definition=definition)
    same = flagged = 0
    for _ in range(windows):
        values = rng.normal(size=(rows, len(names)))
        new = Dataset.from_pandas(pd.DataFrame(values, columns=names), data_definition=definition)
        found = Report([DataDriftPreset()]).run(new, old).dict()
        theirs = _preset_flags(found, names)
        ours = {
            n: bool(evidently(_count(past[:, i]), _count(values[:, i])[None], True)[0]) for i, n in enumerate(names)
        }
        same += sum(theirs[n] == ours[n] for n in names)
        flagged += sum(theirs.values())
    return same, windows * len(names), flagged


def _count(values: np.ndarray) -> np.ndarray:
    inner = np.bincount(np.searchsorted(EDGES, values, side="right"), minlength=FINE)
    return np.concatenate([[0], inner, [0]]).astype(float)


def _preset_flags(found: dict, names: list[str]) -> dict[str, bool]:
    scores = {}
    for one in found["metrics"]:
        column = one.get("config", {}).get("column")
        if column in names:
            scores[column] = float(one["value"]) >= 0.1
    return scores
