"""Chi-square statistic of homogeneity."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from monitor.metrics.homogeneity import chi_square
from monitor.metrics.registry import metric


@metric(kind="drift", reads="coarse20", unit="", worse="higher", ideal=0.0, limits=(0.0, None))
def chi_square_statistic(reference: NDArray[np.int64], current: NDArray[np.int64]) -> float | None:
    """Pearson's chi-square statistic of whether both sides come from one distribution.

    Of the table with one row for the reference, one for the current rows, and a column per bin that is not empty on
    both sides. Both sides count as samples. No correction for continuity.

    Parameters
    ----------
    reference, current : int64 array, shape (bins,)
        Rows per bin, the same bins in the same order: about 20 of equal reference mass for a number, missing included.

    Returns
    -------
    float or None
        0 or more; without drift about the number of bins less one. None when either side has no rows.

    Raises
    ------
    ShapeError
        The two histograms differ in shape.

    Notes
    -----
    As ``scipy.stats.chi2_contingency(table, correction=False)``. It grows with the rows: compare ``cramers_v`` instead.
    Source: Pearson, "On the criterion that a given system of deviations …", 1900.

    Examples
    --------
    >>> round(chi_square_statistic(np.array([500, 500]), np.array([70, 30])), 3)
    14.565
    """
    result = chi_square(reference, current)
    return None if result is None else result[0]
