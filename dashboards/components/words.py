"""Words: texts of the service as a page says them."""

from __future__ import annotations

import re
from functools import cache

from dashboards.components.metric_name import label
from monitor.metrics import registered


def capital(text: str) -> str:
    """Return a text with its first letter large.

    Examples
    --------
    >>> capital("drift: aGe")
    'Drift: aGe'
    """
    return text[:1].upper() + text[1:]


def worded(text: str) -> str:
    """Return a text with the metrics in it called as people call them.

    Examples
    --------
    >>> worded("performance: roc_auc; kolmogorov_smirnov_statistic of my_roc_auc")
    'performance: ROC AUC; Kolmogorov–Smirnov statistic of my_roc_auc'
    """
    return _metrics().sub(lambda found: label(found[0]), text)


@cache
def _metrics() -> re.Pattern[str]:
    names = sorted((re.escape(name) for name in registered() if "_" in name), key=len, reverse=True)
    return re.compile(rf"\b(?:(?:estimated_)?(?:{'|'.join(names)})|(?:map|mrr|ndcg)@\d+)\b")
