"""Time whylogs making profiles of two Parquet files; run by its own interpreter, see ``benchmarks.peers``."""

from __future__ import annotations

import json
import sys
import time

import pandas as pd
import whylogs as why

frames = [pd.read_parquet(path) for path in sys.argv[1:3]]
why.log(frames[0].head(100))
began, cpu = time.perf_counter(), time.process_time()
views = [why.log(frame).profile().view() for frame in frames]
print(json.dumps({"seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}))
