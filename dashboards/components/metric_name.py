"""A metric's name with what it means: the first sentence of its docstring, its unit, its good direction."""

from __future__ import annotations

from functools import cache

import dash_mantine_components as dmc
from dash import html

from monitor.metrics import registered
from monitor.metrics.registry import Metric

GOOD = {"higher": "Lower is better.", "lower": "Higher is better.", "farther": "Nearer to the ideal is better."}
SHORT = {
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "f1_macro": "F1 macro",
    "r2": "R²",
    "psi": "PSI",
    "map@k": "MAP",
    "roc_auc_macro": "ROC AUC macro",
}


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
    >>> label("roc_auc"), label("mean_absolute_error"), label("ndcg@5")
    ('ROC AUC', 'mean absolute error', 'ndcg@5')
    """
    return SHORT.get(name) or name.replace("_", " ")


def unit(name: str) -> str:
    """Return a metric's unit, nothing when it has none."""
    known = known_metric(name)
    return known.unit if known is not None else ""
