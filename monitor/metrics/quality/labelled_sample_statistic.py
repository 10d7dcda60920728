"""Whether labelled rows are a fair sample: how far their scores lie from the others'."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.labelled import score_gap
from monitor.metrics.reasons import NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores


@metric(
    kind="quality", reads="scores", unit="share", worse="higher", tasks=("binary",), ideal=0.0, limits=(0.0, 1.0),
    ground_truth=True,
)  # fmt: skip
def labelled_sample_statistic(scores: Scores) -> Estimate:
    """Largest gap between the score distributions of rows with and without ground truth.

    0 means that labelled rows are a fair sample of all rows as far as the score tells. Early labels seldom are:
    chargebacks come first and are all positive, so performance on them says little about the rest.

    Parameters
    ----------
    scores : Scores
        Of one group in one window.

    Returns
    -------
    Estimate
        From 0 to 1: the Kolmogorov-Smirnov statistic between the two; ``n`` is the labelled rows with a score.
        Undefined while no row is labelled, and when all are.

    Examples
    --------
    >>> import numpy as np
    >>> some, none = np.array([0, 2, 2, 0]), np.zeros(4, np.int64)
    >>> late = np.array([0, 4, 0, 0])
    >>> scores = Scores(some, none, late, none > 0, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), True)
    >>> labelled_sample_statistic(scores).value
    0.5
    """
    if not scores.n:
        return undefined(NO_SCORED_TARGET)
    if scores.n == scores.scored:
        return undefined("all rows have ground truth", scores.n)
    return Estimate(score_gap(scores), n=scores.n)
