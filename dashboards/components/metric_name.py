"""A metric's name with what it means: the first sentence of its docstring, its unit, its good direction."""

from __future__ import annotations

from functools import cache

import dash_mantine_components as dmc
from dash import html

from dashboards.components.number import digits
from monitor.metrics import registered
from monitor.metrics.registry import Metric

GOOD = {"higher": "Lower is better.", "lower": "Higher is better.", "farther": "Nearer to the ideal is better."}
SHORT = {
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "f1_macro": "F1 macro",
    "r2": "R²",
    "psi": "PSI",
    "roc_auc_macro": "ROC AUC macro",
    "brier_score": "Brier score",
    "cramers_v": "Cramér's V",
    "hellinger_distance": "Hellinger distance",
    "jensen_shannon_distance": "Jensen–Shannon distance",
    "kolmogorov_smirnov_pvalue": "Kolmogorov–Smirnov p-value",
    "kolmogorov_smirnov_statistic": "Kolmogorov–Smirnov statistic",
    "kullback_leibler_divergence": "Kullback–Leibler divergence",
    "wasserstein_distance": "Wasserstein distance",
    "wasserstein_distance_normed": "Wasserstein distance, normed",
    "wasserstein_distance_robust": "Wasserstein distance, robust",
}
LEAST = 1e-9  # a chance below it is told as below it


def metric_name(name: str, *, words: str | None = None) -> dmc.Tooltip:
    """Return a metric's name that explains itself under the pointer and the keyboard's focus."""
    return dmc.Tooltip(
        html.Span(words or label(name), className="explained", tabIndex=0),
        label=meaning(name),
        boxWrapperProps={"component": "span", "display": "inline-block"},
        multiline=True,
        w=280,
        openDelay=300,
        withArrow=True,
        events={"hover": True, "focus": True, "touch": True},
    )


@cache
def meaning(name: str) -> str:
    """Return what a metric means in a sentence or three; of a metric that nobody registered its name.

    Examples
    --------
    >>> meaning("accuracy").endswith("Higher is better.")
    True
    """
    known = known_metric(name)
    if known is None:
        return name
    said = [known.title]
    said += [f"Unit: {known.unit}."] if known.unit else []
    said += [GOOD[known.worse]] if known.worse in GOOD else []
    lead = "Estimated before ground truth is there. " if name.startswith("estimated_") else ""
    return lead + " ".join(said)


def known_metric(name: str) -> Metric | None:
    """Return the metric of that name, of an estimate the one that is estimated, of ``ndcg@5`` the one at k."""
    known = registered()
    bare = name.removeprefix("estimated_")
    return known.get(name) or known.get(bare) or known.get(f"{bare.partition('@')[0]}@k")


@cache
def label(name: str) -> str:
    """Return a metric's name as people write it.

    Examples
    --------
    >>> label("estimated_roc_auc"), label("mean_absolute_error"), label("ndcg@5"), label("drift_pvalue")
    ('estimated ROC AUC', 'mean absolute error', 'NDCG@5', 'drift p-value')
    """
    if name.startswith("estimated_"):
        return f"estimated {label(name.removeprefix('estimated_'))}"
    base, at, places = name.partition("@")
    if base in ("map", "mrr", "ndcg"):
        return f"{base.upper()}{at}{places}"
    return SHORT.get(name) or name.replace("_", " ").replace("pvalue", "p-value")


def measured(name: str, value: float | None) -> str:
    """Return a metric's value in digits that mean something: of a share four behind the point, of a chance its order.

    Examples
    --------
    >>> measured("drift_effect", 0.000163), measured("drift_pvalue", 3e-39), measured("drift_pvalue", 0.000843)
    ('0.0002', '< 1e−9', '0.00084')
    """
    if value is not None and name.endswith("pvalue"):
        return "< 1e−9" if value < LEAST else digits(value, 2)
    known = known_metric(name)
    bounded = known is not None and known.unit in ("share", "probability", "score", "ratio", "correlation")
    return digits(round(value, 4) if bounded and value is not None else value)


def unit(name: str) -> str:
    """Return a metric's unit, nothing when it has none."""
    known = known_metric(name)
    return known.unit if known is not None else ""
