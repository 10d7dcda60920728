"""Drift of the numeric features taken together."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import NDArray

from monitor.errors import LayoutError
from monitor.metrics.absence import absent
from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import metric
from monitor.profile.moments import Moments

Matrix = NDArray[np.float64]

_NOISE = 1e-12  # relative rounding of the squared distance
_ROWS = 5  # per feature; below, the mean by chance is no longer right


@metric(kind="drift", reads="moments", unit="sd", worse="higher", ideal=0.0, limits=(0.0, None))
def multivariate_drift(reference: Moments, current: Moments) -> Estimate:
    """How much the correlations between the numeric features have changed.

    The Fréchet distance between two normal distributions that have the reference's and the current correlations, all
    means 0 and all standard deviations 1, less what chance alone gives: with ``R`` and ``S`` the correlation matrices
    of c features, the square root of ``2 c - 2 tr((R^½ S R^½)^½)`` less its mean if nothing had changed, or 0. Means
    and spreads are taken out, since every column shows its own; a broken relation between columns shows here only.

    Parameters
    ----------
    reference, current : Moments
        Of the same features, standardised by the same means and deviations.

    Returns
    -------
    Estimate
        0 or more, in standard deviations: how far, in root mean square over rows, the standardised features would
        have to move together to get the new correlations. Two features that lose a correlation of 0.9 give 0.78,
        however many unrelated features there are. Undefined with fewer than two features, and when a side has fewer
        than five rows for each of them.

    Raises
    ------
    LayoutError
        The two are of different features.

    Notes
    -----
    The mean by chance is that of normal columns to first order, ``(1/n + 1/m) (½ Σ λi λj / (λi + λj) - c / 4)``, λ
    the eigenvalues of R. Missing values count as the reference mean, so a column that is missing more often also
    loses correlation; a constant column correlates with nothing. A feature that moves far in its own right can raise
    this too, where relations are not straight lines. Source: Dowson and Landau, "The Fréchet distance between
    multivariate normal distributions", 1982.

    Examples
    --------
    >>> strong, none = np.array([[1.0, 0.9], [0.9, 1.0]]), np.eye(2)
    >>> before, after = (Moments(("a", "b"), 10_000, np.zeros(2), 10_000 * r) for r in (strong, none))
    >>> round(multivariate_drift(before, after).value, 3), multivariate_drift(before, before).value
    (0.781, 0.0)
    """
    if reference.columns != current.columns:
        raise LayoutError("the moments are of different features")
    size, m, n = len(reference.columns), reference.n, current.n
    nothing = absent(m, n)
    if nothing:
        return nothing
    if size < 2:
        return undefined("fewer than two numeric features with spread", n)
    if min(m, n) < _ROWS * size:
        return undefined(f"fewer than {_ROWS} rows for each numeric feature", n)
    before, now = _correlation(reference), _correlation(current)
    if before is None or now is None:
        return undefined("the values are too large to add up", n)
    values, vectors = np.linalg.eigh(before)
    values = np.maximum(values, 0.0)
    shared = np.linalg.svd((vectors * np.sqrt(values)).T @ _root(now), compute_uv=False).sum()
    squared = 2 * size - 2 * float(shared) - _by_chance(values) * (1 / m + 1 / n)
    return Estimate(sqrt(squared) if squared > _NOISE * size else 0.0, n=n)


def _correlation(moments: Moments) -> Matrix | None:
    """Return the correlation matrix, a constant column correlated with none; None when the sums overflowed."""
    with np.errstate(over="ignore", invalid="ignore"):
        covariance = moments.covariance
    if not np.isfinite(covariance).all():
        return None
    deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    scale = np.where(deviation > 0, 1 / np.where(deviation > 0, deviation, 1.0), 0.0)
    correlation: Matrix = np.clip(covariance * scale[:, None] * scale[None, :], -1.0, 1.0)
    np.fill_diagonal(correlation, 1.0)
    return correlation


def _root(matrix: Matrix) -> Matrix:
    """Return a factor whose product with its transpose is the matrix."""
    values, vectors = np.linalg.eigh(matrix)
    root: Matrix = vectors * np.sqrt(np.maximum(values, 0.0))
    return root


def _by_chance(values: NDArray[np.float64]) -> float:
    """Return the mean squared distance by chance, per unit of ``1/m + 1/n``."""
    sums = values[:, None] + values[None, :]
    terms = np.where(sums > 0, values[:, None] * values[None, :] / np.where(sums > 0, sums, 1.0), 0.0)
    return max(0.0, float(terms.sum()) / 2 - len(values) / 4)
