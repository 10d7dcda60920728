"""Time NannyML's univariate drift of two Parquet files; run by its own interpreter, see ``benchmarks.peers``."""

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
began, cpu = time.perf_counter(), time.process_time()
calculator = nannyml.UnivariateDriftCalculator(
    column_names=names,
    treat_as_categorical=texts,
    chunk_number=10,
    continuous_methods=["jensen_shannon", "kolmogorov_smirnov", "wasserstein"],
    categorical_methods=["jensen_shannon", "chi2"],
)
calculator.fit(frames[0])
calculator.calculate(frames[1])
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
