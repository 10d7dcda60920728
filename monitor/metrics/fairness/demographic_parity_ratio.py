"""Smallest selection rate of any group over the largest."""

from __future__ import annotations

from monitor.metrics.disparity import Group, Groups, ratio
from monitor.metrics.estimate import Estimate
from monitor.metrics.rate import SELECTION
from monitor.metrics.registry import metric


@metric(
    kind="fairness",
    reads="groups",
    unit="ratio",
    worse="farther",
    tasks=("binary",),
    per_class=True,
    ground_truth=False,
    ideal=1.0,
    limits=(0.0, None),
)
def demographic_parity_ratio(groups: Groups, against: Group | None = None) -> Estimate:
    """Smallest selection rate of any group over the largest.

    The selection rate is the share predicted positive; 1 means that all groups have the same, and
    the four-fifths rule asks for 0.8. Needs no ground truth: equal shares, whatever the truth. It
    is the gap to watch when the decision hands out a good.

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
        once (see :mod:`monitor.metrics.gaps`). Undefined when fewer than two groups have
        predictions; the others are left out. Undefined, too, when the selection rate divided by is
        0.

    Notes
    -----
    Source: Agarwal et al., "A Reductions Approach to Fair Classification", ICML 2018;
    ``fairlearn.metrics.demographic_parity_ratio``.

    Examples
    --------
    >>> import numpy as np
    >>> from monitor.profile.confusion import Confusion
    >>> none = np.zeros(2, np.int64)
    >>> a = Confusion(("0", "1"), np.array([[40, 10], [20, 30]]), none, none, positive="1")
    >>> b = Confusion(("0", "1"), np.array([[45, 5], [25, 25]]), none, none, positive="1")
    >>> gap = demographic_parity_ratio({("a",): a, ("b",): b})
    >>> round(gap.value, 3), round(gap.low, 3), round(gap.high, 3)
    (0.75, 0.512, 1.0)
    >>> round(demographic_parity_ratio({("a",): a, ("b",): b}, against=("a",)).value, 3)
    0.75
    """
    return ratio(groups, against, SELECTION)
