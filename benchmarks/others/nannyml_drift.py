"""Time NannyML's univariate drift of two Parquet files; run by its own interpreter, see ``benchmarks.peers``.

Its defaults: Jensen-Shannon alone, in ten chunks. That texts are categories is said, as its documentation advises.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import pandas as pd

warnings.simplefilter("ignore")
import nannyml  # noqa: E402

frames = [pd.read_parquet(path) for path in sys.argv[1:3]]
names = list(frames[0].columns)
texts = [name for name in names if name.startswith("text")]


def drift(reference: pd.DataFrame, current: pd.DataFrame) -> None:
    calculator = nannyml.UnivariateDriftCalculator(column_names=names, treat_as_categorical=texts, chunk_number=10)
    calculator.fit(reference)
    calculator.calculate(current)


drift(*(frame.head(1_000) for frame in frames))
began, cpu = time.perf_counter(), time.process_time()
drift(*frames)
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
