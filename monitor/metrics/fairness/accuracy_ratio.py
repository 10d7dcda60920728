"""Smallest accuracy of any group over the largest."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, ratio
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import ACCURACY
from monitor.metrics.registry import metric


@metric(
    kind="fairness",
    reads="groups",
    unit="ratio",
    worse="farther",
    tasks=("binary", "multiclass"),
    ideal=1.0,
    limits=(0.0, None),
)
def accuracy_ratio(groups: Groups, against: Group | None = None) -> Estimate:
    """Smallest accuracy of any group over the largest.

    The accuracy is the share of predictions that are right; 1 means that all groups have the same,
    and the four-fifths rule asks for 0.8. For any number of classes. Equal accuracy may hide
    unequal kinds of error.

    Parameters
    ----------
    groups : mapping of group to Confusion
        The groups to compare; with ``against`` exactly that one and one other.
    against : tuple of str or None, optional
        A reference group: then the other group's rate over this one's.

    Returns
    -------
    Estimate
        0 to 1; against a reference group 0 or more. Its interval holds for all pairs of groups at
        once (see :mod:`monitor.metrics.gaps`). Undefined when fewer than two groups have rows with
        target and prediction; the others are left out. Undefined, too, when the accuracy divided by
        is 0.

    Notes
    -----
    Source: Berk et al., "Fairness in Criminal Justice Risk Assessments", 2018;
    ``fairlearn.metrics.accuracy_score_ratio``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = accuracy_ratio({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (1.0, 0.833, 1.0)
    >>> round(accuracy_ratio({("a",): a, ("b",): b}, against=("a",)).value, 3)
    1.0
    """
    return ratio(groups, against, ACCURACY)
