"""Speed of eight metrics over twelve groups, beside fairlearn's MetricFrame, in one run on one machine.

``python -m benchmarks.fairness [--rows 1000000]``: a binary model's decisions, ground truth and a group column. Ours
gives every metric with its interval where it has one, and all gaps; fairlearn gives the values by group alone.
"""

from __future__ import annotations

import argparse
import sys
import warnings
from collections.abc import Callable

import numpy as np
import pandas as pd
from fairlearn.metrics import MetricFrame, count, false_negative_rate, false_positive_rate, selection_rate
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score

import monitor
from benchmarks.figures import at_least, record
from benchmarks.stopwatch import best
from monitor.service.comparing.compared import Compared

GROUPS, BAR = 12, 1000
PEERS: dict[str, Callable[..., float]] = {
    "accuracy": accuracy_score, "precision": precision_score, "recall": recall_score, "f1": f1_score,
    "selection_rate": selection_rate, "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate, "count": count,
}  # fmt: skip


def draw(rows: int) -> pd.DataFrame:
    """Make decisions that are right four times in five."""
    rng = np.random.default_rng(1)
    target = (rng.random(rows) < 0.3).astype(int)
    prediction = np.where(rng.random(rows) < 0.8, target, 1 - target)
    group = np.array([f"g{i:02}" for i in range(GROUPS)])[rng.integers(0, GROUPS, rows)]
    return pd.DataFrame({"prediction": prediction, "target": target, "group": group})


def ours(rows: pd.DataFrame) -> Compared:
    return monitor.compare(rows.head(1_000), rows, numeric=[], categorical=[], groups=["group"], exclude=["group"])


def theirs(rows: pd.DataFrame) -> pd.DataFrame:
    found = MetricFrame(
        metrics=PEERS, y_true=rows["target"], y_pred=rows["prediction"], sensitive_features=rows["group"]
    )
    by_group: pd.DataFrame = found.by_group
    return by_group


def agree(rows: pd.DataFrame) -> float:
    """Return the greatest difference between what both say of recall by group."""
    mine, other = ours(rows).to_pandas(), theirs(rows)
    recall = mine[(mine["metric"] == "recall") & mine["group"].notna()]
    pairs = [
        (value, other.loc[group["group"], "recall"])
        for value, group in zip(recall["value"], recall["group"], strict=True)
    ]
    assert len(pairs) == GROUPS
    return max(abs(a - b) for a, b in pairs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    rows = draw(asked.rows)
    gap = agree(rows.head(50_000))
    mine, other = best(lambda: ours(rows)).wall, best(lambda: theirs(rows), 1).wall
    print(f"{asked.rows:,} rows, {len(PEERS)} metrics, {GROUPS} groups; recall differs by at most {gap:.1e}\n")
    print("| | seconds |\n|---|---|")
    print(f"| monitor.compare: {len(ours(rows))} measurements, with intervals and gaps | {mine:.3f} |")
    print(f"| fairlearn MetricFrame: {len(PEERS) * GROUPS} values | {other:.2f} |")
    title = f"{len(PEERS)} metrics × {GROUPS} groups with intervals and gaps, beside fairlearn's MetricFrame"
    beside = f"{mine:.3f} s, fairlearn {other:.1f} s"
    if asked.rows >= 1_000_000:
        record("fairness", [at_least(title, other / mine, BAR, beside)])
    print(f"\n{other / mine:.0f} × faster (bar: {BAR} × at 1,000,000 rows)")
    return 0 if other / mine >= BAR or asked.rows < 1_000_000 else 1


if __name__ == "__main__":
    sys.exit(main())
