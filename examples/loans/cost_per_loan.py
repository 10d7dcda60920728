"""What wrong decisions cost."""

from monitor.metrics.estimate import Estimate, undefined
from monitor.metrics.registry import metric
from monitor.profile.confusion import Confusion


@metric(kind="performance", reads="confusion", unit="EUR", worse="higher", tasks=("binary",), ideal=0.0)
def cost_per_loan(confusion: Confusion) -> Estimate:
    """Average cost of a decision: 1000 for a default that was let through, 600 for a customer turned away."""
    if not confusion.n:
        return undefined("no labelled rows")
    cost = 1000 * confusion.false_negative + 600 * confusion.false_positive
    return Estimate(cost / confusion.n, n=confusion.n)
