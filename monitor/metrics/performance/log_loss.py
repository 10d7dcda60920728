"""Log loss."""

from __future__ import annotations

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.means import positive_mean
from monitor.metrics.reasons import NO_PROBABILITIES, NO_SCORED_TARGET
from monitor.metrics.registry import metric
from monitor.profile.scores import LogLoss


@metric(
    kind="performance",
    reads="log_loss",
    unit="nat",
    worse="higher",
    tasks=("binary", "multiclass"),
    ideal=0.0,
    limits=(0.0, None),
)
def log_loss(log_loss: LogLoss) -> Estimate:
    """Mean surprise of the model at what came true.

    The mean of minus the natural logarithm of the probability given to the class that came true. A sure answer that is
    wrong costs up to 36, as probabilities are clipped to 2.2e-16 from 0 and 1.

    Parameters
    ----------
    log_loss : LogLoss
        Rows of one group with a target and a probability for it, and their sums.

    Returns
    -------
    Estimate
        Nats, 0 or more; ``n`` counts the rows with ground truth and a probability for it. Undefined without such rows,
        and for scores that are not probabilities. The interval is Student's on the logarithm; none below two rows.

    Notes
    -----
    Where the rarer class has fewer than about ten rows the interval is too narrow: it cannot know of big surprises that
    have not come yet. Source: Good, "Rational decisions", 1952.

    Examples
    --------
    >>> from monitor.profile.scores import LogLoss
    >>> e = log_loss(LogLoss(n=100, first=55.0, second=42.0, probabilities=True))
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.55, 0.486, 0.623, 100)
    """
    if log_loss.n and not log_loss.probabilities:
        return undefined(NO_PROBABILITIES, log_loss.n)
    return positive_mean(log_loss.n, log_loss.first, log_loss.second, reason=NO_SCORED_TARGET)
