"""Late ground truth of a reference."""

import numpy as np
import pyarrow as pa

from monitor.domain.model import Model
from monitor.profile.build import build
from monitor.profile.freezer import freeze
from monitor.profile.late import with_late_truth
from monitor.profile.reading import Reading

MODEL = Model(
    "m", "binary", {"column:x": "numeric", "prediction": "categorical", "target": "categorical"},
    roles=frozenset({"prediction", "target"}),
)  # fmt: skip


def batch(x, target):
    """Return rows with a feature, a prediction and what came true."""
    decided = np.arange(len(x)) % 2
    return pa.RecordBatch.from_pydict({"column:x": x, "prediction": decided, "target": pa.array(target, pa.int64())})


def test_target_follows_and_features_stay():
    """Labels that come after the freezing count in the target's histogram; features stay as they were frozen."""
    early, later = batch([1.0, 2.0, 3.0], [None, None, None]), batch([1.0, 2.0, 9.0], [1, 0, 1])
    layout = freeze(MODEL, [early])
    merged = Reading(layout, with_late_truth(layout, build(layout, [early]), build(layout, [later])))
    target = merged.histogram("target")
    assert dict(zip(target.bins.categories, target.counts.tolist(), strict=False)) == {"0": 1, "1": 2}
    assert target.unseen == 0
    assert merged.histogram("column:x").maximum == 3.0
    assert merged.histogram("column:x").out_of_range == 0
    assert merged.rows.labelled == 3


def test_regression_target_moves_with_its_spread():
    """A numeric target's mean is that of the labels known now, over all of the frozen columns' own."""
    model = Model("m", "regression", {"column:x": "numeric", "target": "numeric"}, roles=frozenset({"target"}))
    rows = [
        pa.RecordBatch.from_pydict({"column:x": [1.0, 2.0], "target": pa.array(t)}) for t in ([5.0, None], [5.0, 7.0])
    ]
    layout = freeze(model, rows[:1])
    merged = Reading(layout, with_late_truth(layout, build(layout, rows[:1]), build(layout, rows[1:])))
    assert merged.histogram("target").mean == 6.0
    assert merged.histogram("target").n == 2
    assert merged.histogram("column:x").mean == 1.5
