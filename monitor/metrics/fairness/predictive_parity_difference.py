"""Largest minus smallest precision of any group."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, difference
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import PRECISION
from monitor.metrics.registry import metric


@metric(
    kind="fairness",
    reads="groups",
    unit="share",
    worse="farther",
    tasks=("binary",),
    per_class=True,
    ideal=0.0,
    limits=(-1.0, 1.0),
)
def predictive_parity_difference(groups: Groups, against: Group | None = None) -> Estimate:
    """Largest minus smallest precision of any group.

    The precision is the share of positive predictions that are right; 0 means that all groups have
    the same. Does a positive prediction mean as much in every group? With unequal base rates it
    cannot hold together with equal error rates.

    Parameters
    ----------
    groups : mapping of group to Confusion
        The groups to compare; with ``against`` exactly that one and one other.
    against : tuple of str or None, optional
        A reference group: then the other group's rate minus this one's.

    Returns
    -------
    Estimate
        A share, 0 to 1; against a reference group from -1 to 1, negative when that group has the
        larger precision. Its interval holds for all pairs of groups at once (see
        :mod:`monitor.metrics.gaps`). Undefined when fewer than two groups have rows predicted
        positive; the others are left out.

    Notes
    -----
    Source: Chouldechova, "Fair Prediction with Disparate Impact", Big Data 5, 2017;
    ``MetricFrame(metrics=precision_score).difference()`` of fairlearn.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = predictive_parity_difference({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.083, 0.0, 0.262)
    >>> round(predictive_parity_difference({("a",): a, ("b",): b}, against=("a",)).value, 3)
    0.083
    """
    return difference(groups, against, PRECISION)
