"""False alarms without drift and power with it, of every p-value and every default limit, as a Markdown table.

``python -m benchmarks.nulls [--repeats 100] [--seed 1]``: for each kind of column and number of rows, the share of
windows in which a p-value falls to 5 % or a metric passes its limit. Reference of 10 000 rows, and of as many as the
window. A p-value is sound when its share without drift is about 5 % or less.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.metrics import registered
from monitor.profile.bins import Bins
from monitor.profile.freeze import categorical_bins, numeric_bins
from monitor.profile.histogram import Histogram

Values = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int, float], Values]

SIZES = (100, 1_000, 10_000)
SHIFTS = (0.0, 0.1, 0.2, 0.5)
LEVEL = 0.05
PVALUES = ("kolmogorov_smirnov_pvalue", "chi_square_pvalue", "drift_pvalue")
LIMITS = (
    ("drift_effect", 0.05), ("drift_effect", 0.2), ("missing_rate_change", 0.05), ("unseen_rate", 0.05),
    ("psi", 0.1), ("psi", 0.25), ("wasserstein_distance_normed", 0.1),
)  # fmt: skip


@dataclass(frozen=True)
class Column:
    """A kind of column: how its values are drawn, given a shift in standard deviations."""

    name: str
    draw: Draw
    numeric: bool = True


def normal(rng: np.random.Generator, n: int, shift: float) -> Values:
    return rng.normal(shift, 1, n)


def lognormal(rng: np.random.Generator, n: int, shift: float) -> Values:
    return np.exp(rng.normal(shift, 1, n))  # shifted on the scale of its logarithm


def zero_inflated(rng: np.random.Generator, n: int, shift: float) -> Values:
    return np.maximum(0, rng.normal(shift, 1, n))


def integers(rng: np.random.Generator, n: int, shift: float) -> Values:
    return rng.poisson(4 + 2 * shift, n).astype(np.float64)


def some_missing(rng: np.random.Generator, n: int, shift: float) -> Values:
    return np.where(rng.random(n) < 0.1, np.nan, rng.normal(shift, 1, n))


def categories(rng: np.random.Generator, n: int, shift: float, k: int) -> Values:
    """Draw categories of unequal size, the shares tilted from the first to the last by the shift."""
    place = np.linspace(-1.7, 1.7, k)
    weight = np.exp(shift * place) / (1 + np.arange(k) / 5)
    return rng.choice(k, n, p=weight / weight.sum()).astype(np.float64)


COLUMNS = (
    Column("normal", normal),
    Column("lognormal", lognormal),
    Column("half zeros", zero_inflated),
    Column("few integers", integers),
    Column("10 % missing", some_missing),
    Column("10 categories", partial(categories, k=10), numeric=False),
    Column("1000 categories", partial(categories, k=1000), numeric=False),
)


def freeze(column: Column, values: Values) -> Bins:
    """Freeze the bins of a reference."""
    if column.numeric:
        return numeric_bins(values)
    counts = np.bincount(values.astype(np.int64))
    return categorical_bins({f"c{i}": int(rows) for i, rows in enumerate(counts) if rows})


def count(bins: Bins, values: Values) -> Histogram:
    """Count values over the bins."""
    if not hasattr(bins, "edges"):
        place = np.full(1000, bins.unseen)
        for text, code in bins.codes.items():
            place[int(text[1:])] = code
        counts = np.bincount(place[values.astype(np.int64)], minlength=len(bins))
        return Histogram(bins, counts, np.zeros(len(bins)))
    codes = bins.locate(values)
    known = ~np.isnan(values)
    apart = np.where(known, values - bins.centre, 0.0)
    weights = np.bincount(codes, np.where(bins.points[codes], 0.0, apart), len(bins))
    ends = float(np.nanmin(values)), float(np.nanmax(values))
    sums = float(apart.sum()), float((apart**2).sum())
    return Histogram(bins, np.bincount(codes, minlength=len(bins)), weights, int(known.sum()), *sums, *ends)


def measure(name: str, reference: Histogram, current: Histogram) -> float | None:
    """Return a metric's value; None when it is not for this kind of column."""
    metric = registered()[name]
    numeric = reference.minimum is not None
    if metric.columns not in (None, "numeric" if numeric else "categorical"):
        return None
    if metric.reads.startswith("coarse"):
        k = int(metric.reads.removeprefix("coarse"))
        return float(metric.function(reference.coarse(k), current.coarse(k)))
    return metric.function(reference, current).value


def windows(
    column: Column, rows: int | None, repeats: int, rng: np.random.Generator, sizes: tuple[int, ...] = SIZES
) -> Iterator[tuple[int, float, Histogram, Histogram]]:
    """Yield rows, shift, reference and window; ``rows`` of the reference, None for as many as in the window."""
    for _ in range(repeats):
        for size in sizes:
            values = column.draw(rng, rows or size, 0.0)
            reference = count(freeze(column, values), values)
            for shift in SHIFTS:
                yield size, shift, reference, count(reference.bins, column.draw(rng, size, shift))


def shares(
    column: Column, rows: int | None, repeats: int, rng: np.random.Generator, sizes: tuple[int, ...] = SIZES
) -> dict[tuple[str, int, float], float]:
    """Return the share of windows in which each p-value is below 5 % or each metric beyond its limit."""
    hits: dict[tuple[str, int, float], int] = {}
    for size, shift, reference, current in windows(column, rows, repeats, rng, sizes):
        found = {name: measure(name, reference, current) for name in {*PVALUES, *(name for name, _ in LIMITS)}}
        tests = {name: found[name] <= LEVEL for name in PVALUES if found[name] is not None}
        tests |= {f"{name} > {limit}": found[name] > limit for name, limit in LIMITS if found[name] is not None}
        tests["drift_effect > 0.05 and drift_pvalue"] = tests["drift_effect > 0.05"] and tests["drift_pvalue"]
        for name, hit in tests.items():
            hits[name, size, shift] = hits.get((name, size, shift), 0) + int(hit)
    return {place: hit / repeats for place, hit in hits.items()}


def table(rows: int | None, repeats: int, seed: int) -> Iterator[str]:
    """Yield the lines of one table."""
    yield f"\n### Reference of {f'{rows:,} rows' if rows else 'as many rows as the window'}, {repeats} windows each\n"
    heads = [f"n {size}, " + (f"{shift} sd" if shift else "**no drift**") for size in SIZES for shift in SHIFTS]
    yield "| column | measure | " + " | ".join(heads) + " |"
    yield "|---|---|" + "---|" * len(heads)
    for i, column in enumerate(COLUMNS):
        found = shares(column, rows, repeats, np.random.default_rng((seed, i, rows or 0)))
        for name in dict.fromkeys(name for name, _, _ in found):
            cells = [f"{100 * found[name, size, shift]:.0f} %" for size in SIZES for shift in SHIFTS]
            yield f"| {column.name} | {name} | " + " | ".join(cells) + " |"


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    started = time.monotonic()
    print("# Without drift, and with it: share of windows beyond p = 0.05 or beyond the limit")
    for rows in (10_000, None):
        for line in table(rows, given.repeats, given.seed):
            print(line, flush=True)
    error = 100 * sqrt(LEVEL * (1 - LEVEL) / given.repeats)
    print(f"\nStandard error of 5 % is {error:.1f} %. Took {time.monotonic() - started:.0f} s.", file=sys.stderr)


if __name__ == "__main__":
    main()
