"""The metric that a model is known by."""

from __future__ import annotations

from monitor.config import ModelConfig


def key_metric(model: ModelConfig) -> str:
    """Return the metric that the file names as key, else the task's own.

    ``roc_auc`` with a score, else ``f1``; ``f1_macro``; ``mean_absolute_error``; ``ndcg@k`` at the first ``k``.
    """
    if model.key_metric is not None:
        return model.key_metric
    if model.task == "binary":
        return "roc_auc" if model.source.predictions.score is not None else "f1"
    if model.task == "multiclass":
        return "f1_macro"
    return "mean_absolute_error" if model.task == "regression" else f"ndcg@{model.ranking.k[0]}"
