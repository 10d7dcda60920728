"""P-value of the chi-square test of homogeneity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.homogeneity import chi_square, chi_square_tail
from monitor.metrics.registry import metric


@metric(kind="drift", reads="coarse20", unit="probability", worse="lower", ideal=1.0, limits=(0.0, 1.0))
def chi_square_pvalue(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Probability of so large a chi-square statistic if nothing has changed.

    The two-sample test of homogeneity: both sides are random, so the statistic of the 2×k table has ``k - 1`` degrees
    of freedom, k the bins that are not empty on both sides.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order: about 20 of equal reference mass for a number, missing included.

    Returns
    -------
    float or None
        From 0 to 1. None when either side has no rows.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Notes
    -----
    As ``scipy.stats.chi2_contingency(table, correction=False)``. A test that takes the reference for exact, as
    Evidently 0.7 does, calls 48 % of undrifted columns drifted at 10 categories and 1000 rows on either side. With
    hundreds of rare categories this one too is too small, so alarms rest on ``drift_pvalue``, which joins rare bins
    first.

    Examples
    --------
    >>> round(chi_square_pvalue(np.array([500, 500]), np.array([60, 40])), 4)
    0.0565
    """
    result = chi_square(reference, current)
    return None if result is None else chi_square_tail(*result)
