"""Mean absolute percentage error."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate
from monitor.metrics.means import positive_mean
from monitor.metrics.reasons import without_residuals
from monitor.metrics.registry import metric
from monitor.profile.residuals import Residuals


@metric(
    kind="performance",
    reads="residuals",
    unit="share",
    worse="higher",
    tasks=("regression",),
    ideal=0.0,
    limits=(0.0, None),
)
def mean_absolute_percentage_error(residuals: Residuals) -> Estimate:
    """Mean distance between prediction and target as a share of the target.

    The mean of ``|error / target|``: 0.1 is ten per cent. Rows whose target is 0 are skipped, and ``n`` says so.

    Parameters
    ----------
    residuals : Residuals
        Sums over the labelled rows of one group, of the errors ``prediction - target`` and the targets.

    Returns
    -------
    Estimate
        A share, 0 or more, not a percentage. ``n`` counts the rows with a prediction and a target that is not 0;
        undefined without such rows. The interval is Student's on the logarithm; none below two rows.

    Notes
    -----
    scikit-learn does not skip targets of 0 but divides by 2.2e-16, which gives a huge number. Targets near 0 rule the
    mean: the symmetric one is calmer.

    Examples
    --------
    >>> import numpy as np
    >>> power, none = np.zeros((5, 5)), np.zeros(3)
    >>> power[0, 0] = 100
    >>> e = mean_absolute_percentage_error(
    ...     Residuals(power, 190.0, np.array([98, 12.0, 4.0]), none, none, none, 9.0, 0.0, unlabelled=0, unusable=0)
    ... )
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.122, 0.094, 0.16, 98)
    """
    known, total, squares = residuals.relative.tolist()
    reason = "all targets are 0" if residuals.n else without_residuals(residuals)
    return positive_mean(int(known), total, squares, reason=reason)
