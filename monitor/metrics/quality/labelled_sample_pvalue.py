"""Whether labelled rows are a fair sample: how probable their scores are by chance."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.kolmogorov import survival
from monitor.metrics.labelled import score_gap
from monitor.metrics.reasons import NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import Scores


@metric(
    kind="quality", reads="scores", unit="probability", worse="lower", tasks=("binary",), ideal=1.0, limits=(0.0, 1.0),
    ground_truth=True,
)  # fmt: skip
def labelled_sample_pvalue(scores: Scores) -> Estimate:
    """Probability of so large a gap if labelled rows were drawn from all rows at random.

    The two-sample Kolmogorov-Smirnov test of the scores of rows with and without ground truth.

    Parameters
    ----------
    scores : Scores
        Of one group in one window.

    Returns
    -------
    Estimate
        From 0 to 1; ``n`` is the labelled rows with a score. Undefined while no row is labelled, and when all are.

    Notes
    -----
    As ``scipy.stats.ks_2samp(method="asymp")`` where every score has a bin of its own, else a little larger.

    Examples
    --------
    >>> import numpy as np
    >>> early, late, none = np.array([0, 90, 10, 0]), np.array([0, 10, 90, 0]), np.zeros(4, np.int64)
    >>> scores = Scores(early, none, late, none > 0, 0.0, 0.0, 0.0, 0.0, np.zeros((3, 10)), True)
    >>> labelled_sample_pvalue(scores).value < 1e-9
    True
    """
    if not scores.n:
        return undefined(NO_SCORED_TARGET)
    late = scores.scored - scores.n
    if not late:
        return undefined("all rows have ground truth", scores.n)
    effective = max(1, round(scores.n * late / scores.scored))
    return Estimate(survival(score_gap(scores), effective), n=scores.n)
